"""Small stand-ins for the engine, an ear: segments of a known sound, a counting frame source."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.packet import Packet

from ipyavatar.engine.lips import MouthTrack
from ipyavatar.engine.playout import SAMPLE_RATE, SpeechSegment
from ipyavatar.engine.voice.base import Phone, VoiceChunk, Word

OPEN_VOWEL = "\N{LATIN SMALL LETTER ALPHA}"


def segment(
    seconds: float, speech: str = "s1", text: str = "ah", level: float = 0.5, hz: float = 0.0
) -> SpeechSegment:
    """A steady sound with an open mouth: a level, or a tone."""
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    audio = (level * np.cos(2 * np.pi * hz * times)).astype(np.float32)
    chunk = VoiceChunk(
        audio,
        SAMPLE_RATE,
        (Phone(OPEN_VOWEL, 0.0, seconds),),
        (Word(text, 0.0, seconds),),
        text,
    )
    return SpeechSegment(speech, audio, MouthTrack.of(chunk), chunk.words, text)


class OpusEar:
    """Hears packets of Opus that follow each other."""

    def __init__(self) -> None:
        decoder = av.CodecContext.create("libopus", "r")
        assert isinstance(decoder, AudioCodecContext)
        decoder.sample_rate, decoder.layout = SAMPLE_RATE, "mono"
        self._decoder = decoder

    def hear(self, packet: Packet[Any]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """What it sounds like: mono, -1 to 1, 2.5 ms late."""
        frames = [frame.to_ndarray().ravel() for frame in self._decoder.decode(packet)]
        return np.concatenate(frames).astype(np.float32) / 32768


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
