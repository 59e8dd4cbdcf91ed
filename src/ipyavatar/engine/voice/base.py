"""What a voice is: text in, chunks of sound with their timings out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Phone:
    """One phoneme: an IPA symbol and its time in seconds from the start of its chunk."""

    symbol: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Word:
    """One written word and its time in seconds from the start of its chunk."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class VoiceChunk:
    """A piece of speech that can be played as soon as it is there.

    Attributes:
        audio: `float32[n]`, mono, in -1 to 1.
        sample_rate: Samples per second of `audio`.
        phones: Phonemes in time order; empty where the voice does not know them.
        words: Words in time order; empty where the voice does not know them.
        text: The written text of this chunk, for captions.
        loud: RMS of loud speech in what this is a part of, where that is known: for its lips.
    """

    audio: NDArray[np.float32]
    sample_rate: int
    phones: tuple[Phone, ...]
    words: tuple[Word, ...]
    text: str
    loud: float = 0.0

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return len(self.audio) / self.sample_rate


class Voice(Protocol):
    """A source of speech. Called from one worker thread at a time."""

    @property
    def name(self) -> str:
        """What the user calls it."""

    def warm(self) -> None:
        """Make the next `stream` as fast as one right after another; loads what is not loaded."""

    def unreadable(self, text: str) -> str:
        """The parts of `text` this voice cannot read (other scripts); empty when it reads all."""

    def stream(self, text: str, cancel: threading.Event) -> Iterator[VoiceChunk]:
        """Speak `text`; yields chunks in order, a short one first; stops soon after `cancel`."""
