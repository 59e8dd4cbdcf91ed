"""One speech through the websocket of LiveAvatar LITE: sound out, the service's events back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from ...core.clock import Clock
from ...core.speech import SpokenWord
from ...engine.voice.base import VoiceChunk
from ...errors import SessionGone, SpeechFailed
from ..cloud.driver import SpeechListener
from ..cloud.service_events import ServiceEvent
from .lite_messages import pcm_of
from .lite_socket import LiteSocket
from .spec import SPEC

LATE_S = 5.0
"""The service's word that a speech is over may come this much after its sound must be over."""


class LiteSpeech:
    """Sends a speech and follows it to its end."""

    def __init__(self, event_id: str, clock: Clock, listener: SpeechListener) -> None:
        self.event_id = event_id
        self._clock = clock
        self._listener = listener
        self._seconds = 0.0
        self._words: list[SpokenWord] = []
        self._lines: asyncio.Queue[tuple[float, str, list[SpokenWord]]] = asyncio.Queue()
        self._begun = asyncio.Event()
        self._ended = asyncio.Event()

    async def perform(
        self, socket: LiteSocket, chunks: AsyncIterator[VoiceChunk]
    ) -> list[SpokenWord]:
        """Send the sound as it is made; returns when it has been heard.

        Raises:
            SpeechFailed: There was no sound in it.
            SessionGone: The line was lost in the middle.
        """
        showing = asyncio.ensure_future(self._show())
        ended: asyncio.Future[Any] = asyncio.ensure_future(self._ended.wait())
        waiting: list[asyncio.Future[Any]] = [ended]
        try:
            await socket.speak(self._sound(chunks), self.event_id)
            if not self._seconds:
                raise SpeechFailed("There was nothing in the text that the voice can read.")
            last = self._clock.now() + self._seconds + LATE_S
            waiting.append(asyncio.ensure_future(self._clock.sleep_until(last)))
            await asyncio.wait([*waiting, socket.gone], return_when=asyncio.FIRST_COMPLETED)
            if socket.gone.done() and not ended.done():
                raise SessionGone(
                    f"The speech was cut off: {socket.gone.result()}.",
                    "Say it again.",
                    service=SPEC.name,
                    call="websocket",
                )
        finally:
            for task in (showing, *waiting):
                task.cancel()
            await asyncio.gather(showing, *waiting, return_exceptions=True)
        return self._words

    def on_event(self, event: ServiceEvent) -> None:
        """The service told something."""
        if event.task_id not in (None, self.event_id):
            return
        if event.kind == "avatar_started":
            self._listener.on_first_sound()
            self._begun.set()
        elif event.kind in ("avatar_stopped", "avatar_interrupted"):
            self._ended.set()

    async def _sound(self, chunks: AsyncIterator[VoiceChunk]) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            words = [(word.text, word.start, word.end) for word in chunk.words]
            at = self._seconds
            self._lines.put_nowait((at, chunk.text, words))
            self._words += [(text, start + at, end + at) for text, start, end in words]
            self._seconds += chunk.duration
            yield pcm_of(chunk.audio, chunk.sample_rate)

    async def _show(self) -> None:
        """Captions in step with what is heard."""
        await self._begun.wait()
        began = self._clock.now()
        while True:
            at, text, words = await self._lines.get()
            await self._clock.sleep_until(began + at)
            self._listener.on_caption(text, words)
