"""Who is told what happens in a session: the front end that shows it, and users' observers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol, cast

from ..core.guard import Guard
from ..core.log import get_logger
from ..core.speech import Speech
from ..core.validate import require_callable
from ..protocol import host as m
from ..protocol import page as p
from ..protocol.listening import Heard, ListeningUpdate
from .callbacks import CallbackThread

log = get_logger(__name__)

SessionReport = (
    p.Status | p.SpeechUpdate | p.Caption | ListeningUpdate | Heard | m.Noticed | m.UsageCounted
)
"""What an observer hears; see `AvatarSession.observe`."""

Observer = Callable[[SessionReport], object]


class SessionListener(Protocol):
    """The front end that shows a session. Called in order, under its lock: it must not wait."""

    def on_status(self, status: p.Status) -> None:
        """The status, its line for the user, or the error changed."""

    def on_speech(self, speech: Speech, update: p.SpeechUpdate) -> None:
        """A speech changed; the transcript has it already."""

    def on_caption(self, caption: p.Caption) -> None:
        """These words are being spoken from now on."""

    def on_listening(self, update: ListeningUpdate) -> None:
        """Whether Python listens, and somebody speaks."""

    def on_heard(self, transcript: list[dict[str, str]]) -> None:
        """Somebody said something, and it is in the transcript, if it was understood."""

    def on_stats(self, stats: Mapping[str, object]) -> None:
        """Numbers were measured."""

    def on_usage(self, usage: Mapping[str, float | None]) -> None:
        """What a paid session took so far changed."""

    def on_notice(self, notice: m.Noticed) -> None:
        """Something the user should know, that changes nothing by itself."""

    def on_options(self) -> None:
        """Another provider is behind it: its pictures come another way."""

    def on_progress(self, progress: str) -> None:
        """How far a lesson is, in words; empty where there is none. On any thread."""

    def on_new_host(self) -> None:
        """Another host is behind it: pages have to connect anew."""

    def on_page_message(self, message: p.FromPage) -> None:
        """A page said over its data channel what concerns the kernel."""

    def send_to_pages(self, message: p.ToPage, buffers: Sequence[bytes] = ()) -> None:
        """Send this by widget message."""


class NoListener:
    """A session without a front end."""

    def on_status(self, status: p.Status) -> None:
        """Nobody looks."""

    def on_speech(self, speech: Speech, update: p.SpeechUpdate) -> None:
        """Nobody looks."""

    def on_caption(self, caption: p.Caption) -> None:
        """Nobody looks."""

    def on_listening(self, update: ListeningUpdate) -> None:
        """Nobody looks."""

    def on_heard(self, transcript: list[dict[str, str]]) -> None:
        """Nobody looks."""

    def on_stats(self, stats: Mapping[str, object]) -> None:
        """Nobody looks."""

    def on_usage(self, usage: Mapping[str, float | None]) -> None:
        """Nobody looks."""

    def on_notice(self, notice: m.Noticed) -> None:
        """Nobody looks."""

    def on_options(self) -> None:
        """Nobody looks."""

    def on_progress(self, progress: str) -> None:
        """Nobody looks."""

    def on_new_host(self) -> None:
        """There are no pages."""

    def on_page_message(self, message: p.FromPage) -> None:
        """There are no pages."""

    def send_to_pages(self, message: p.ToPage, buffers: Sequence[bytes] = ()) -> None:
        """There are no pages."""


class _Guarded:
    """A front end whose errors end nothing: a session is in the middle of a step when it tells."""

    def __init__(self, listener: SessionListener) -> None:
        self._listener = listener
        self._guard = Guard("The front end failed", log, Exception)

    def __getattr__(self, name: str) -> Callable[..., None]:
        method = getattr(self._listener, name)

        def call(*arguments: Any) -> None:
            self._guard.run(partial(method, *arguments), name)

        return call


class Reports:
    """Passes on what happens: at once to the listener, on a thread of their own to observers."""

    def __init__(self, name: str) -> None:
        self._listener: SessionListener = NoListener()
        self.callbacks = CallbackThread(f"ipyavatar-callbacks-{name}")
        # No lock: what an observer leaves behind when it is taken out may call all of this again.
        # What dictionaries do is C, and done at one stroke.
        self._observers: dict[object, Observer] = {}
        self._closed = False

    @property
    def listener(self) -> SessionListener:
        """The front end; whatever it raises is logged, and ends nothing."""
        return self._listener

    @listener.setter
    def listener(self, listener: SessionListener) -> None:
        self._listener = cast(SessionListener, _Guarded(listener))

    def observe(self, callback: Observer) -> Callable[[], None]:
        """Have `callback` called with every report; returns what ends that.

        Raises:
            InvalidArgument: It cannot be called.
        """
        require_callable("observe()", callback)
        key = object()  # one callback may observe twice, and end once
        self._observers[key] = callback

        def end() -> None:
            self._observers.pop(key, None)

        return end

    def status(self, status: p.Status) -> None:
        """The status changed."""
        self.listener.on_status(status)
        self._tell_observers(status)

    def speech(self, speech: Speech, update: p.SpeechUpdate) -> None:
        """A speech changed."""
        self.listener.on_speech(speech, update)
        self._tell_observers(update)

    def caption(self, caption: p.Caption) -> None:
        """The caption changed."""
        self.listener.on_caption(caption)
        self._tell_observers(caption)

    def listening(self, update: ListeningUpdate) -> None:
        """Whether Python listens, or somebody speaks, changed."""
        self.listener.on_listening(update)
        self._tell_observers(update)

    def heard(self, heard: Heard, transcript: list[dict[str, str]]) -> None:
        """Somebody has said something; the transcript has it already."""
        self.listener.on_heard(transcript)
        self._tell_observers(heard)

    def usage(self, usage: m.UsageCounted, shown: Mapping[str, float | None]) -> None:
        """What a paid session took so far changed."""
        self.listener.on_usage(shown)
        self._tell_observers(usage)

    def notice(self, notice: m.Noticed) -> None:
        """The user should know something; a script that observes nothing has it logged."""
        self.listener.on_notice(notice)
        self._tell_observers(notice)
        unseen = isinstance(self._listener, NoListener) and not self._observers
        if unseen and not self._closed and notice.kind != "going on":
            log.warning("%s", notice.text)

    def close(self) -> None:
        """Tell nobody any more, once what was told before is heard."""
        self._closed = True
        self.listener = NoListener()
        self._observers = {}
        self.callbacks.close()

    def _tell_observers(self, report: SessionReport) -> None:
        for callback in self._observers.copy().values():
            self.callbacks.submit(partial(callback, report))
