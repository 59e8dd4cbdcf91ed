"""Small stand-ins for the engine: segments of a known sound, a frame source that only counts."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

import numpy as np

from ipyavatar.engine.lips import MouthTrack
from ipyavatar.engine.playout import SAMPLE_RATE, SpeechSegment
from ipyavatar.engine.voice.base import Phone, VoiceChunk, Word

OPEN_VOWEL = "\N{LATIN SMALL LETTER ALPHA}"


def segment(
    seconds: float, speech: str = "s1", text: str = "ah", level: float = 0.5
) -> SpeechSegment:
    """A steady sound with an open mouth."""
    audio = np.full(round(seconds * SAMPLE_RATE), level, np.float32)
    chunk = VoiceChunk(
        audio,
        SAMPLE_RATE,
        (Phone(OPEN_VOWEL, 0.0, seconds),),
        (Word(text, 0.0, seconds),),
        text,
    )
    return SpeechSegment(speech, audio, MouthTrack.of(chunk), chunk.words, text)


class InlineExecutor(Executor):
    """Runs on the caller's thread: virtual time does not wait for threads."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class CountingFrameSource:
    """A new key for every `step` seconds while idle, for every call while speaking."""

    def __init__(self, step: float = 0.2) -> None:
        self.step = step
        self.drawn: list[tuple[float, float]] = []  # (seconds, jaw)
        self._next = (0.0, 0.0)

    def key(self, at: float, mouth: Any, speaking: bool, stress: float) -> Any:
        self._next = (at, mouth.jaw)
        return (at, mouth.jaw) if speaking else at // self.step

    def draw(self) -> np.ndarray[Any, np.dtype[np.uint8]]:
        self.drawn.append(self._next)
        return np.zeros((24, 16), np.uint8)
