"""The avatar's traits: what Python and the page both see, and the one way to change them."""

from __future__ import annotations

import pathlib
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NoReturn

import anywidget
import traitlets as t

from ..client.callbacks import CallbackThread
from ..client.session import AvatarSession
from ..core.near_miss import guess_name, no_attribute, public_names
from ..core.secret import hide_key, show_key
from ..core.uninterrupted import run_uninterrupted
from ..errors import MissingPart, UnknownName, type_name
from ..providers.options import all_keywords
from .frontends import FrontEnd
from .trait_types import (
    CountedUsage,
    Following,
    InvalidTrait,
    Pixels,
    Share,
    Size,
    Switch,
    UnknownTraitName,
)

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


TEXT_CHARACTERS = 500
ENTRY_CHARACTERS = 80
TRANSCRIPT_CHARACTERS = 20_000
"""Of one text, besides the text, and of all: the transcript as pages get it."""

SAID = frozenset({"caption", "transcript"})
"""Traits that have the words: our page does not need them, it is told by messages."""

NUMBERS = frozenset({"stats", "usage"})
"""Traits that change while nothing happens."""


class _Writing(threading.local):
    active = False


_writing = _Writing()


@contextmanager
def own_change() -> Iterator[None]:
    """What this thread changes meanwhile is our doing, not the user's."""
    before, _writing.active = _writing.active, True
    try:
        yield
    finally:
        _writing.active = before


class DeferredObservers(t.HasTraits):
    """Calls users' observers of what *we* change on a thread of their own.

    Values change at once, and the page is told at once, also while the user holds notifications
    back; an observer that waits or takes a lock holds up nothing but the observers behind it, one
    that raises not even those. What the user or the page changes calls them in that thread, as with
    every widget. Stands behind the widget's classes in the method order, so that only the observers
    are put off.
    """

    _callbacks: CallbackThread
    _front_end = FrontEnd()

    def notify_change(self, change: Any) -> None:
        """Call the observers of `change`, now or soon."""
        if not _writing.active:
            super().notify_change(change)
            return
        for observer in self._observers_of(change):
            self._callbacks.submit(partial(self._front_end.call, observer, change))

    def _notify_trait(self, name: str, old_value: Any, new_value: Any) -> None:
        if not _writing.active:
            super()._notify_trait(name, old_value, new_value)
            return
        # Not the instance's `notify_change`: that may be the one by which the user, or a message of
        # the page, holds notifications back, to take all back if one value is refused.
        change = t.Bunch(name=name, old=old_value, new=new_value, owner=self, type="change")
        type(self).notify_change(self, change)

    def _observers_of(self, change: Any) -> list[Callable[[Any], object]]:
        """Who is called for `change`: each by itself, so that one that raises stops no other."""
        found: list[Callable[[Any], object]] = []
        for name in (change["name"], t.All):
            by_type = self._trait_notifiers.get(name, {})
            for kind in (change["type"], t.All):
                for observer in by_type.get(kind, []):
                    own = isinstance(observer, t.ObserveHandler)  # a method with a decorator
                    found.append(getattr(self, observer.name) if own else observer)
        return found


def _shorten(transcript: list[dict[str, str]], widget: AvatarTraits) -> list[dict[str, str]]:
    """The transcript as pages get it: its newest speeches, and of long texts the beginning.

    It is sent with each change of each speech, and a server drops what is too much. What a page has
    is saved with the notebook, so it gets none unless the user wants that.
    """
    if not widget.save_transcript:
        return []
    newest: deque[dict[str, str]] = deque()
    room = TRANSCRIPT_CHARACTERS
    for entry in reversed(transcript):
        text = entry["text"]
        if len(text) > TEXT_CHARACTERS:
            text = f"{text[: TEXT_CHARACTERS - 1]}…"
        room -= len(text) + ENTRY_CHARACTERS
        if room < 0:
            break
        newest.appendleft({**entry, "text": text})
    return list(newest)


def _if_saved(caption: str, widget: AvatarTraits) -> str:
    """The caption as pages get it, where it may be saved."""
    return caption if widget.save_transcript else ""


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
            `livekit`, `whep` or `webrtc`.
        carrier: What carries the picture from this machine, where that is chosen: `webrtc`,
            `websocket`, `messages`, or `auto`. Which it is in a page is in `stats`, as `transport`.
        talks: Whether a responder answers what is typed.
        progress: How far a lesson is, in words; empty where there is none.
        listening: `off`, or `waiting` for a microphone, `listening`, `hearing` somebody.
        playback: What a page last said of playing: `playing`, `sound-blocked`, `paused`,
            `waiting` or `failed`; empty while no page has said anything.
        notices: Sentences the user should not miss, the last 20.
        muted: Whether its sound is off.
        volume: 0 to 1.
        captions_on: Whether what is said is shown under the face.
        badge: Whether the small "AI" badge is shown.
        width: In pixels; 0 fills the cell up to 720.
        floating: Whether a small picture stays in the corner of the page when the cell is scrolled
            out of sight: `auto` while it speaks, True always, False never.
        quality: `low`, `medium`, `high` or `auto`.
        save_transcript: Whether `transcript` and `caption` go to the page, where a notebook that
            is saved with the state of its widgets has them.
    """

    _esm = built("widget.js")
    _css = built("widget.css")

    status = t.Unicode("idle", read_only=True).tag(sync=True)
    status_text = t.Unicode("", read_only=True).tag(sync=True)
    speaking = t.Bool(False, read_only=True).tag(sync=True)
    caption = t.Unicode("", read_only=True).tag(sync=True, to_json=_if_saved)
    transcript = t.List(t.Dict(), read_only=True).tag(sync=True, to_json=_shorten)
    session_id = t.Unicode("", read_only=True).tag(sync=True)
    error = t.Dict({}, read_only=True).tag(sync=True)
    stats = t.Dict({}, read_only=True).tag(sync=True)
    usage = CountedUsage({}, read_only=True).tag(sync=True)
    provider = t.Unicode("embedded", read_only=True).tag(sync=True)
    character = t.Unicode("", read_only=True).tag(sync=True)
    stream = t.Unicode("host", read_only=True).tag(sync=True)
    carrier = t.Unicode("auto", read_only=True).tag(sync=True)
    talks = t.Bool(False, read_only=True).tag(sync=True)
    progress = t.Unicode("", read_only=True).tag(sync=True)
    listening = t.Unicode("off", read_only=True)
    playback = t.Unicode("", read_only=True).tag(sync=True)
    notices = t.List(t.Unicode(), read_only=True)

    muted = Switch(False).tag(sync=True)
    volume = Share(1.0).tag(sync=True)
    _sound_page = t.Unicode("").tag(
        sync=True
    )  # who moved them last; a page leaves alone what another moved
    captions_on = Switch(True).tag(sync=True)
    badge = Switch(True).tag(sync=True)
    width = Pixels(0).tag(sync=True)
    floating = Following("auto").tag(sync=True)
    quality = Size("medium").tag(sync=True)
    save_transcript = Switch(False)

    def __init__(self, callbacks: CallbackThread, **values: Any) -> None:
        # Traits are set by the user's thread, the page's messages and the host's events.
        self._lock = threading.RLock()
        self._callbacks = callbacks
        super().__init__(**values)

    @t.default("carrier")
    def _first_carrier(self) -> str:
        return str(self.__dict__.get("_transport", "auto"))

    @t.validate("muted", "volume")
    def _follow_python(self, proposal: dict[str, Any]) -> Any:
        """What Python sets is for all pages, also those that had set their own."""
        if self._sound_page and not _writing.active:
            self.set_traits(_sound_page="")
        return proposal["value"]

    @t.observe("save_transcript")
    def _send_said(self, _change: object) -> None:
        """Give pages the words, or take them back."""
        self.send_state(list(SAID))

    @classmethod
    def check_values(cls, **values: object) -> None:
        """Refuse what the traits would refuse.

        Raises:
            InvalidArgument: One of them cannot work.
        """
        for name, value in values.items():
            getattr(cls, name).validate(None, value)

    def __getattr__(self, name: str) -> Any:
        what = f"{type(self).__name__!r} object has no attribute {name!r}"
        if not name.startswith("_") and hasattr(AvatarSession, name):
            raise no_attribute(f"{what}. Its session has it: avatar.session.{name}", name, ())
        raise no_attribute(what, name, public_names(self))

    def __setattr__(self, name: str, value: Any) -> None:
        value = hide_key(value)
        if name in TOLD:
            _refuse_told(name)
        # A class of the user's may have attributes of any name.
        if type(self).__name__ == "Avatar" and not hasattr(self, name):
            _refuse_near_miss(name)
        super().__setattr__(name, value if name in CHOSEN else show_key(value))

    def observe(self, handler: Any, names: Any = t.All, type: Any = "change") -> None:
        """Have `handler` called with what changes, as traitlets does.

        Raises:
            InvalidTrait: It cannot be called, or there is no such trait: it never would be.
        """
        if not callable(handler):
            fix = 'Give the function first: avatar.observe(function, "status").'
            raise InvalidTrait(f"observe() takes no {type_name(handler)} to call.", fix)
        names = [names] if names is t.All or isinstance(names, str) else list(names)
        by_class = isinstance(handler, t.ObserveHandler)  # a decorator, in anybody's class
        for name in names:
            if isinstance(name, str) and not by_class and not self.has_trait(name):
                error = UnknownName.of("trait", hide_key(name), {*CHOSEN, *TOLD} - {"_sound_page"})
                raise UnknownTraitName(error.what, error.fix)
        super().observe(handler, names, type)

    def set_trait(self, name: str, value: Any) -> None:
        """Set a trait by its name. Those that are read-only stay so, for a page as well."""
        value = hide_key(value) if name in CHOSEN else value
        if name in TOLD and not _writing.active:
            _refuse_told(name)
        super().set_trait(name, value)

    def _should_send_property(self, key: str, value: object) -> bool:
        """Whether a page is told of the change; ipywidgets asks.

        Numbers change every second, and each message keeps the kernel from being culled: at rest
        they are for Python alone. The next ones that are sent make up for it.
        """
        if key in NUMBERS and not self._is_busy():
            return False
        if key in SAID and not self.save_transcript:
            return False
        return bool(super()._should_send_property(key, value))

    def _send(self, msg: dict[str, Any], buffers: Any = None) -> None:
        """Send this to the page, as the front end wants it; ipywidgets asks."""
        self._front_end.deliver(partial(super()._send, msg, buffers))

    def _is_busy(self) -> bool:
        """Whether something goes on that is no rest."""
        return self.speaking or self.status in ("starting", "reconnecting", "stopping")

    def on_heard(self, transcript: list[dict[str, str]]) -> None:
        """Somebody said something, and it is in the transcript, if it was understood."""
        self.set_traits(transcript=transcript)

    def set_traits(self, **values: object) -> None:
        """Set traits, those that are read-only to the user too, in one message to the page."""

        def set_all() -> None:
            with self._lock, own_change(), self.hold_sync():
                for name, value in values.items():
                    self.set_trait(name, value)

        run_uninterrupted(set_all)


TOLD = frozenset(name for name, one in AvatarTraits.class_own_traits().items() if one.read_only)
"""Traits that tell: only we set them."""

CHOSEN = frozenset(AvatarTraits.class_own_traits()) - TOLD
"""Traits that the user sets, too. None of them is text of any kind."""


def _refuse_told(name: str) -> NoReturn:
    fix = "Use the verbs, such as start(), speak() and stop()."
    if name in all_keywords() | {"provider"}:
        fix = f"Make another avatar, with {name}=."
    raise InvalidTrait(f"{name} cannot be set: it tells what is so.", fix)


def _refuse_near_miss(name: str) -> None:
    if name.startswith("_"):
        return
    # First among those that can be set: `captions` is nearer to what tells than to what is meant.
    for names in (CHOSEN, TOLD):
        meant = guess_name(name, names, cutoff=0.8)
        if meant:
            what = f"An avatar has no {name!r} to set; it would have no effect."
            raise InvalidTrait(what, meant)
