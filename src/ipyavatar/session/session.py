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

from ..core import page as wire
from ..core.clock import Clock
from ..errors import AvatarError
from ..providers.base import Provider, SpokenWord, Utterance
from . import events
from .state import OPEN, check

log = logging.getLogger(__name__)


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
        self._provider: Provider | None = None
        self._queue: deque[_Speech] = deque()
        self._current: _Speech | None = None
        self._saying: asyncio.Task[list[SpokenWord]] | None = None
        self._filled = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._stopping: asyncio.Task[None] | None = None
        self._page_speeches = 0

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
        self._provider = self._make_provider()
        self._running = asyncio.get_running_loop().create_task(self._run(self._provider))

    def speak(self, speech: str, text: str, interrupt: bool) -> None:
        """Queue a speech; with `interrupt` everything before it is dropped."""
        item = _Speech(Utterance(speech, text), self._clock.now())
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
            if speech in ("", item.utterance.speech):
                self._report(item, "interrupted", "It was interrupted before it began.")
            else:
                kept.append(item)
        self._queue = kept
        current = self._current
        if current is not None and speech in ("", current.utterance.speech):
            assert self._saying is not None  # noqa: S101  # set and cleared with `_current`
            self._saying.cancel()

    async def stop(self, goodbye: str = "The avatar was stopped.") -> None:
        """End the session; a second caller waits for the first."""
        if self._stopping is None:
            if self._status in {"idle", "ended"}:
                return
            self._stopping = asyncio.get_running_loop().create_task(self._stop(goodbye))
        await asyncio.shield(self._stopping)

    # ---- pages ------------------------------------------------------------------------------

    @property
    def provider(self) -> Provider | None:
        """The open provider; None before `start` and after `stop`."""
        return self._provider

    def first_sound(self, speech: str) -> None:
        """The provider says: the first sample of `speech` has gone out."""
        item = self._current
        if item is not None and item.utterance.speech == speech:
            latency_ms = (self._clock.now() - item.arrived_at) * 1000
            self._report(item, "speaking", latency_ms=latency_ms)

    def caption(self, speech: str, text: str, words: list[SpokenWord]) -> None:
        """The provider says: `text` is being spoken from now on."""
        self._tell(wire.Caption(speech, text, words))
        self._emit(events.CaptionShown(self.id, speech, text, words))

    def page_said(self, data: str) -> None:
        """A page sent a message of the table over its data channel."""
        message = wire.parse(data)
        if isinstance(message, wire.Say):
            self._page_speeches += 1
            self.speak(f"page-{self.id}-{self._page_speeches}", message.text, message.interrupt)
        elif isinstance(message, wire.Interrupt):
            self.interrupt("")
        else:
            self._emit(events.PageSaid(self.id, data.encode()))

    def page_came(self) -> None:
        """The provider says: a page has just come, and wants to know where we are."""
        self._tell(wire.Status(self._status, self._status_text))
        if self._current is not None:
            utterance = self._current.utterance
            self._tell(wire.SpeechUpdate(utterance.speech, "speaking", utterance.text))

    # ---- inside -----------------------------------------------------------------------------

    async def _run(self, provider: Provider) -> None:
        try:
            await provider.open(self)
        except AvatarError as error:
            self._fail(error)
            return
        self._become("live", "Ready")
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

    async def _stop(self, goodbye: str) -> None:
        provider, running = self._provider, self._running
        self._become("stopping", "Stopping")
        self.interrupt("")
        if running is not None:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        if provider is not None:
            await provider.close(goodbye)
        self._provider = self._running = None
        self._become("ended", "Stopped")
        self._stopping = None

    def _fail(self, error: AvatarError) -> None:
        for item in self._queue:
            self._report(item, "failed", str(error))
        self._queue.clear()
        self._become("failed", error.what, error)

    def _become(self, status: wire.StatusName, text: str, error: AvatarError | None = None) -> None:
        """The one place where the status changes."""
        check(self._status, status)
        self._status, self._status_text = status, text
        self._tell(wire.Status(status, text))
        what, fix = ("", "") if error is None else (error.what, error.fix)
        self._emit(events.StatusChanged(self.id, status, text, what, fix))

    def _report(
        self,
        item: _Speech,
        state: wire.SpeechState,
        reason: str = "",
        latency_ms: float | None = None,
        words: list[SpokenWord] | None = None,
    ) -> None:
        speech, text = item.utterance.speech, item.utterance.text
        self._tell(wire.SpeechUpdate(speech, state, text, reason, latency_ms))
        now = self._clock.now()
        self._emit(
            events.SpeechChanged(self.id, speech, state, text, now, reason, latency_ms, words or [])
        )

    def _tell(self, message: wire.ToPage) -> None:
        if self._provider is not None:
            self._provider.tell(message)
