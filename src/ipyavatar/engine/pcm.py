"""Samples of sound as 16-bit integers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def to_int16(audio: NDArray[np.float32]) -> NDArray[np.int16]:
    """`float32[n]` in -1 to 1 as `int16[n]`; what is louder is clipped."""
    return (np.clip(audio, -1, 1) * 32767).astype(np.int16)
