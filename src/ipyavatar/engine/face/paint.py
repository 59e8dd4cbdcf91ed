"""Analytic painting: every shape is the area between curves y(x), covered pixel by pixel.

Lips and lids are graphs over x, so their exact coverage is a few array operations; soft
shading comes for free, and nothing is jagged at any size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


def bgr(colour: str) -> Floats:
    """'#rrggbb' to float BGR (3,), 0 to 255."""
    return np.array([int(colour[i : i + 2], 16) for i in (5, 3, 1)], np.float32)


def blend(a: Floats, b: Floats, share: float) -> Floats:
    """The colour `share` of the way from `a` to `b`."""
    return a * np.float32(1 - share) + b * np.float32(share)


def table(stops: Sequence[tuple[float, Floats]], n: int = 64) -> Floats:
    """Colours (n, 3) interpolated between `stops` at 0..1."""
    at = np.linspace(0, 1, n)
    where = [p for p, _ in stops]
    return np.stack([np.interp(at, where, [c[i] for _, c in stops]) for i in range(3)], -1).astype(
        np.float32
    )


def pick(colours: Floats, share: Floats) -> Floats:
    """Colours (h, w, 3) of a table at shares (h, w) in 0..1; beyond is clamped."""
    n = len(colours) - 1
    found: Floats = colours[np.clip(share * n + 0.5, 0, n).astype(np.intp)]
    return found


class Area:
    """A patch of pixels with its coordinates in units.

    Args:
        x: Units of the columns (w,).
        y: Units of the pixels (h, w) or (h, 1).
        k: Pixels per unit.
    """

    def __init__(self, x: Floats, y: Floats, k: float):
        self.x, self.y, self.k = x, y, np.float32(k)

    def below(self, curve: Floats, soft: float = 0.0) -> Floats:
        """Share (h, w) of each pixel that lies below the curve (larger y); `soft` in units."""
        slope = np.gradient(curve, self.x)
        sharp = self.k / np.sqrt(1 + slope * slope)
        if soft:
            sharp = sharp / (1 + soft * sharp)
        share: Floats = np.clip((self.y - curve) * sharp + np.float32(0.5), 0, 1)
        return share

    def between(self, top: Floats, bottom: Floats, soft: float = 0.0) -> Floats:
        """Share (h, w) of each pixel between two curves."""
        share: Floats = np.maximum(self.below(top, soft) - self.below(bottom, soft), 0)
        return share


def lay(base: Floats, colour: Floats, cover: Floats) -> None:
    """Lay `colour` ((3,) or (h, w, 3)) over `base` (h, w, 3) by `cover` (h, w), in place."""
    base += (colour - base) * cover[..., None]
