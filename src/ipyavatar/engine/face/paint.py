"""Analytic painting: every shape is the area between curves y(x), covered pixel by pixel.

Lips and lids are graphs over x, so their exact coverage is a few array operations; soft
shading comes for free, and nothing is jagged at any size. Pictures are planar here, (3, h, w):
arrays with a last axis of three are several times slower in numpy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]
    Pixels = NDArray[np.uint8]

_STEPS = 64


def bgr(colour: str) -> Floats:
    """'#rrggbb' to float BGR (3, 1, 1), 0 to 255."""
    return np.array([int(colour[i : i + 2], 16) for i in (5, 3, 1)], np.float32).reshape(3, 1, 1)


def blend(a: Floats, b: Floats, share: float) -> Floats:
    """The colour `share` of the way from `a` to `b`."""
    return a * np.float32(1 - share) + b * np.float32(share)


def gradient(stops: Sequence[tuple[float, Floats]]) -> Floats:
    """Colours (3, 64) interpolated between `stops` at 0..1."""
    at = np.linspace(0, 1, _STEPS)
    where = [p for p, _ in stops]
    rows = [np.interp(at, where, [c.flat[i] for _, c in stops]) for i in range(3)]
    return np.stack(rows).astype(np.float32)


def sample(colours: Floats, share: Floats) -> Floats:
    """Colours (3, h, w) of a table at shares (h, w) in 0..1; beyond is clamped."""
    index = np.clip(share * np.float32(_STEPS - 1) + np.float32(0.5), 0, _STEPS - 1)
    found: Floats = np.take(colours, index.astype(np.intp), axis=1)
    return found


def composite(base: Floats, colour: Floats, cover: Floats) -> None:
    """Lay `colour` ((3, 1, 1) or (3, h, w)) over `base` (3, h, w) by `cover`, in place."""
    base += (colour - base) * cover


def planes(pixels: Pixels) -> Floats:
    """Float BGR planes (3, h, w) of BGRA pixels (h, w, 4)."""
    return np.stack(cv2.split(pixels)[:3]).astype(np.float32)


def write_planes(pixels: Pixels, base: Floats) -> None:
    """Write planes back into BGRA pixels; alpha becomes 255."""
    flat = (base + np.float32(0.5)).astype(np.uint8)
    cv2.merge([*flat, np.full(flat.shape[1:], 255, np.uint8)], pixels)


class Area:
    """A patch of pixels with its coordinates in units.

    Args:
        x: Units of the columns (w,), evenly spaced.
        y: Units of the pixels (h, w) or (h, 1).
        k: Pixels per unit.
    """

    def __init__(self, x: Floats, y: Floats, k: float):
        self.x, self.y, self.k = x, y, np.float32(k)

    def below(self, curve: Floats, soft: float = 0.0) -> Floats:
        """Share (h, w) of each pixel that lies below the curve (larger y); `soft` in units."""
        slope = np.empty_like(curve)
        slope[1:-1] = (curve[2:] - curve[:-2]) * (self.k / 2)
        slope[0], slope[-1] = slope[1], slope[-2]
        sharp = self.k / np.sqrt(1 + slope * slope)
        if soft:
            sharp = sharp / (1 + soft * sharp)
        share: Floats = self.y * sharp
        share += 0.5 - curve * sharp
        return np.clip(share, 0, 1, out=share)

    def between(self, top: Floats, bottom: Floats, soft: float = 0.0) -> Floats:
        """Share (h, w) of each pixel between two curves."""
        share = self.below(top, soft)
        share -= self.below(bottom, soft)
        return np.maximum(share, 0, out=share)

    def part(self, rows: slice, columns: slice) -> Area:
        """The same area, cut."""
        y = self.y[rows, columns] if self.y.shape[1] > 1 else self.y[rows]
        return Area(self.x[columns], y, float(self.k))
