"""Who speaks in what is said into files: any voice that an avatar can have, as one that blocks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from ..core.daemon_executor import DaemonExecutor
from ..core.secret import hide
from ..errors import SpeechFailed
from ..protocol.options import AddressVoice, EspeakVoice, FunctionVoice, PiperVoice
from ..providers.voice_options import ChosenVoice, choose_voice

if TYPE_CHECKING:
    from ..client.sound_feed import Voice as UsersVoice
    from ..engine.resources import EngineResources
    from ..engine.sound.samples import SoundBlock
    from ..engine.voice.base import Voice
    from ..media.sentence_voice import Speaker


@dataclass(frozen=True, slots=True)
class ScriptVoice:
    """A voice, before it is loaded.

    Attributes:
        chosen: Whose.
        function: The user's own, where it is one.
    """

    chosen: ChosenVoice
    function: UsersVoice | None = None

    def load(self, resources: EngineResources, notify: Callable[[str], object]) -> Voice:
        """Load it, in the thread of voices, where it is used.

        Args:
            resources: Our own voices.
            notify: Told what it leaves out.

        Raises:
            AvatarError: It cannot speak.
        """
        speech = self.chosen.speech
        voice: Voice
        match speech.other:
            case None:
                return resources.varied_voice(self.chosen.voice, speech.speed, speech.pitch)
            case PiperVoice(path):
                from ..engine.voice.piper import load_piper

                voice = load_piper(path, speech, notify)
            case EspeakVoice(name):
                from ..engine.voice.espeak import EspeakVoice as Espeak

                voice = Espeak(name, speech, notify)
            case AddressVoice() as address:
                from ..providers.speech_address import AddressSpeaker

                speaker = AddressSpeaker(address, speech.speed, speech.timeout_s)
                voice = self._by_sentence(speaker, notify)
            case FunctionVoice():
                assert self.function is not None  # noqa: S101  # it is chosen by it
                function = FunctionSpeaker(self.function, speech.timeout_s)
                voice = self._by_sentence(function, notify)
        voice.warm()
        return voice

    def describe_unreadable(self, text: str) -> str:
        """What of `text` it leaves out, in words; empty where it reads all."""
        from ..providers.spoken_text import describe_unreadable  # late: most texts need it not

        ours = self.chosen.speech.other is None
        return describe_unreadable(text) if ours and not text.isascii() else ""

    def reads(self, text: str) -> bool:
        """Whether it can say any of `text`: all but ours find that out as they speak."""
        if self.chosen.speech.other is not None or text.isascii():
            return True
        from ..core.markup import strip_markup
        from ..engine.voice.text_normalization import normalize_text

        return any(map(str.isalnum, normalize_text(strip_markup(text))))

    def _by_sentence(self, speaker: Speaker, notify: Callable[[str], object]) -> Voice:
        from ..media.blocking_voice import BlockingVoice
        from ..media.sentence_voice import SentenceVoice

        language = self.chosen.speech.language
        return BlockingVoice(speaker.name, SentenceVoice(speaker, notify, language))


def choose_script_voice(
    voice: object, character: str, more: Mapping[str, Any] | None = None
) -> ScriptVoice:
    """The voice of a character.

    Args:
        voice: As `Avatar(voice=...)` takes it; the one that fits when None.
        character: Who speaks with it.
        more: `speed`, `pitch`, `language`, as `Avatar` takes them.

    Raises:
        UnknownName: There is no such voice or language.
        InvalidArgument: It cannot be one, or something would have no effect.
    """
    hidden = hide(voice) if _is_address(voice) else voice
    chosen = choose_voice({"voice": hidden, **(more or {})}, character)
    function: Any = voice if isinstance(chosen.speech.other, FunctionVoice) else None
    return ScriptVoice(chosen, function)


def _is_address(voice: object) -> bool:
    return isinstance(voice, str) and voice.startswith(("http://", "https://"))


class FunctionSpeaker:
    """The user's own function, on threads of its own, since it may never come back."""

    def __init__(self, function: UsersVoice, timeout_s: float) -> None:
        self.name = f"Your voice {getattr(function, '__name__', type(function).__name__)!s:.80}"
        self._function = function
        self._timeout_s = timeout_s
        self._threads = DaemonExecutor()

    async def speak(self, sentence: str) -> AsyncGenerator[SoundBlock, None]:
        """What it makes of `sentence`.

        Raises:
            SpeechFailed: It failed, or gave nothing in time.
        """
        from ..client.sound_feed import voice_blocks
        from ..client.sound_pull import SoundPull

        pull = SoundPull()
        blocks = voice_blocks(self._function, sentence, pull)
        try:
            while (block := await self._next(blocks)) is not None:
                yield block
        finally:
            pull.cancel()
            with contextlib.suppress(ValueError):  # it is still at it, in its thread
                blocks.close()  # type: ignore[attr-defined]  # a generator

    async def close(self) -> None:
        """It holds nothing here."""

    async def _next(self, blocks: Iterator[SoundBlock]) -> SoundBlock | None:
        loop = asyncio.get_running_loop()
        following = loop.run_in_executor(self._threads, partial(next, blocks, None))
        try:
            return await asyncio.wait_for(following, self._timeout_s)
        except asyncio.TimeoutError:
            what = f"It gave no sound for {self._timeout_s:g} s."
            raise SpeechFailed(what, "Give it more time: voice_timeout_s=.") from None
        except SpeechFailed:
            raise
        except Exception as error:
            raise SpeechFailed(f"It raised {error!r:.200}.") from error
