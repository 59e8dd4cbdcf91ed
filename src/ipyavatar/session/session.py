"""One avatar session: its status, its queue of speeches, and the provider that does the work.

Runs on one loop. Commands are plain calls; everything that happens goes out as events, to the
kernel through `emit` and to the pages through the provider's data channels.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from ..core.clock import Clock
from ..core.speech import Mode, SpeechState, SpokenWord, Utterance
from ..errors import AvatarError, SessionClosed
from ..protocol import events
from ..protocol import page as wire
from ..protocol.errors import Failure
from ..protocol.events import NoticeKind
from ..protocol.grants import SessionGrant
from ..providers.base import Provider
from .state import OPEN, check

log = logging.getLogger(__name__)

READY = "Ready"
STOPPED = "The avatar was stopped."


@dataclass(slots=True)
class _Speech:
    utterance: Utterance
    arrived_at: float


class Session:
    """Opens, speaks, interrupts and stops. `close()` ends everything, and waits."""

    def __init__(
        self,
        session_id: str,
        make_provider: Callable[[], Provider],
        emit: Callable[[events.Event], None],
        clock: Clock,
    ) -> None:
        self.id = session_id
        self._make_provider = make_provider
        self._emit = emit
        self._clock = clock
        self._status: wire.StatusName = "idle"
        self._status_text = ""
        self._unconfirmed = ""
        self._provider: Provider | None = None
        self._queue: deque[_Speech] = deque()
        self._current: _Speech | None = None
        self._saying: asyncio.Task[list[SpokenWord]] | None = None
        self._filled = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._stopping: asyncio.Task[None] | None = None
        self._page_speeches = 0
        self._pages: set[str] = set()

    # ---- verbs ------------------------------------------------------------------------------

    @property
    def status(self) -> wire.StatusName:
        """Where the session is in its life."""
        return self._status

    def start(self) -> None:
        """Open the session; nothing to do when it is open already."""
        if self._status in OPEN or self._stopping is not None:
            return
        self._become("starting", "Getting ready")
        self._unconfirmed = ""
        self._provider = self._make_provider()
        self._running = asyncio.get_running_loop().create_task(self._run(self._provider))

    def speak(self, speech: str, text: str, interrupt: bool, mode: Mode = "repeat") -> None:
        """Queue a speech; with `interrupt` everything before it is dropped."""
        item = _Speech(Utterance(speech, text, mode), self._clock.now())
        if self._status not in OPEN:
            self._report(item, "failed", "The session is not open; call start() first.")
            return
        if interrupt:
            self.interrupt("")
        self._queue.append(item)
        self._report(item, "queued")
        self._filled.set()

    def interrupt(self, speech: str) -> None:
        """Cut off `speech`, or with an empty id all that is said and queued."""
        kept: deque[_Speech] = deque()
        for item in self._queue:
            if speech in ("", item.utterance.id):
                self._report(item, "interrupted", "It was interrupted before it began.")
            else:
                kept.append(item)
        self._queue = kept
        current = self._current
        if current is not None and speech in ("", current.utterance.id):
            assert self._saying is not None  # noqa: S101  # set and cleared with `_current`
            self._saying.cancel()

    async def stop(self, goodbye: str = STOPPED) -> None:
        """End the session; a second caller waits for the first."""
        if self._stopping is None:
            if self._status in {"idle", "ended"}:
                return
            self._stopping = asyncio.get_running_loop().create_task(self._stop(goodbye))
        await asyncio.shield(self._stopping)

    def touch(self) -> None:
        """The user did something."""
        if self._provider is not None:
            self._provider.touch()

    async def keep_alive(self) -> None:
        """Keep the session alive now.

        Raises:
            SessionClosed: It is not open.
            AvatarError: It could not be done.
        """
        if self._provider is None or self._status not in OPEN:
            raise SessionClosed("There is no open session to keep alive.", "Call start() first.")
        await self._provider.keep_alive()

    # ---- the provider tells -----------------------------------------------------------------

    def on_trouble(self, text: str) -> None:
        """The provider says: the line is troubled, it tries again."""
        if self._status == "live":
            self._become("reconnecting", text)

    def on_recovered(self) -> None:
        """The provider says: the trouble is over."""
        if self._status == "reconnecting":
            self._become("live", READY)

    def on_notice(self, kind: NoticeKind, text: str) -> None:
        """The provider says something that changes nothing by itself."""
        self._emit(events.Noticed(self.id, kind, text))
        if kind == "unconfirmed":
            self._unconfirmed = text
        elif kind == "ending" and self._status in OPEN:
            self._show(text)
        elif kind == "going on" and self._status == "live":
            self._show(READY)

    def on_over(self, text: str, error: AvatarError | None = None) -> None:
        """The provider says: it is over, or has to end now."""
        if self._stopping is None and self._status in OPEN:
            self._stopping = asyncio.get_running_loop().create_task(self._stop(text, error))

    def on_usage(self, seconds: float, credits: float | None) -> None:
        """The provider says what the session took so far."""
        self._emit(events.UsageCounted(self.id, seconds, credits))

    def on_grant(self, grant: SessionGrant) -> None:
        """The provider says what it takes to take the session over."""
        self._emit(events.SessionGranted(self.id, grant))

    def on_room_command(self, page: str, topic: str, payload: str) -> None:
        """The provider says: `page` is to send this into the service's room."""
        self._emit(events.RoomCommand(self.id, page, topic, payload))

    # ---- pages ------------------------------------------------------------------------------

    @property
    def provider(self) -> Provider | None:
        """The open provider; None before `start` and after `stop`."""
        return self._provider

    def on_first_sound(self, speech: str) -> None:
        """The provider says: the first sample of `speech` has gone out."""
        item = self._current
        if item is not None and item.utterance.id == speech:
            latency_ms = (self._clock.now() - item.arrived_at) * 1000
            self._report(item, "speaking", latency_ms=latency_ms)

    def on_caption(self, speech: str, text: str, words: list[SpokenWord]) -> None:
        """The provider says: `text` is being spoken from now on."""
        self._tell(wire.Caption(speech, text, self._clock.now(), words))
        self._emit(events.CaptionShown(self.id, speech, text, words))

    def on_page_message(self, page: str, message: wire.FromPage) -> None:
        """`page` sent this over its data channel."""
        del page
        if isinstance(message, wire.Say):
            self._page_speeches += 1
            self.speak(f"page-{self.id}-{self._page_speeches}", message.text, message.interrupt)
        elif isinstance(message, wire.Interrupt):
            self.interrupt("")
        else:
            self._emit(events.PageSaid(self.id, message))

    def on_page_opened(self, page: str) -> None:
        """The provider says: a page has just come, and wants to know where we are."""
        self._pages.add(page)
        self._tell(wire.Status(self._status, self._status_text, self._clock.now()))
        if self._current is not None:
            utterance = self._current.utterance
            self._tell(
                wire.SpeechUpdate(utterance.id, "speaking", utterance.text, self._clock.now())
            )

    # ---- inside -----------------------------------------------------------------------------

    async def _run(self, provider: Provider) -> None:
        try:
            await provider.open(self)
        except Exception as error:
            if not isinstance(error, AvatarError):
                log.exception("A session could not be opened, in a way nobody foresaw")
                error = AvatarError(f"The session could not be opened: {error!r}.")
            self._fail(error)
            self._provider = None
            closing = asyncio.create_task(provider.close(error.what))
            try:
                await asyncio.shield(closing)
            except asyncio.CancelledError:
                # Stopped in the middle of it: what may be open at a service is closed all the same.
                await asyncio.wait({closing})
                raise
            return
        if self._status == "starting":
            self._become("live", READY)
        while True:
            while not self._queue:
                self._filled.clear()
                await self._filled.wait()
            await self._say(provider, self._queue.popleft())

    async def _say(self, provider: Provider, item: _Speech) -> None:
        saying = asyncio.get_running_loop().create_task(provider.say(item.utterance))
        self._current, self._saying = item, saying
        try:
            # `wait` keeps the two cancellations apart: that of the speech (an interrupt) and that
            # of this task (the session is stopped).
            await asyncio.wait({saying})
        except asyncio.CancelledError:
            saying.cancel()
            await asyncio.wait({saying})
            raise
        finally:
            self._current = self._saying = None
            self._report_end(item, saying)

    def _report_end(self, item: _Speech, saying: asyncio.Task[list[SpokenWord]]) -> None:
        if saying.cancelled():
            self._report(item, "interrupted", "It was interrupted.")
            return
        error = saying.exception()
        if error is None:
            self._report(item, "said", words=saying.result())
        else:
            if not isinstance(error, AvatarError):
                log.error("A speech failed in a way nobody foresaw", exc_info=error)
            self._report(item, "failed", str(error) or type(error).__name__)

    async def _stop(self, goodbye: str, error: AvatarError | None = None) -> None:
        provider, running = self._provider, self._running
        self._become("stopping", "Stopping")
        self.interrupt("")
        if running is not None:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        if provider is not None:
            await provider.close(goodbye)
        self._provider = self._running = None
        if error is None:
            said = "Stopped" if goodbye == STOPPED else goodbye
            self._become("ended", self._unconfirmed or said)
        else:
            self._become("failed", error.what, error)
        self._stopping = None

    def _fail(self, error: AvatarError) -> None:
        for item in self._queue:
            self._report(item, "failed", str(error))
        self._queue.clear()
        self._become("failed", error.what, error)

    def _become(self, status: wire.StatusName, text: str, error: AvatarError | None = None) -> None:
        """The one place where the status changes."""
        check(self._status, status)
        self._status = status
        self._show(text, error)

    def _show(self, text: str, error: AvatarError | None = None) -> None:
        """Tell the status and one line for the user."""
        self._status_text = text
        self._tell(wire.Status(self._status, text, self._clock.now()))
        what, fix = ("", "") if error is None else (error.what, error.fix)
        failure = None if error is None else Failure.of(error)
        self._emit(events.StatusChanged(self.id, self._status, text, what, fix, failure))

    def _report(
        self,
        item: _Speech,
        state: SpeechState,
        reason: str = "",
        latency_ms: float | None = None,
        words: list[SpokenWord] | None = None,
    ) -> None:
        speech, text = item.utterance.id, item.utterance.text
        self._tell(
            wire.SpeechUpdate(
                speech, state, text, self._clock.now(), reason=reason, latency_ms=latency_ms
            )
        )
        now = self._clock.now()
        self._emit(
            events.SpeechChanged(self.id, speech, state, text, now, reason, latency_ms, words or [])
        )

    def _tell(self, message: wire.ToPage) -> None:
        if self._provider is not None:
            for page in self._pages:
                self._provider.send_to_page(page, message)
