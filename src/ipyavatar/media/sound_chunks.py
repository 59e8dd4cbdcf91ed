"""Sound without timings, cut into chunks that can be played: captions and words by estimate."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core.markup import strip_markup
from ..core.scripts import estimate_seconds
from ..engine.playout import SAMPLE_RATE
from ..engine.sound.resample import StreamResampler
from ..engine.sound.samples import SoundBlock
from ..engine.sound_lips import loudness
from ..engine.voice.base import VoiceChunk, Word
from ..engine.voice.splitter import pieces

FIRST_S, LATER_S = 0.08, 0.4
"""Seconds of sound in a chunk: the first is waited for."""

USUAL_LOUD = 0.06
"""RMS of loud speech, before it is known how loud this one is."""

FORGET = 0.97
"""A chunk later, what was the loudest counts for so much."""


@dataclass(frozen=True, slots=True)
class Caption:
    """What is shown from `start` seconds of the sound on; its words count from there."""

    start: float
    text: str
    words: tuple[Word, ...]


def spread_words(text: str, seconds: float) -> tuple[Word, ...]:
    """The words of `text`, each as long as its letters, over `seconds`."""
    written = text.split()
    whole = sum(len(word) + 1 for word in written)
    words, at = [], 0
    for word in written:
        end = at + len(word) + 1
        words.append(Word(word, seconds * at / whole, seconds * end / whole))
        at = end
    return tuple(words)


def plan_captions(text: str, seconds: float, language: str = "en") -> list[Caption]:
    """Captions for a sound of `seconds` in which `text` is said; 0 where its length is unknown."""
    lines = [piece.text for piece in pieces(strip_markup(text), language)]
    lengths = [estimate_seconds(line) for line in lines]
    scale = seconds / sum(lengths) if seconds and lengths else 1.0
    captions, at = [], 0.0
    for line, length in zip(lines, lengths, strict=True):
        captions.append(Caption(at, line, spread_words(line, length * scale)))
        at += length * scale
    return captions


class ChunkMaker:
    """Cuts what it is fed; one for each sound."""

    def __init__(self, captions: Sequence[Caption] = ()) -> None:
        self._captions = [(round(c.start * SAMPLE_RATE), c) for c in captions]
        self._resampler = StreamResampler(SAMPLE_RATE)
        self._held: list[NDArray[np.float32]] = []
        self._count = 0  # samples that are held
        self._at = 0  # samples that have gone out
        self._loud = USUAL_LOUD

    @property
    def seconds(self) -> float:
        """Of sound that has come out of it."""
        return self._at / SAMPLE_RATE

    def feed(self, block: SoundBlock) -> Iterator[VoiceChunk]:
        """The chunks that are whole with it."""
        self._hold(self._resampler.feed(block))
        while self._count >= (size := self._next_size()):
            yield self._cut(size)

    def finish(self) -> Iterator[VoiceChunk]:
        """What is left."""
        self._hold(self._resampler.flush())
        while self._count:
            yield self._cut(min(self._count, self._next_size()))

    def _hold(self, audio: NDArray[np.float32]) -> None:
        if len(audio):
            self._held.append(audio)
            self._count += len(audio)

    def _next_size(self) -> int:
        size = round((LATER_S if self._at else FIRST_S) * SAMPLE_RATE)
        later = [start - self._at for start, _ in self._captions if start > self._at]
        return min([size, *later])

    def _cut(self, size: int) -> VoiceChunk:
        audio = np.concatenate(self._held)
        self._held = [audio[size:]]
        self._count -= size
        audio = audio[:size]
        self._loud = max(self._loud * FORGET, loudness(audio))
        caption = None
        while self._captions and self._captions[0][0] <= self._at:
            caption = self._captions.pop(0)[1]
        self._at += size
        words, text = ((), "") if caption is None else (caption.words, caption.text)
        return VoiceChunk(audio, SAMPLE_RATE, (), words, text, self._loud)


async def cut_sound(
    blocks: AsyncGenerator[SoundBlock, None], maker: ChunkMaker
) -> AsyncGenerator[VoiceChunk, None]:
    """The chunks of a whole sound, each as soon as it can be."""
    async with contextlib.aclosing(blocks):
        async for block in blocks:
            for chunk in maker.feed(block):
                yield chunk
    for chunk in maker.finish():
        yield chunk


def whole(chunks: Iterable[VoiceChunk]) -> VoiceChunk:
    """Several chunks of one sound as one."""
    parts = list(chunks)
    words, at = [], 0.0
    for part in parts:
        words += [Word(word.text, word.start + at, word.end + at) for word in part.words]
        at += part.duration
    text = " ".join(part.text for part in parts if part.text)
    audio = np.concatenate([part.audio for part in parts])
    return VoiceChunk(audio, parts[0].sample_rate, (), tuple(words), text, parts[-1].loud)
