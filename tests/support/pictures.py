"""How far two pictures are apart."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

EQUAL_DB = 99.0


def psnr(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Peak signal to noise of two 8 bit pictures in dB; `EQUAL_DB` if they are the same."""
    error = float(np.square(one.astype(np.int32) - other).mean())
    return min(EQUAL_DB, 10 * math.log10(255**2 / error)) if error else EQUAL_DB
