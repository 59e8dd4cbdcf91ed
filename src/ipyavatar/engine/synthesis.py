"""Synthesis: text to segments that can be played, one by one, on a worker thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import av
import numpy as np
from numpy.typing import NDArray

from .lips import MouthTrack
from .playout import SAMPLE_RATE, SpeechSegment
from .voice.base import Voice, VoiceChunk


def synthesize(
    voice: Voice, speech: str, text: str, cancel: threading.Event
) -> Iterator[SpeechSegment]:
    """Yield the segments of `text` in order, each as soon as the voice has it."""
    for chunk in voice.stream(text, cancel):
        yield _segment(speech, chunk)


def _segment(speech: str, chunk: VoiceChunk) -> SpeechSegment:
    return SpeechSegment(
        speech=speech,
        audio=_resample(chunk.audio, chunk.sample_rate),
        mouth=MouthTrack.of(chunk),
        words=chunk.words,
        text=chunk.text,
    )


def _resample(audio: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    if rate == SAMPLE_RATE:
        return audio
    resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
    frame = av.AudioFrame.from_ndarray(
        np.ascontiguousarray(audio, np.float32)[None], format="flt", layout="mono"
    )
    frame.sample_rate = rate
    parts = [
        part.to_ndarray()[0] for part in (*resampler.resample(frame), *resampler.resample(None))
    ]
    wanted = round(len(audio) * SAMPLE_RATE / rate)
    out = np.concatenate(parts)[:wanted] if parts else np.zeros(0, np.float32)
    return np.pad(out, (0, wanted - len(out)))
