"""The mouth: lips, teeth, tongue and the dark behind them, from eight numbers and a smile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..pose import Mouth
from .paint import Area, bgr, blend, composite, gradient, planes, sample, write_planes

if TYPE_CHECKING:
    from .paint import Floats, Pixels

_TEETH = gradient([(0, bgr("#cfc6be")), (0.7, bgr("#f7f4f0")), (1, bgr("#fbf9f6"))])
_LOWER_TEETH = bgr("#cdc3bb")
_DARK = gradient([(0, bgr("#240a0d")), (1, bgr("#4c1519"))])
_TONGUE = gradient([(0, bgr("#c66e70")), (0.3, bgr("#aa5257")), (1, bgr("#722b33"))])
_INK = bgr("#3a1416")
_DEEP = bgr("#5a2a1c")


class Curves:
    """The four lip contours over x for one shape of the mouth, in art units from its centre.

    Args:
        x: Columns (w,).
        m: The mouth.
        smile: -0.5 to 1.
        size: The character's `half_width`, `upper` and `lower` lip thickness.
    """

    def __init__(self, x: Floats, m: Mouth, smile: float, size: dict[str, float]):
        free = 1 - m.press  # pressed lips close whatever the jaw says
        jaw, up, wide = m.jaw * free, max(0.0, smile), max(0.0, m.wide)
        self.half = half = half_width(m, smile, size)
        self.s = s = np.clip(x / half, -1, 1)
        s2 = s * s
        # Round mouths are ellipses, wide ones are lens shaped.
        flat = np.sqrt(1 - s2)
        oval = min(1.0, m.round + 0.8 * jaw)
        hole = np.sqrt(np.clip(1 - (x / max(half - 3, 8)) ** 2, 0, 1)) ** (1.35 - 0.35 * oval)
        # A smile lifts the corners, an open jaw pulls them down; the upper lip dips in the middle.
        line = (0.10 * jaw * 46 - 21 * smile * (1 - 0.5 * m.round)) * s2
        dip = 1.5 * np.exp(-((s / 0.17) ** 2))
        self.gap = gap = jaw * 46 * (1 - 0.14 * m.round) + 3.2 * m.tuck * free
        raised = (6.5 * m.upper + 0.14 * gap + 0.20 * gap * m.round) * free
        lowered = gap * (0.86 - 0.16 * m.round) + (4.0 * m.upper - 6.5 * m.tuck) * free
        self.inner_up = line + dip - raised * hole
        self.inner_low = line + dip * max(0.0, 1 - gap / 6) + max(lowered, -raised) * hole
        thick = (1 - 0.42 * m.press) * (1 - 0.10 * jaw)
        cupid = 1 - 0.20 * np.exp(-((s / 0.13) ** 2))
        cupid += 0.10 * np.exp(-(((np.abs(s) - 0.27) / 0.16) ** 2))
        upper = (size["upper"] + 4.5 * m.round) * thick * (1 - 0.22 * wide - 0.12 * up)
        lower = (size["lower"] + 4.0 * m.round) * thick * (1 - 0.14 * wide) * (1 - 0.42 * m.tuck)
        self.outer_up = self.inner_up - upper * flat ** (1.5 - 0.4 * oval) * cupid
        self.outer_low = self.inner_low + lower * flat ** (1.25 - 0.2 * oval)
        self.there = np.clip((half - np.abs(x)) * 1.2 + 0.5, 0, 1)  # nothing beyond the corners


def half_width(m: Mouth, smile: float, size: dict[str, float]) -> float:
    """From the centre to a corner, in art units."""
    stretch = 1 + 0.21 * m.wide - 0.36 * m.round - 0.07 * m.jaw * (1 - m.press)
    return size["half_width"] * stretch + 11 * max(0.0, smile) - 1.5 * m.press


class MouthPainter:
    """Paints mouths of one character at one size.

    Args:
        facts: The character's palette and geometry.
        k: Pixels per art unit.
    """

    def __init__(self, facts: dict[str, Any], k: float):
        self.k, self.size = k, facts["mouth"]
        p = {name: bgr(c) for name, c in facts["palette"].items()}
        lip, dark = p["lip"], p["lip_shade"]
        self.shade = blend(p["skin_shade"], _DEEP, 0.3)
        self.light = p["lip_light"]
        self.seam = blend(dark, _INK, 0.45)
        self.upper = gradient(
            [
                (0, blend(lip, p["skin"], 0.42)),
                (0.2, blend(lip, dark, 0.12)),
                (0.75, blend(lip, dark, 0.55)),
                (1, dark),
            ]
        )
        self.lower = gradient(
            [
                (0, blend(lip, dark, 0.35)),
                (0.3, lip),
                (0.72, blend(lip, dark, 0.25)),
                (1, blend(dark, p["skin_shade"], 0.5)),
            ]
        )

    def paint(self, canvas: Pixels, centre: Floats, roll: float, m: Mouth, smile: float) -> None:
        """Paint onto `canvas` (h, w, 4 BGRA).

        Args:
            canvas: Holds the skin already.
            centre: Pixel of the mouth's centre.
            roll: Head roll in radians; small, so that a shear stands for it.
            m: The mouth.
            smile: -0.5 to 1.
        """
        k, h, w = self.k, *canvas.shape[:2]
        cx, cy = float(centre[0]), float(centre[1])
        reach = (half_width(m, smile, self.size) + 14) * k
        x0, x1 = max(0, int(cx - reach)), min(w, int(cx + reach) + 2)
        x = (np.arange(x0, x1, dtype=np.float32) - np.float32(cx)) / np.float32(k)
        c = Curves(x, m, smile, self.size)
        tilt = np.float32(roll) * x
        top, bottom = float((c.outer_up + tilt).min()), float((c.outer_low + tilt).max())
        y0, y1 = max(0, int(cy + (top - 7) * k)), min(h, int(cy + (bottom + 17) * k) + 2)
        y = (np.arange(y0, y1, dtype=np.float32) - np.float32(cy)) / np.float32(k)
        a = Area(x, y[:, None] - tilt, k)
        base = planes(canvas[y0:y1, x0:x1])
        self._skin(base, a, c)
        if c.gap > 0.6 or m.upper > 0.05:
            self._inside(base, a, c, m)
        self._lips(base, a, c, m)
        write_planes(canvas[y0:y1, x0:x1], base)

    def _skin(self, base: Floats, a: Area, c: Curves) -> None:
        """Soft shadow under the lower lip and in the corners."""
        fall = np.exp(-(((a.y - c.outer_low - 4) / 7) ** 2))
        fall *= 0.42 * np.clip(1 - c.s * c.s * 1.6, 0, 1)
        spot = ((np.abs(a.x) - c.half - 1) / 8) ** 2 + ((a.y - c.inner_up) / 6.5) ** 2
        composite(base, self.shade, np.maximum(fall, 0.5 * np.exp(-spot)))

    def _inside(self, base: Floats, a: Area, c: Curves, m: Mouth) -> None:
        middle = len(c.s) // 2
        hole = a.between(c.inner_up - 1, c.inner_low + 1) * c.there
        rows = np.flatnonzero(hole.max(1) > 0)
        columns = np.flatnonzero(hole.max(0) > 0)
        if not len(rows):
            return
        down = slice(int(rows[0]), int(rows[-1]) + 1)
        across = slice(int(columns[0]), int(columns[-1]) + 1)
        b = a.part(down, across)
        up, low, s = c.inner_up[across], c.inner_low[across], c.s[across]
        inside = sample(_DARK, (b.y - up) / np.maximum(low - up, 1))
        arch = np.sqrt(np.clip(1 - (s / 0.86) ** 2, 0, 1))
        if m.teeth > 0.45 and c.gap < 26:
            top = low - (3 + 7 * (m.teeth - 0.45)) * arch
            composite(inside, _LOWER_TEETH, b.between(top, low + 6) * (0.9 * np.sqrt(arch)))
        if c.gap > 12:  # the back of the tongue lies low in the open mouth
            rise = 4 + 0.24 * c.gap + 7 * m.tongue
            self._tongue(inside, b, s, low, rise=rise, width=0.70)
        if m.teeth > 0.02:
            edge = np.minimum(c.inner_up[middle] + 3 + 11 * m.teeth - 3.5 * s * s, low + 2)
            gaps = np.clip(np.cos(b.x * (2 * np.pi / 11.5)) - 0.72, 0, 1) / 0.28
            tone = sample(_TEETH, (b.y - up) / 12) * ((1 - 0.10 * gaps) * (1 - 0.42 * s * s))
            composite(
                inside, tone, b.between(up - 8, edge, 0.6) * np.clip((0.93 - np.abs(s)) * 14, 0, 1)
            )
        if m.tongue > 0.3:  # its tip comes up to the teeth
            rise = (low[len(low) // 2] - up[len(up) // 2]) * (0.25 + 0.5 * m.tongue)
            self._tongue(inside, b, s, low, rise=float(rise), width=0.50)
        # The lips throw shadows on what is behind them.
        inside *= 1 - 0.5 * np.exp(-np.maximum(b.y - up, 0) / 3.2)
        inside *= 1 - 0.45 * np.exp(-np.maximum(low - b.y, 0) / 3.4)
        composite(base[:, down, across], inside, hole[down, across])

    @staticmethod
    def _tongue(
        inside: Floats, b: Area, s: Floats, low: Floats, *, rise: float, width: float
    ) -> None:
        top = low - rise * np.clip(1 - (s / width) ** 2, 0, 1) ** 0.6 + 2
        body = sample(_TONGUE, (b.y - top) / 20)
        body *= 1 - 0.10 * np.exp(-((b.x / 2.6) ** 2))  # the groove
        composite(inside, body, b.between(top, low + 8, 1.5) * (np.abs(s) < width))

    def _lips(self, base: Floats, a: Area, c: Curves, m: Mouth) -> None:
        v = (a.y - c.inner_low) / np.maximum(c.outer_low - c.inner_low, 0.5)
        lower = sample(self.lower, v)
        shine = np.exp(-(((v - 0.40) / 0.20) ** 2))
        composite(lower, self.light, shine * (0.55 * np.exp(-(((c.s + 0.10) / 0.34) ** 2))))
        composite(base, lower, a.between(c.inner_low, c.outer_low, 0.8) * c.there)
        v = (a.y - c.outer_up) / np.maximum(c.inner_up - c.outer_up, 0.5)
        upper = sample(self.upper, v)
        shine = np.exp(-(((v - 0.30) / 0.20) ** 2))
        composite(upper, self.light, shine * (0.26 * np.exp(-(((np.abs(c.s) - 0.26) / 0.2) ** 2))))
        composite(base, upper, a.between(c.outer_up, c.inner_up + 0.6, 0.8) * c.there)
        # Closed lips show a line, softer when pressed; it opens into the dark.
        closed = max(0.0, 1 - (c.gap + 3 * m.upper) / 4)
        if closed:
            half = (1.2 - 0.45 * m.press) * (1 - 0.5 * c.s * c.s)
            line = a.between(c.inner_up - half, c.inner_up + half, 0.8) * c.there
            composite(base, self.seam, line * np.float32((0.85 - 0.25 * m.press) * closed))
