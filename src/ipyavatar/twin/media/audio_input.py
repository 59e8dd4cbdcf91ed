"""Sound that comes from outside, as segments: lips from its loudness."""

from __future__ import annotations

import io

import av
import numpy as np
from numpy.typing import NDArray

from ...engine.lips import MouthTrack
from ...engine.playout import SAMPLE_RATE, SpeechSegment
from ...engine.voice.base import VoiceChunk
from ..speech_length import LITE_RATE, LITE_SAMPLE_BYTES

SHORTEST_S = 0.1
"""Less than this waits for more, unless it is the last: lips need a little to be read from."""

FILTER = 32
"""The resampler gives nothing back for fewer samples than about this."""

LONGEST_S = 60.0
"""A file is cut into segments of this length."""


class PcmSegmenter:
    """24 kHz 16-bit mono PCM in pieces of any size, to segments at the timeline's rate."""

    def __init__(self, speech: str) -> None:
        self._speech = speech
        self._bytes = bytearray()
        self._resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
        self._begun = False

    def feed(self, data: bytes, *, last: bool) -> SpeechSegment | None:
        """The segment of what has come; None while there is too little of it."""
        self._bytes += data
        least = 0 if last else SHORTEST_S * LITE_RATE * LITE_SAMPLE_BYTES
        if len(self._bytes) < least or (not self._bytes and not last):
            return None
        samples = np.frombuffer(bytes(self._bytes), "<i2")
        self._bytes.clear()
        if last and not self._begun and len(samples) < FILTER:
            doubled = np.repeat(samples, SAMPLE_RATE // LITE_RATE)
            audio = doubled.astype(np.float32) / np.float32(32768)
            return _segment(self._speech, audio) if len(audio) else None
        self._begun = True
        parts: list[NDArray[np.float32]] = []
        if len(samples):
            frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
            frame.sample_rate = LITE_RATE
            parts += [part.to_ndarray()[0] for part in self._resampler.resample(frame)]
        if last:
            parts += [part.to_ndarray()[0] for part in self._resampler.resample(None)]
        return _segment(self._speech, np.concatenate(parts)) if parts else None


def file_segments(speech: str, data: bytes) -> list[SpeechSegment]:
    """The segments of a sound file.

    Raises:
        av.FFmpegError: It is none.
    """
    resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
    parts: list[NDArray[np.float32]] = []
    with av.open(io.BytesIO(data), "r") as file:
        for frame in (*file.decode(audio=0), None):
            parts += [part.to_ndarray()[0] for part in resampler.resample(frame)]
    audio = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    step = round(LONGEST_S * SAMPLE_RATE)
    return [_segment(speech, audio[at : at + step]) for at in range(0, len(audio), step)]


def _segment(speech: str, audio: NDArray[np.float32]) -> SpeechSegment:
    chunk = VoiceChunk(np.ascontiguousarray(audio, np.float32), SAMPLE_RATE, (), (), "")
    return SpeechSegment(speech, chunk.audio, MouthTrack.of(chunk), (), "")
