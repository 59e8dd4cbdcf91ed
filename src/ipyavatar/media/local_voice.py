"""What speaks where we speak ourselves, as asynchronous streams of chunks."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures import Executor
from typing import Protocol

from ..core.speech import Utterance
from ..core.text import name_error
from ..engine.voice.base import Voice, VoiceChunk
from ..errors import AvatarError, SpeechFailed


class LocalVoice(Protocol):
    """Our voice, or the user's: for the embedded avatar, and services that let us bring it."""

    async def load(self) -> None:
        """Have the next `stream` begin at once; its errors come again there."""

    @property
    def reads_english(self) -> bool:
        """Whether it is one of ours, which leaves out what is in other scripts than Latin."""

    def stream(self, text: str) -> AsyncIterator[VoiceChunk]:
        """Speak `text`: chunks in order, a short one first."""

    def stream_all(self, texts: AsyncGenerator[str, None]) -> AsyncIterator[VoiceChunk]:
        """Speak one text after the other, as they come."""

    def play(self, utterance: Utterance) -> AsyncIterator[VoiceChunk]:
        """The sound that the user gave for `utterance`."""

    async def close(self) -> None:
        """It is not needed any more."""


def chunks_of(voice: LocalVoice, utterance: Utterance) -> AsyncIterator[VoiceChunk]:
    """What is heard of `utterance`: its own sound, or its text as `voice` says it."""
    return voice.play(utterance) if utterance.is_sound else voice.stream(utterance.text)


class EngineVoice:
    """A voice that blocks its thread, in an executor.

    Args:
        executor: One thread for it; it is not closed.
        load: Gives the voice, loaded; called in that executor, as often as one likes.
        reads_english: Whether it is one of ours.
    """

    def __init__(
        self, executor: Executor, load: Callable[[], Voice], *, reads_english: bool = True
    ) -> None:
        self._executor = executor
        self._load = load
        self.reads_english = reads_english

    async def load(self) -> None:
        """Load it."""
        await asyncio.get_running_loop().run_in_executor(self._executor, self._load)

    async def stream_all(self, texts: AsyncGenerator[str, None]) -> AsyncIterator[VoiceChunk]:
        """Speak one text after the other."""
        async with contextlib.aclosing(texts):
            async for text in texts:
                async with contextlib.aclosing(self.stream(text)) as chunks:
                    async for chunk in chunks:
                        yield chunk

    async def stream(self, text: str) -> AsyncGenerator[VoiceChunk, None]:
        """Speak `text`; the next chunk is made while one is used.

        Raises:
            SpeechFailed: The voice failed.
        """
        loop, executor = asyncio.get_running_loop(), self._executor
        cancel = threading.Event()
        following: asyncio.Future[VoiceChunk | None] | None = None
        try:
            voice = await loop.run_in_executor(executor, self._load)
            chunks = voice.stream(text, cancel)
            following = loop.run_in_executor(executor, next, chunks, None)
            while (chunk := await following) is not None:
                following = loop.run_in_executor(executor, next, chunks, None)
                yield chunk
        except AvatarError:
            raise
        except Exception as error:
            raise SpeechFailed(f"The voice failed: {name_error(error)}.") from error
        finally:
            cancel.set()
            if following is not None and not following.done():
                following.cancel()

    async def close(self) -> None:
        """Nothing of it is its own."""
