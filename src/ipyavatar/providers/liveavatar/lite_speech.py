"""One speech through the websocket of LiveAvatar LITE: sound out, the service's events back."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Container
from typing import Any

from ...core.clock import Clock
from ...core.speech import SpokenWord
from ...core.tasks import wait_until
from ...engine.sound.resample import StreamResampler
from ...engine.sound.samples import SoundBlock
from ...engine.voice.base import VoiceChunk
from ...errors import SessionGone, SpeechFailed
from ..cloud.driver import SpeechListener
from ..cloud.service_events import ServiceEvent
from .lite_messages import SAMPLE_RATE_HZ, pcm_of
from .lite_progress import LiteProgress
from .lite_socket import LiteSocket
from .profile import PROFILE

Line = tuple[float, str, list[SpokenWord]]
"""What is said from a second of the speech on, with its words."""


class LiteSpeech:
    """Sends a speech and follows it to its end.

    Args:
        event_id: Its id.
        clock: Time.
        listener: Who is told.
        others: Ids of speeches before it, whose late events are not its own.
        expects_events: Whether the speech before it was told of.
    """

    def __init__(
        self,
        event_id: str,
        clock: Clock,
        listener: SpeechListener,
        others: Container[str] = (),
        *,
        expects_events: bool = False,
    ) -> None:
        self.event_id = event_id
        self._clock = clock
        self._listener = listener
        self._progress = LiteProgress(event_id, others, expects_events=expects_events)
        self._words: list[SpokenWord] = []
        self._lines: deque[Line] = deque()
        self._begun = False
        self._moved = asyncio.Event()

    @property
    def told(self) -> bool:
        """Whether the service has told that it began."""
        return self._progress.told

    async def perform(
        self, socket: LiteSocket, chunks: AsyncIterator[VoiceChunk]
    ) -> list[SpokenWord]:
        """Send the sound as it is made; returns when it has been heard.

        Raises:
            SpeechFailed: There was no sound in it, or the service refused it or cut it off.
            SessionGone: The line was lost in the middle.
        """
        sending = asyncio.ensure_future(self._send(socket, chunks))
        sending.add_done_callback(self._wake)
        socket.gone.add_done_callback(self._wake)
        try:
            await self._follow(socket, sending)
        finally:
            socket.gone.remove_done_callback(self._wake)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        return self._words

    def on_event(self, event: ServiceEvent) -> None:
        """The service told something."""
        if event.kind in ("error", "warning"):
            self._listener.on_notice("service", f"LiveAvatar says: {event.text or event.name}.")
        self._progress.on_event(event, self._clock.now())
        self._moved.set()

    async def _follow(self, socket: LiteSocket, sending: asyncio.Future[None]) -> None:
        progress = self._progress
        while True:
            self._moved.clear()
            now = self._clock.now()
            if sending.done() and not progress.interrupted:
                sending.result()
                progress.on_all_sent(now)
            self._show(now)
            if progress.over(now):
                break
            if socket.gone.done():
                raise SessionGone(
                    f"The speech was cut off: {socket.gone.result()}.",
                    "Say it again.",
                    service=PROFILE.name,
                    call="websocket",
                )
            await wait_until(self._clock, self._next_at(now), self._moved)
        if progress.failure:
            raise SpeechFailed(progress.failure)

    async def _send(self, socket: LiteSocket, chunks: AsyncIterator[VoiceChunk]) -> None:
        await socket.speak(self._sound(chunks), self.event_id)
        if not self._progress.seconds:
            raise SpeechFailed("There was nothing in the text that the voice can read.")

    async def _sound(self, chunks: AsyncIterator[VoiceChunk]) -> AsyncIterator[bytes]:
        resampler = StreamResampler(SAMPLE_RATE_HZ)
        async for chunk in chunks:
            words = [(word.text, word.start, word.end) for word in chunk.words]
            at = self._progress.seconds
            self._lines.append((at, chunk.text, words))
            self._words += [(text, start + at, end + at) for text, start, end in words]
            audio = resampler.feed(SoundBlock(chunk.audio, chunk.sample_rate))
            yield pcm_of(audio, SAMPLE_RATE_HZ)
            self._progress.on_sent(chunk.duration, self._clock.now())
            self._moved.set()
        yield pcm_of(resampler.flush(), SAMPLE_RATE_HZ)

    def _show(self, now: float) -> None:
        """First sound and captions, in step with what is heard."""
        if not self._progress.begun(now):
            return
        if not self._begun:
            self._begun = True
            self._listener.on_first_sound()
        while self._lines and self._progress.time_of(self._lines[0][0]) <= now:
            _, text, words = self._lines.popleft()
            self._listener.on_caption(text, words)

    def _next_at(self, now: float) -> float:
        times = [self._progress.next_at(now)]
        if self._begun and self._lines:
            times.append(self._progress.time_of(self._lines[0][0]))
        return min(times)

    def _wake(self, done: asyncio.Future[Any]) -> None:
        del done
        self._moved.set()
