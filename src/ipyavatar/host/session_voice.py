"""Who speaks in one session, where we speak ourselves: texts by one voice, and the user's sound."""

from __future__ import annotations

import functools
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Protocol

from ..core.speech import Utterance
from ..engine.sound.samples import SoundBlock
from ..engine.voice.base import VoiceChunk
from ..media.sentence_voice import GivenSound
from .kernel_sounds import KernelSounds


class TextVoice(Protocol):
    """Speaks texts."""

    async def load(self) -> None:
        """Have the next `stream` begin at once."""

    def stream(self, text: str) -> AsyncIterator[VoiceChunk]:
        """Speak `text`: chunks in order, a short one first."""


class SessionVoice:
    """A `LocalVoice`.

    Args:
        session: Whose.
        voice: Speaks its texts.
        sounds: Brings sound from the kernel.
        language: In which the texts of sounds are.
    """

    def __init__(
        self, session: str, voice: TextVoice, sounds: KernelSounds, language: str = "en"
    ) -> None:
        self._voice = voice
        self._sound = GivenSound(functools.partial(_sound_of, sounds, session), language)

    async def load(self) -> None:
        """Have the next text begin at once."""
        await self._voice.load()

    def stream(self, text: str) -> AsyncIterator[VoiceChunk]:
        """Speak `text`."""
        return self._voice.stream(text)

    def play(self, utterance: Utterance) -> AsyncIterator[VoiceChunk]:
        """The sound that the user gave for `utterance`."""
        return self._sound.play(utterance)


def _sound_of(sounds: KernelSounds, session: str, speech: str) -> AsyncGenerator[SoundBlock, None]:
    return sounds.stream(session, speech=speech)
