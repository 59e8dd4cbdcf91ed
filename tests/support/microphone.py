"""What a browser's fake microphone hears, and how it compares with what the host has heard."""

from __future__ import annotations

import pathlib
import threading
import wave

import numpy as np
from numpy.typing import NDArray

from ipyavatar.engine.pcm import to_int16
from ipyavatar.engine.sound.resample import resample
from ipyavatar.engine.voice import load_voice

RATE = 48_000
"""Of the file: Chromium takes it as it is."""

FRAME_S = 0.02


def spoken(text: str, voice: str = "june") -> NDArray[np.float32]:
    """`text` by a voice of ours, at `RATE`."""
    chunks = list(load_voice(voice).stream(text, threading.Event()))
    sound = np.concatenate([chunk.audio for chunk in chunks])
    return resample(sound, chunks[0].sample_rate, RATE)


def write_wav(path: pathlib.Path, sound: NDArray[np.float32]) -> pathlib.Path:
    """A file for `--use-file-for-fake-audio-capture`, which plays it again and again."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(to_int16(sound).tobytes())
    return path


def flags(path: pathlib.Path, *, allowed: bool = True) -> list[str]:
    """What gives Chromium that file for a microphone; it is not asked for where it is allowed."""
    given = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={path}"]
    return [*given, *(["--use-fake-ui-for-media-stream"] if allowed else [])]


def likeness(heard: NDArray[np.float32], rate: int, said: NDArray[np.float32]) -> float:
    """How far the loudness of what was heard follows that of what was said, from -1 to 1.

    What is before and after it is cut off, and the browser sets its own level and takes noise out.
    """
    one, other = _loudness(heard, rate), _loudness(said, RATE)
    if len(one) < len(other):
        other, one = one, other
    shifts = range(len(one) - len(other) + 1)
    return max(float(np.corrcoef(one[at : at + len(other)], other)[0, 1]) for at in shifts)


def _loudness(sound: NDArray[np.float32], rate: int) -> NDArray[np.float64]:
    """In decibels, of each 20 ms, from the first to the last that is no silence."""
    size = int(rate * FRAME_S)
    frames = sound[: len(sound) // size * size].reshape(-1, size)
    level = np.sqrt((frames.astype(np.float64) ** 2).mean(axis=1))
    loud = np.flatnonzero(level > level.max() / 30)
    level = level[loud[0] : loud[-1] + 1]
    return 20 * np.log10(np.maximum(level, level.max() / 100))
