"""The movement of a mouth from sound alone, where no phonemes are known: by energy and spectrum.

Vowels open the jaw by how much of their energy lies above the first harmonics (an open vowel's
first formant is high), spread the lips by how much lies about 2.5 kHz (front vowels), and round
them where little does. Hiss shows the teeth. A short hush, or a hum, between loud sounds closes the
lips. That is a guess: against the phonemes of our own voices it correlates 0.6 for the jaw, 0.4 for
the width, 0.3 for rounding, teeth and closures; loudness alone, 0.4 for the jaw and nothing else.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .pose import MOUTH_KEYS

Array = NDArray[np.float64]

WINDOW_S = 0.032
_EDGES = (80, 450, 1000, 1500, 3200, 8000)  # Hz
_LOW, _OPEN, _BACK, _FRONT, _HISS = range(5)  # the bands between them
_TINY = 1e-12

QUIET = 0.01
"""RMS that counts as loud where nothing is louder: silence must not be scaled up to speech."""

_NEAR = 12
"""Rows: a closure has something loud within 120 ms before and after."""

_SMOOTH = 9
"""Rows over which the mouth moves."""

_JAW, _WIDE, _ROUND, _UPPER, _PRESS, _TEETH = (
    MOUTH_KEYS.index(key) for key in ("jaw", "wide", "round", "upper", "press", "teeth")
)


def mouth_from_sound(
    audio: NDArray[np.float32], rate: int, times: Array, loud: float = 0.0
) -> NDArray[np.float32]:
    """The mouth at each of `times`, columns as `MOUTH_KEYS`.

    Args:
        audio: `float32[n]`, mono.
        rate: Its samples per second.
        times: Seconds from its start, 10 ms apart.
        loud: RMS of loud speech in what this is a part of; taken from `audio` where that is louder.
    """
    values = np.zeros((len(times), len(MOUTH_KEYS)), np.float32)
    if not len(audio):
        return values
    bands, energy = _bands(audio, rate, times)
    rank = len(energy) * 9 // 10
    reference = max(float(np.partition(energy, rank)[rank]), loud**2, QUIET**2)
    level = _db(energy, reference)
    voice = _ramp(_db(bands[:, :_FRONT].sum(1), reference), -30.0, 0.0)
    hiss = _ramp(bands[:, _HISS] / (energy + _TINY), 0.15, 0.65)
    tone = voice * (1 - hiss)
    low = bands[:, _LOW] + _TINY
    opened = _ramp(_db(bands[:, _OPEN] + bands[:, _BACK], low), -16.0, 0.0)
    front = _ramp(_db(bands[:, _FRONT], bands[:, _BACK] + _TINY), -6.0, 14.0)
    hum = _ramp(_db(bands[:, _OPEN:].sum(1), low), -12.0, -18.0)
    heard = _ramp(level, -30.0, 0.0)
    columns = {
        _JAW: tone * (0.45 + 0.3 * opened) + 0.13 * hiss * heard,
        _WIDE: 0.1 * voice + 0.5 * tone * (front - 0.35),
        _ROUND: 0.7 * tone * np.clip(0.75 - front - 0.3 * opened, 0, 1),
        _UPPER: 0.3 * heard * (1 - hum),
        _TEETH: heard * (0.45 + 0.3 * front + 0.5 * hiss) * (1 - 0.6 * hum),
        _PRESS: _closed(level, hum),
    }
    for column, wanted in columns.items():
        values[:, column] = np.clip(_smoothed(wanted), -0.3, 1.0)
    values[:, _JAW] *= 1 - values[:, _PRESS]
    return values


def loudness(audio: NDArray[np.float32]) -> float:
    """RMS of the loud tenth of `audio`, in steps of its windows; 0 where there is none."""
    step = max(1, min(len(audio), 1024))
    count = len(audio) // step
    if not count:
        return 0.0
    energy = np.square(audio[: count * step], dtype=np.float64).reshape(count, step).mean(1)
    rank = count * 9 // 10
    return float(np.sqrt(np.partition(energy, rank)[rank]))


def _bands(audio: NDArray[np.float32], rate: int, times: Array) -> tuple[Array, Array]:
    """Mean energy of each band at each time, `float64[n, 5]`, and of all of them together."""
    size = max(16, round(WINDOW_S * rate))
    padded = np.concatenate([np.zeros(size // 2), audio, np.zeros(size)])
    starts = np.minimum(np.round(times * rate).astype(int), len(padded) - size)
    window = np.hanning(size)
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[starts] * window
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2 * (2.0 / (size * np.square(window).sum()))
    hertz = np.fft.rfftfreq(size, 1 / rate)
    places = np.searchsorted(hertz, _EDGES)
    sums = np.concatenate([np.zeros((len(times), 1)), np.cumsum(power, axis=1)], axis=1)
    bands: Array = np.diff(sums[:, np.minimum(places, sums.shape[1] - 1)], axis=1)
    # The ends of a piece are seen through half a window: what is beyond them is not silence.
    seen = np.clip(np.minimum(starts + size // 2, len(padded) - size // 2 - starts) / size, 0.5, 1)
    bands /= seen[:, None]
    return bands, bands.sum(1)


def _closed(level: Array, hum: Array) -> Array:
    """Where the lips are shut: it is quiet, or hums, and something loud is near on both sides."""
    loud = np.concatenate([np.zeros(_NEAR), level > -14.0, np.zeros(_NEAR)])
    sums = np.concatenate([[0.0], np.cumsum(loud)])
    at = np.arange(len(level)) + _NEAR
    before = sums[at] - sums[at - _NEAR] > 0
    after = sums[at + _NEAR + 1] - sums[at + 1] > 0
    hummed = 0.5 * hum * _ramp(level, -4.0, -8.0)  # a hum is softer than the vowels about it
    return np.asarray(np.maximum(_ramp(level, -15.0, -25.0), hummed) * (before & after))


def _db(energy: Array, reference: Array | float) -> Array:
    return np.asarray(10 * np.log10(np.maximum(energy / reference, 1e-6)))


def _ramp(value: Array, zero: float, one: float) -> Array:
    return np.asarray(np.clip((value - zero) / (one - zero), 0.0, 1.0))


def _smoothed(values: Array) -> Array:
    if len(values) < _SMOOTH:
        return values
    weights = np.hanning(_SMOOTH)
    half = _SMOOTH // 2
    return np.convolve(np.pad(values, half, mode="edge"), weights / weights.sum(), "valid")
