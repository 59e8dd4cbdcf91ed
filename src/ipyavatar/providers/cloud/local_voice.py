"""Our voice as an asynchronous stream, made on the workshop's speaker thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from typing import Protocol

from ...engine.voice.base import Voice, VoiceChunk
from ...errors import AvatarError, SpeechFailed


class VoiceLoader(Protocol):
    """What holds the voices: a thread that speaks, and what is loaded."""

    speaker: Executor

    def voice(self, name: str) -> Voice:
        """The loaded voice `name`; called on that thread."""


class EngineVoice:
    """The voice `name` of a workshop."""

    def __init__(self, workshop: VoiceLoader, name: str) -> None:
        self._workshop = workshop
        self._name = name

    async def stream(self, text: str) -> AsyncIterator[VoiceChunk]:
        """Speak `text`; the next chunk is made while one is used.

        Raises:
            SpeechFailed: The voice failed.
        """
        loop, speaker = asyncio.get_running_loop(), self._workshop.speaker
        cancel = threading.Event()
        following: asyncio.Future[VoiceChunk | None] | None = None
        try:
            voice = await loop.run_in_executor(speaker, self._workshop.voice, self._name)
            chunks = voice.stream(text, cancel)
            following = loop.run_in_executor(speaker, next, chunks, None)
            while (chunk := await following) is not None:
                following = loop.run_in_executor(speaker, next, chunks, None)
                yield chunk
        except AvatarError:
            raise
        except Exception as error:
            raise SpeechFailed(f"The voice failed: {error}.") from error
        finally:
            cancel.set()
            if following is not None and not following.done():
                following.cancel()
