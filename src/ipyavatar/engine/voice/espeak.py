"""A voice of eSpeak NG: robotic, offline, in a hundred languages, with exact times."""

# ruff: noqa: RUF001, RUF002 - IPA

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Sequence

from ...errors import SpeechFailed
from ...protocol.options import VoiceOptions
from ..sound.samples import pcm_samples
from .base import Phone, VoiceChunk, Word
from .espeak_library import EspeakSound, load_espeak
from .language_reading import read_sentence
from .sentence_by_sentence import say_sentences
from .word_alignment import align_words

_WRITTEN = re.compile(r"\S+")
_QUIET_IPA = "ˌ.0123456789-"


class EspeakVoice:
    """One voice of eSpeak NG.

    Attributes:
        name: As eSpeak has it.
    """

    def __init__(self, name: str, options: VoiceOptions, notify: Callable[[str], object]) -> None:
        self.name = name
        self._options = options
        self._notify = notify

    def warm(self) -> None:
        """Load the library, and see that it has this voice."""
        load_espeak().say(self.name, "a", 1.0, 1.0)

    def unreadable(self, text: str) -> str:
        """It reads, or spells, what it is given."""
        del text
        return ""

    def stream(self, text: str, cancel: threading.Event) -> Iterator[VoiceChunk]:
        """Speak `text`, sentence by sentence; what fails is skipped, and told.

        Raises:
            AvatarError: Nothing of it could be said.
        """
        return say_sentences(text, self._options.language, self._say, self._tell, cancel)

    def _tell(self, left_out: str) -> None:
        self._notify(f"eSpeak NG {left_out}")

    def _say(self, written: str) -> VoiceChunk:
        options = self._options
        read = read_sentence(written, options.language)
        sound = load_espeak().say(self.name, read, options.speed, options.pitch)
        audio = pcm_samples(sound.samples)
        if not len(audio):
            raise SpeechFailed("It gave no sound.")
        seconds = len(audio) / sound.rate
        words = _word_times(written, read, sound, seconds)
        phones = tuple(spell_phones(sound.phonemes, seconds))
        return VoiceChunk(audio, sound.rate, phones, words, written)


def spell_phones(phonemes: Sequence[tuple[str, float]], end: float) -> Iterator[Phone]:
    """Phonemes of several letters ("aɪ", "tʃ") as one after the other, a mark without a time."""
    following = [start for _, start in phonemes[1:]] + [end]
    for (symbol, start), stop in zip(phonemes, following, strict=True):
        letters = [letter for letter in symbol if letter not in _QUIET_IPA]
        sounding = [letter for letter in letters if letter != "ˈ"]
        if "ˈ" in letters:
            yield Phone("ˈ", start, start)
        step = max(0.0, stop - start) / max(1, len(sounding))
        for number, letter in enumerate(sounding or [" "]):
            yield Phone(letter, start + number * step, start + (number + 1) * step)


def _word_times(written: str, read: str, sound: EspeakSound, end: float) -> tuple[Word, ...]:
    """The written words with the times of those that were read for them."""
    spans = [match.span() for match in _WRITTEN.finditer(read)]
    starts = _starts(spans, sound)
    edges = [*starts, end]
    words = []
    texts = written.split()
    for text, (first, last) in zip(texts, align_words(texts, read.split()), strict=True):
        if first < last:
            words.append(Word(text, edges[first], edges[last]))
    return tuple(words)


def _starts(spans: Sequence[tuple[int, int]], sound: EspeakSound) -> list[float]:
    """When each word that was read begins; one that is not told of begins with the one before."""
    starts, at = [], 0.0
    for begin, stop in spans:
        told = [seconds for place, _, seconds in sound.words if begin <= place < stop]
        at = max(at, min(told)) if told else at
        starts.append(at)
    return starts
