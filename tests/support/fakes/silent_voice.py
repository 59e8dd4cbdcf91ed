"""A voice without sound."""

from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np

from ipyavatar.engine.voice.base import VoiceChunk, Word


class SilentVoice:
    """A local voice of silence: 15 characters a second, in chunks of a few words."""

    async def stream(self, text: str) -> AsyncIterator[VoiceChunk]:
        for line in text.split(". "):
            seconds = max(0.1, len(line) / 15)
            audio = np.zeros(round(seconds * 24_000), np.float32)
            yield VoiceChunk(audio, 24_000, (), (Word(line, 0.0, seconds),), line)
