"""The avatar's traits: what Python and the page both see, and the one way to change them."""

from __future__ import annotations

import pathlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import anywidget
import traitlets as t

from ..client.callbacks import CallbackThread
from ..core.quality import CHOICES
from ..core.validate import require_known
from ..errors import MissingPart

STATIC = pathlib.Path(__file__).parent.parent / "static"


def built(name: str) -> str:
    """A part of the front end.

    Raises:
        MissingPart: It is not built.
    """
    path = STATIC / name
    if not path.exists():
        raise MissingPart(f"The front end is not built: {name} is missing.", "Run `make build`.")
    return path.read_text(encoding="utf-8")


class _Writing(threading.local):
    active = False


_writing = _Writing()


@contextmanager
def _own_change() -> Iterator[None]:
    """What this thread changes meanwhile is our doing, not the user's."""
    before, _writing.active = _writing.active, True
    try:
        yield
    finally:
        _writing.active = before


class DeferredObservers(t.HasTraits):
    """Calls users' observers of what *we* change on a thread of their own.

    Values change at once, and the page is told at once; an observer that waits, raises or takes a
    lock holds up nothing but the observers behind it. What the user or the page changes calls them
    in that thread, as with every widget. Stands behind the widget's classes in the method order,
    so that only the observers are put off.
    """

    _callbacks: CallbackThread

    def notify_change(self, change: Any) -> None:
        """Call the observers of `change`, now or soon."""
        if _writing.active:
            self._callbacks.submit(lambda: super(DeferredObservers, self).notify_change(change))
        else:
            super().notify_change(change)


class AvatarTraits(anywidget.AnyWidget, DeferredObservers):
    """The traits. Those that tell are read-only to the user; the others work both ways.

    Attributes:
        status: `idle`, `starting`, `live`, `reconnecting`, `stopping`, `ended` or `failed`.
        status_text: One line on it.
        speaking: Whether a speech is being heard.
        caption: The words that are being spoken, empty between speeches.
        transcript: `{"speech", "text", "state"}` of each speech, the last 200.
        session_id: The session's id here; a service has another of its own.
        error: `{"what", "fix"}` of what went wrong, empty while nothing has.
        stats: Numbers by name; the documentation of the traits has them all.
        usage: `{"seconds", "credits"}` of a paid session so far.
        provider: Who is behind it.
        character: Who is shown.
        stream: What its picture comes by: `host` (a connection to this machine), or a service's
            `livekit` or `whep`.
        playback: What a page last said of playing: `playing`, `sound-blocked`, `paused`,
            `waiting` or `failed`; empty while no page has said anything.
        notices: Sentences the user should not miss, the last 20.
        muted: Whether its sound is off.
        volume: 0 to 1.
        captions_on: Whether what is said is shown under the face.
        badge: Whether the small "AI" badge is shown.
        width: In pixels; 0 fills the cell up to 720.
        quality: `low`, `medium`, `high` or `auto`.
    """

    _esm = built("widget.js")
    _css = built("widget.css")

    status = t.Unicode("idle", read_only=True).tag(sync=True)
    status_text = t.Unicode("", read_only=True).tag(sync=True)
    speaking = t.Bool(False, read_only=True).tag(sync=True)
    caption = t.Unicode("", read_only=True).tag(sync=True)
    transcript = t.List(t.Dict(), read_only=True).tag(sync=True)
    session_id = t.Unicode("", read_only=True).tag(sync=True)
    error = t.Dict({}, read_only=True).tag(sync=True)
    stats = t.Dict({}, read_only=True).tag(sync=True)
    usage = t.Dict({}, read_only=True).tag(sync=True)
    provider = t.Unicode("embedded", read_only=True).tag(sync=True)
    character = t.Unicode("", read_only=True).tag(sync=True)
    stream = t.Unicode("host", read_only=True).tag(sync=True)
    playback = t.Unicode("", read_only=True).tag(sync=True)
    notices = t.List(t.Unicode(), read_only=True)

    muted = t.Bool(False).tag(sync=True)
    volume = t.Float(1.0, min=0.0, max=1.0).tag(sync=True)
    captions_on = t.Bool(True).tag(sync=True)
    badge = t.Bool(True).tag(sync=True)
    width = t.Int(0, min=0).tag(sync=True)
    quality = t.Unicode("medium").tag(sync=True)

    def __init__(self, callbacks: CallbackThread, **values: Any) -> None:
        # Traits are set by the user's thread, the page's messages and the host's events.
        self._lock = threading.RLock()
        self._callbacks = callbacks
        super().__init__(**values)

    @t.validate("quality")
    def _check_quality(self, proposal: dict[str, Any]) -> str:
        require_known("quality", proposal["value"], CHOICES)
        return cast(str, proposal["value"])

    def set_traits(self, **values: object) -> None:
        """Set traits, those that are read-only to the user too, in one message to the page."""
        with self._lock, _own_change(), self.hold_sync():
            for name, value in values.items():
                self.set_trait(name, value)
