"""The embedded voice: hibari-tts, streamed in chunks with phoneme and word times."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...core.markup import find_unreadable, strip_markup
from ...core.memory import release_free_memory
from .base import Phone, VoiceChunk, Word
from .model import Model, Token, shared_model
from .splitter import Pause, Piece, pack, pieces
from .text_normalization import normalize_text
from .timbre import SAMPLE_RATE, Timbre, level, sound
from .word_alignment import align_words

LEAD = 0.02
"""Seconds of silence kept before a chunk's first sound; the network makes about 0.3."""

FIRST_LEAD = 0.008
"""The same for the first chunk of a text, which is waited for."""

_WARM_TEXT = "Hello."

_LONG_S = 5.0
"""What a longer chunk took for its making, up to 50 MB, goes back to the system. What shorter ones
take is kept: to get it anew would cost the next first chunk 5 ms."""

_QUIET = 0.006
"""Peak of 5 ms windows under which the ends of a chunk count as silence."""


@dataclass(frozen=True, slots=True)
class _SpeechLine:
    """What one chunk says: its tokens, and its written words with their spans of tokens."""

    tokens: Sequence[Token]
    words: Sequence[tuple[str, int, int]]
    pause: Pause
    lead: float


class HibariVoice:
    """One voice of the shared network.

    Attributes:
        name: What the user calls it.
    """

    def __init__(self, name: str, timbre: Timbre) -> None:
        self.name = name
        self._timbre = timbre

    def warm(self) -> None:
        """Load the network, and say something: about 1 s of CPU the first time in a process."""
        for _ in self.stream(_WARM_TEXT, threading.Event()):
            pass

    def unreadable(self, text: str) -> str:
        """The parts of `text` that are not in Latin script; they are left out of the speech."""
        return find_unreadable(text)

    def stream(self, text: str, cancel: threading.Event) -> Iterator[VoiceChunk]:
        """Speak `text` in chunks, a short one first; ends soon after `cancel` is set.

        Raises:
            SpeechFailed: the network failed.
        """
        model = shared_model()
        first = True
        for piece in pieces(strip_markup(text)):
            if cancel.is_set():
                return
            for line in _lines(model, piece, first):
                chunk = self._say(model, line, cancel)
                if cancel.is_set():
                    return
                if chunk is not None:
                    first = False
                    yield chunk
                    if chunk.duration > _LONG_S:
                        release_free_memory()

    def _say(self, model: Model, line: _SpeechLine, cancel: threading.Event) -> VoiceChunk | None:
        phonemes, places = _phonemes(line.tokens)
        if not any(c.isalpha() for c in phonemes):
            return None
        prediction = model.predict(phonemes, self._timbre.network_speed, cancel)
        if prediction is None or cancel.is_set():
            return None
        raw = sound(prediction.spectrum, self._timbre)
        edges = prediction.edges * self._timbre.stretch
        return _chunk(level(raw, self._timbre.gain), edges, phonemes, places, line)


def _lines(model: Model, piece: Piece, first: bool) -> Iterator[_SpeechLine]:
    """Pronounce a piece and cut it into chunks, with the written words of each."""
    said = normalize_text(piece.text)
    if piece.pause in (Pause.SENTENCE, Pause.PARAGRAPH) and said[-1:].isalnum():
        said += "."  # a heading or a bare line falls in pitch as a sentence does
    tokens = _closed(model.tokens(said), piece.pause)
    written = piece.text.split()
    owners = _word_of_token(tokens)
    spoken_words = [""] * (owners[-1] + 1 if owners else 0)
    for owner, token in zip(owners, tokens, strict=True):
        spoken_words[owner] += token.text
    spans = align_words(written, spoken_words)
    starts = [owners.index(i) for i in range(len(spoken_words))] + [len(tokens)]
    words = [(w, starts[a], starts[b]) for w, (a, b) in zip(written, spans, strict=True)]
    begin = 0
    for chunk, at_clause in pack(tokens, first):
        end = begin + len(chunk)
        last = end == len(tokens)
        pause = piece.pause if last else Pause.CLAUSE if at_clause else Pause.WORD
        mine = [
            (w, max(a, begin) - begin, min(b, end) - begin)
            for w, a, b in words
            if begin <= a < end or (last and a >= end)
        ]
        yield _SpeechLine(chunk, mine, pause, FIRST_LEAD if first and not begin else LEAD)
        begin = end


def _closed(tokens: list[Token], pause: Pause) -> list[Token]:
    """`tokens` with the full stops that are a part of a letter: of "plan B." and "a, b. Then"."""
    ends = pause in (Pause.SENTENCE, Pause.PARAGRAPH)
    for number, token in enumerate(tokens):
        last = ends and number == len(tokens) - 1
        small_letter = len(token.text) == 2 and token.text[0].islower() and token.text[1] == "."
        if (last or small_letter) and token.phonemes[-1:].isalpha():
            tokens[number] = dataclasses.replace(token, phonemes=token.phonemes + ".")
    return tokens


def _word_of_token(tokens: Sequence[Token]) -> list[int]:
    """For each token the index of the space-separated word it is a part of."""
    owners, word = [], 0
    for token in tokens:
        owners.append(word)
        word += token.space
    return owners


def _phonemes(tokens: Sequence[Token]) -> tuple[str, list[int]]:
    """All phonemes of the tokens, and where each token begins in them (and the end)."""
    text, places = "", []
    for token in tokens:
        places.append(len(text))
        text += token.phonemes + (" " if token.space else "")
    places.append(len(text))
    return text, places


def _chunk(
    audio: NDArray[np.float32],
    edges: NDArray[np.float64],
    phonemes: str,
    places: Sequence[int],
    line: _SpeechLine,
) -> VoiceChunk:
    audio, offset = _trimmed(audio, line.lead, line.pause.value)
    # Phoneme i lasts from times[i] to times[i + 1].
    times = np.clip(edges[1:] - offset, 0.0, len(audio) / SAMPLE_RATE)
    phones = tuple(
        Phone(symbol, float(times[i]), float(times[i + 1])) for i, symbol in enumerate(phonemes)
    )
    words = []
    for text, first, end in line.words:
        inside = [i for i in range(places[first], places[end]) if phonemes[i].isalpha()]
        if inside:
            words.append(Word(text, float(times[inside[0]]), float(times[inside[-1] + 1])))
    text = " ".join(text for text, _, _ in line.words)
    return VoiceChunk(audio, SAMPLE_RATE, phones, tuple(words), text)


def _trimmed(
    audio: NDArray[np.float32], lead: float, pause: float
) -> tuple[NDArray[np.float32], float]:
    """The sound with `lead` seconds before it and `pause` seconds of silence after it.

    A threshold is better here than the network's times: a hissing start comes up to
    15 ms before its phoneme, a stop's burst up to 60 ms after.

    Returns:
        The sound, and the seconds that were cut off before it.
    """
    window = SAMPLE_RATE // 200
    count = len(audio) // window
    heard = np.flatnonzero(np.abs(audio[: count * window]).reshape(count, window).max(1) > _QUIET)
    if not len(heard):
        return np.zeros(round(pause * SAMPLE_RATE), np.float32), 0.0
    first = max(0, int(heard[0]) * window - round(lead * SAMPLE_RATE))
    last = min((int(heard[-1]) + 2) * window, len(audio))
    out = np.zeros(last - first + round(pause * SAMPLE_RATE), np.float32)
    out[: last - first] = audio[first:last]
    ramp = np.linspace(0.0, 1.0, min(window, last - first), dtype=np.float32)
    out[: len(ramp)] *= ramp
    out[last - first - len(ramp) : last - first] *= ramp[::-1]
    return out, first / SAMPLE_RATE
