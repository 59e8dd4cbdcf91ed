"""Synthesis: text to segments that can be played, one by one, on a worker thread."""

from __future__ import annotations

import threading
from collections.abc import Generator

from .lips import MouthTrack
from .playout import SAMPLE_RATE, SpeechSegment
from .sound.resample import resample
from .voice.base import Voice, VoiceChunk


def synthesize(
    voice: Voice, speech: str, text: str, cancel: threading.Event
) -> Generator[SpeechSegment, None, None]:
    """Yield the segments of `text` in order, each as soon as the voice has it."""
    for chunk in voice.stream(text, cancel):
        yield make_segment(speech, chunk)


def make_segment(speech: str, chunk: VoiceChunk) -> SpeechSegment:
    """A chunk of any voice as a segment of `speech`."""
    return SpeechSegment(
        speech=speech,
        audio=resample(chunk.audio, chunk.sample_rate, SAMPLE_RATE),
        mouth=MouthTrack.of(chunk),
        words=chunk.words,
        text=chunk.text,
    )
