"""Samples as users give them, checked once: whatever passes is mono, finite and of a known rate."""

from __future__ import annotations

from array import array as numbers
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.validate import number_of
from ...errors import InvalidArgument, describe, type_name

LOWEST_RATE, HIGHEST_RATE = 4_000, 192_000

LONGEST_S = 3 * 3600.0
"""Seconds of sound in one speech; beyond that it is a mistake."""

MOST_CHANNELS = 8

LOUDEST = 4.0
"""Floats beyond it are integers in disguise; between 1 and this, they are clipped."""


@dataclass(frozen=True, slots=True)
class SoundBlock:
    """Some sound: `float32[n]`, mono, and its samples per second."""

    audio: NDArray[np.float32]
    rate: int

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return len(self.audio) / self.rate


def check_rate(rate: object) -> int:
    """`rate` as samples per second.

    Raises:
        InvalidArgument: It cannot be one.
    """
    number = number_of(rate)
    if number is None or number != int(min(number, 1e9)) or not number_fits(number):
        raise InvalidArgument(
            f"rate={describe(rate)} cannot be the samples per second of sound.",
            f"Give a whole number from {LOWEST_RATE:,} to {HIGHEST_RATE:,}, as 24000.",
        )
    return int(number)


def number_fits(rate: float) -> bool:
    """Whether sound has such a rate."""
    return LOWEST_RATE <= rate <= HIGHEST_RATE


def check_duration(seconds: float) -> None:
    """Raise for more than anybody says at once.

    Raises:
        InvalidArgument: It is too long.
    """
    if seconds > LONGEST_S:
        raise InvalidArgument(
            f"The sound has {seconds:,.0f} s; one speech takes {LONGEST_S:,.0f} s.",
            "Split it and call speak() for each part; speeches queue in order.",
        )


def mono_samples(samples: Any) -> NDArray[np.float32]:
    """A copy of `samples` as `float32[n]`, mono, in -1 to 1; empty where there are none.

    Args:
        samples: Numbers of shape `[n]`, `[n, channels]` or `[channels, n]`: floats in -1 to 1, or
            integers, which count as parts of their type's range.

    Raises:
        InvalidArgument: They are no sound.
    """
    # The program may have NumPy raise: what is all but silent would be an error.
    with np.errstate(all="ignore"):
        return _mono(_as_array(samples))


def _mono(array: NDArray[Any]) -> NDArray[np.float32]:
    if not array.size:
        return np.zeros(0, np.float32)
    if array.ndim == 2 and min(array.shape) <= MOST_CHANNELS:
        channels = 1 if array.shape[1] <= array.shape[0] else 0
        scaled = _scaled(array)
        return np.ascontiguousarray(scaled.mean(axis=channels, dtype=np.float32))
    if array.ndim != 1:
        raise InvalidArgument(
            f"Sound has the shape [n] or [n, channels], not {list(array.shape)}.",
            f"Give one row of samples, or at most {MOST_CHANNELS} channels.",
        )
    return np.ascontiguousarray(_scaled(array))


def as_bytes_or_array(source: Any) -> Any:
    """What shares its memory: an array where that has numbers of a type, else bytes."""
    if isinstance(source, numbers):
        return np.asarray(source)
    if isinstance(source, memoryview) and source.format not in ("B", "b", "c"):
        return np.asarray(source)
    return bytes(source) if isinstance(source, (bytearray, memoryview)) else source


def pcm_samples(data: bytes) -> NDArray[np.float32]:
    """16-bit little-endian samples, mono, as `float32[n]`."""
    ints = np.frombuffer(data, "<i2")
    return np.asarray(ints.astype(np.float32) / np.float32(32768))


def _as_array(samples: Any) -> NDArray[Any]:
    try:
        array = np.asarray(samples)
    except Exception as error:
        raise _no_numbers(samples) from error
    if array.dtype.kind not in "fiu":
        if array.size == 0 and array.dtype.kind != "b":
            return np.zeros(0, np.float32)
        raise _no_numbers(samples)
    return array


def _no_numbers(samples: object) -> InvalidArgument:
    kind = getattr(samples, "dtype", type_name(samples))
    return InvalidArgument(
        f"Sound is made of numbers, not of {kind}.",
        "Give an array of floats in -1 to 1, or of 16-bit integers.",
    )


def _scaled(array: NDArray[Any]) -> NDArray[np.float32]:
    """A copy, as floats in -1 to 1."""
    if array.dtype.kind == "u":
        half = (int(np.iinfo(array.dtype).max) + 1) / 2
        return np.asarray((array.astype(np.float64) - half) / half, np.float32)
    if array.dtype.kind == "i":
        # Lists of Python's integers come as 64 bits; what is in them is 16-bit sound.
        bits = 16 if array.dtype.itemsize == 8 else array.dtype.itemsize * 8
        floats = np.asarray(array.astype(np.float64) / 2.0 ** (bits - 1), np.float32)
    else:
        floats = np.array(array, np.float32)  # what is too large becomes infinite, and is refused
    if not np.isfinite(floats).all():
        raise InvalidArgument(
            "There is a sample in the sound that is no finite number (nan or inf).",
            "Replace it: numpy.nan_to_num(samples).",
        )
    peak = float(np.abs(floats).max()) if floats.size else 0.0
    if peak > LOUDEST:
        raise InvalidArgument(
            f"A sample of the sound is {peak:,.1f}; floats are in -1 to 1.",
            "Divide 16-bit samples by 32768, or give them as int16.",
        )
    return np.clip(floats, -1.0, 1.0, out=floats)
