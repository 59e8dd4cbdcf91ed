"""A voice without sound."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator

import numpy as np

from ipyavatar.core.speech import Utterance
from ipyavatar.engine.voice.base import VoiceChunk, Word


class SilentVoice:
    """A local voice of silence: 15 characters a second, in chunks of a few words."""

    reads_english = True

    async def load(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def play(self, utterance: Utterance) -> AsyncIterator[VoiceChunk]:
        yield VoiceChunk(np.zeros(24_000, np.float32), 24_000, (), (), utterance.text)

    async def stream_all(self, texts: AsyncGenerator[str, None]) -> AsyncIterator[VoiceChunk]:
        async for text in texts:
            async for chunk in self.stream(text):
                yield chunk

    async def stream(self, text: str) -> AsyncIterator[VoiceChunk]:
        for line in text.split(". "):
            seconds = max(0.1, len(line) / 15)
            audio = np.zeros(round(seconds * 24_000), np.float32)
            yield VoiceChunk(audio, 24_000, (), (Word(line, 0.0, seconds),), line)
