"""Who speaks in one session, where we speak ourselves: texts by one voice, and the user's sound."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import TYPE_CHECKING, Protocol

from ..core.speech import Utterance
from ..core.threads import guarded_executor
from ..engine.resources import EngineResources
from ..engine.sound.samples import SoundBlock
from ..engine.voice.base import Voice, VoiceChunk
from ..media.local_voice import EngineVoice
from ..media.sentence_voice import GivenSound, SentenceVoice
from ..protocol.options import (
    AddressVoice,
    EspeakVoice,
    FunctionVoice,
    PiperVoice,
    SessionOptions,
    VoiceOptions,
)
from .kernel_sounds import KernelSounds

if TYPE_CHECKING:
    from ..protocol.options import OtherVoice


class TextVoice(Protocol):
    """Speaks texts."""

    @property
    def reads_english(self) -> bool:
        """Whether it is one of ours."""

    async def load(self) -> None:
        """Have the next `stream` begin at once."""

    def stream(self, text: str) -> AsyncIterator[VoiceChunk]:
        """Speak `text`: chunks in order, a short one first."""

    def stream_all(self, texts: AsyncGenerator[str, None]) -> AsyncIterator[VoiceChunk]:
        """Speak one text after the other."""

    async def close(self) -> None:
        """It is not needed any more."""


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
        self._session, self._sounds = session, sounds
        self._voice = voice
        self._given = GivenSound(self._sound_of, language)
        self.reads_english = voice.reads_english

    async def load(self) -> None:
        """Have the next text begin at once."""
        await self._voice.load()

    def stream(self, text: str) -> AsyncIterator[VoiceChunk]:
        """Speak `text`."""
        return self._voice.stream(text)

    def stream_all(self, texts: AsyncGenerator[str, None]) -> AsyncIterator[VoiceChunk]:
        """Speak one text after the other."""
        return self._voice.stream_all(texts)

    def play(self, utterance: Utterance) -> AsyncIterator[VoiceChunk]:
        """The sound that the user gave for `utterance`."""
        return self._given.play(utterance)

    async def close(self) -> None:
        """It is not needed any more."""
        await self._voice.close()

    def _sound_of(self, speech: str) -> AsyncGenerator[SoundBlock, None]:
        return self._sounds.stream(self._session, speech=speech)


class FunctionSpeaker:
    """The user's own function, in the kernel."""

    def __init__(
        self, session: str, voice: FunctionVoice, sounds: KernelSounds, timeout_s: float
    ) -> None:
        self.name = f"Your voice {voice.name}"
        self._session, self._sounds, self._timeout_s = session, sounds, timeout_s

    def speak(self, sentence: str) -> AsyncGenerator[SoundBlock, None]:
        """What it makes of `sentence`."""
        return self._sounds.stream(self._session, text=sentence, silent_s=self._timeout_s)

    async def close(self) -> None:
        """It holds nothing here."""


def make_session_voice(
    session: str,
    options: SessionOptions,
    engine: EngineResources,
    sounds: KernelSounds,
    notify: Callable[[str], None],
) -> SessionVoice:
    """Who speaks in a session.

    Args:
        session: Its id.
        options: What it is made of.
        engine: Our own voices.
        sounds: Brings sound from the kernel.
        notify: Told what a voice leaves out.
    """
    speech = options.speech
    voice: TextVoice
    if speech.other is None:
        name, speed, pitch = options.voice, speech.speed, speech.pitch
        voice = EngineVoice(engine.voice_executor, lambda: engine.varied_voice(name, speed, pitch))
    else:
        voice = _make_other(session, speech.other, speech, sounds, notify)
    return SessionVoice(session, voice, sounds, speech.language)


def _make_other(
    session: str,
    other: OtherVoice,
    speech: VoiceOptions,
    sounds: KernelSounds,
    notify: Callable[[str], None],
) -> TextVoice:
    match other:
        case FunctionVoice():
            speaker = FunctionSpeaker(session, other, sounds, speech.timeout_s)
            return SentenceVoice(speaker, notify, speech.language)
        case AddressVoice():
            from ..providers.speech_address import AddressSpeaker  # late: most need no network

            address = AddressSpeaker(other, speech.speed, speech.timeout_s)
            return SentenceVoice(address, notify, speech.language)
        case PiperVoice() | EspeakVoice():
            return _threaded(other, speech, notify)


def _threaded(
    other: PiperVoice | EspeakVoice, speech: VoiceOptions, notify: Callable[[str], None]
) -> TextVoice:
    """A voice with a thread of its own: loading a model takes seconds."""
    loaded: list[Voice] = []

    def load() -> Voice:
        if not loaded:
            if isinstance(other, PiperVoice):
                from ..engine.voice.piper import load_piper

                loaded.append(load_piper(other.path, speech, notify))
            else:
                from ..engine.voice.espeak import EspeakVoice as Espeak

                loaded.append(Espeak(other.name, speech, notify))
        return loaded[0]

    return _OwnThreadVoice(load)


class _OwnThreadVoice(EngineVoice):
    """A voice whose thread ends with it."""

    def __init__(self, load: Callable[[], Voice]) -> None:
        self._thread = guarded_executor(1, "ipyavatar-other-voice")
        super().__init__(self._thread, load, reads_english=False)

    async def close(self) -> None:
        """End its thread, once it has done what it is at."""
        self._thread.shutdown(wait=False, cancel_futures=True)
