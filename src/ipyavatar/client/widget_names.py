"""What an `Avatar` has in its page, and a session has not: named where a script asks for it."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping

from ..core.near_miss import no_attribute, public_names
from ..errors import InvalidArgument

_SHOWN = "a script has no page, where it would count"

WIDGET_NAMES: Mapping[str, str] = {
    **dict.fromkeys(("muted", "volume", "captions_on", "badge", "width", "floating"), _SHOWN),
    **dict.fromkeys(("save_transcript", "playback", "carrier", "stream", "progress"), _SHOWN),
    "notices": "observe() hears them, as Noticed; else they are in the log",
    "listening": "what listen() returns has a state",
    "quality": "change_quality() sets it",
    "character": "the keyword character= chooses it",
    "session_id": "id has it",
    "talks": "responder is what answers",
}
"""Why a session has none of it, or what has it there."""


def refuse_widget_keywords(given: Iterable[str], taken: Collection[str]) -> None:
    """Raise for what only a widget is made with.

    Raises:
        InvalidArgument: One of `given` is, and is not among `taken`.
    """
    for name in given:
        if WIDGET_NAMES.get(name) == _SHOWN and name not in taken:
            what = f"{name}= is the widget's: {_SHOWN}."
            raise InvalidArgument(what, "Leave it out, or use Avatar.")


def refuse_to_set(name: str) -> None:
    """Raise where a widget has an attribute of that name, or nearly that.

    Raises:
        InvalidArgument: It has.
    """
    close = difflib.get_close_matches(name, WIDGET_NAMES, n=1, cutoff=0.8)
    if close:
        what = f"{name} cannot be set: {close[0]} is the widget's; {WIDGET_NAMES[close[0]]}."
        raise InvalidArgument(what, "Leave it out, or use Avatar.")


class NoWidget:
    """Where a script asks for what only a widget has, the error says what has it there."""

    def __getattr__(self, name: str) -> object:
        what = f"{type(self).__name__!r} object has no attribute {name!r}"
        if name in WIDGET_NAMES:
            what = f"{what}: it is the widget's; {WIDGET_NAMES[name]}"
        raise no_attribute(what, name, () if name in WIDGET_NAMES else public_names(self))
