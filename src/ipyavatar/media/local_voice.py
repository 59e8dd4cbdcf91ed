"""What speaks where we speak ourselves, as asynchronous streams of chunks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from typing import Protocol

from ..core.speech import Utterance
from ..engine.voice.base import Voice, VoiceChunk
from ..errors import AvatarError, SpeechFailed


class LocalVoice(Protocol):
    """Our voice, or the user's: for the embedded avatar, and services that let us bring it."""

    async def load(self) -> None:
        """Have the next `stream` begin at once; its errors come again there."""

    def stream(self, text: str) -> AsyncIterator[VoiceChunk]:
        """Speak `text`: chunks in order, a short one first."""

    def play(self, utterance: Utterance) -> AsyncIterator[VoiceChunk]:
        """The sound that the user gave for `utterance`."""


def chunks_of(voice: LocalVoice, utterance: Utterance) -> AsyncIterator[VoiceChunk]:
    """What is heard of `utterance`: its own sound, or its text as `voice` says it."""
    return voice.play(utterance) if utterance.is_sound else voice.stream(utterance.text)


class VoiceLoader(Protocol):
    """What holds the voices: an executor for them, and what is loaded."""

    voice_executor: Executor

    def voice(self, name: str) -> Voice:
        """The loaded voice `name`; called in that executor."""


class EngineVoice:
    """The voice `name` of the engine."""

    def __init__(self, resources: VoiceLoader, name: str) -> None:
        self._resources = resources
        self._name = name

    async def load(self) -> None:
        """Load it."""
        loop, resources = asyncio.get_running_loop(), self._resources
        await loop.run_in_executor(resources.voice_executor, resources.voice, self._name)

    async def stream(self, text: str) -> AsyncIterator[VoiceChunk]:
        """Speak `text`; the next chunk is made while one is used.

        Raises:
            SpeechFailed: The voice failed.
        """
        loop, executor = asyncio.get_running_loop(), self._resources.voice_executor
        cancel = threading.Event()
        following: asyncio.Future[VoiceChunk | None] | None = None
        try:
            voice = await loop.run_in_executor(executor, self._resources.voice, self._name)
            chunks = voice.stream(text, cancel)
            following = loop.run_in_executor(executor, next, chunks, None)
            while (chunk := await following) is not None:
                following = loop.run_in_executor(executor, next, chunks, None)
                yield chunk
        except AvatarError:
            raise
        except Exception as error:
            raise SpeechFailed(f"The voice failed: {error}.") from error
        finally:
            cancel.set()
            if following is not None and not following.done():
                following.cancel()
