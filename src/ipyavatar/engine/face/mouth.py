"""The mouth: lips, teeth, tongue and the dark behind them, from eight numbers and a smile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ipyavatar.core.pose import Mouth

from .paint import Area, bgr, blend, lay, pick, table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

REACH = (98.0, -46.0, 84.0)
"""Half width, top and bottom of all a mouth can cover, in art units from its centre."""

_TEETH_TOP, _TEETH_EDGE = bgr("#d9d2cb"), bgr("#fbf9f6")
_LOWER_TEETH = bgr("#d3cac2")
_DARK_TOP, _DARK_LOW = bgr("#240a0d"), bgr("#57191d")
_TONGUE, _TONGUE_LIGHT, _TONGUE_DARK = bgr("#c2605f"), bgr("#d98582"), bgr("#8c3a3e")
_INK = bgr("#3a1416")


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
        jaw = m.jaw * free
        up = max(0.0, smile)
        self.half = half = (
            size["half_width"] * (1 + 0.21 * m.wide - 0.36 * m.round) + 9 * up - 1.5 * m.press
        )
        s = np.clip(x / half, -1, 1)
        s2 = s * s
        flat = np.sqrt(np.clip(1 - s2, 0, 1))
        # Round mouths are ellipses, wide ones are lens shaped.
        bow = flat ** (1.5 - 0.5 * m.round - 0.25 * min(1.0, 2 * jaw))
        # The corners rise with a smile; the middle of the upper lip dips a little.
        seam = -10 * smile * s2 * (1 - 0.5 * m.round) + 1.6 * np.exp(-((s / 0.16) ** 2)) * (1 - s2)
        self.gap = gap = jaw * 46 * (1 - 0.16 * m.round) + 3.2 * m.tuck * free
        raised = (6.5 * m.upper + 0.16 * gap) * free
        lowered = gap * 0.84 + 4.0 * m.upper * free - 6.5 * m.tuck * free
        inner_bow = np.sqrt(np.clip(1 - (x / max(half - 3, 8)) ** 2, 0, 1)) ** (
            1.3 - 0.4 * m.round - 0.25 * min(1.0, 2 * jaw)
        )
        self.inner_up = seam - raised * inner_bow
        self.inner_low = seam + np.maximum(lowered, -raised) * inner_bow
        thick = (1 - 0.42 * m.press) * (1 - 0.10 * jaw)
        cupid = (
            1 - 0.20 * np.exp(-((s / 0.13) ** 2)) + 0.10 * np.exp(-(((abs(s) - 0.27) / 0.16) ** 2))
        )
        upper = (size["upper"] + 4.5 * m.round) * thick * (1 - 0.22 * max(0.0, m.wide) - 0.12 * up)
        lower = (size["lower"] + 4.0 * m.round) * thick * (1 - 0.14 * max(0.0, m.wide))
        lower *= 1 - 0.42 * m.tuck
        self.outer_up = self.inner_up - upper * bow * cupid
        self.outer_low = self.inner_low + lower * flat**1.25
        self.s = s
        self.there = np.clip((half - np.abs(x)) * 1.2 + 0.5, 0, 1)  # nothing beyond the corners


class MouthPainter:
    """Paints mouths of one character at one size.

    Args:
        facts: The character's palette and geometry.
        k: Pixels per art unit.
    """

    def __init__(self, facts: dict[str, Any], k: float):
        self.k, self.size = k, facts["mouth"]
        p = {name: bgr(c) for name, c in facts["palette"].items()}
        self.shade = blend(p["skin_shade"], bgr("#5a2a1c"), 0.3)
        self.light = p["lip_light"]
        self.seam = blend(p["lip_shade"], _INK, 0.45)
        edge = blend(p["lip"], p["skin"], 0.42)
        self.upper = table(
            [(0, edge), (0.2, blend(p["lip"], p["lip_shade"], 0.12)), (0.75, blend(p["lip"], p["lip_shade"], 0.55)), (1, p["lip_shade"])]
        )  # fmt: skip
        self.lower = table(
            [(0, blend(p["lip"], p["lip_shade"], 0.35)), (0.3, p["lip"]), (0.72, blend(p["lip"], p["lip_shade"], 0.25)), (1, blend(p["lip_shade"], p["skin_shade"], 0.5))]
        )  # fmt: skip
        self.dark = table([(0, _DARK_TOP), (1, _DARK_LOW)])

    def box(self, centre: Floats) -> tuple[int, int, int, int]:
        """The pixels a mouth at `centre` (pixels) can touch: x0, y0, x1, y1."""
        x, y = float(centre[0]), float(centre[1])
        wide, top, bottom = (v * self.k for v in REACH)
        return int(x - wide), int(y + top), int(x + wide) + 1, int(y + bottom) + 1

    def paint(
        self, canvas: NDArray[np.uint8], centre: Floats, roll: float, m: Mouth, smile: float
    ) -> None:
        """Paint onto `canvas` (h, w, 4 BGRA).

        Args:
            canvas: Holds the skin already.
            centre: Pixel of the mouth's centre.
            roll: Head roll in radians; small, so that a shear stands for it.
            m: The mouth.
            smile: -0.5 to 1.
        """
        x0, y0, x1, y1 = self.box(centre)
        k = np.float32(self.k)
        x = (np.arange(x0, x1, dtype=np.float32) - centre[0]) / k
        y = ((np.arange(y0, y1, dtype=np.float32) - centre[1]) / k)[:, None] - np.float32(roll) * x
        a = Area(x, y, self.k)
        c = Curves(x, m, smile, self.size)
        roi = canvas[y0:y1, x0:x1, :3]
        base = roi.astype(np.float32)
        self._skin(base, a, c)
        if c.gap > 0.6 or m.upper > 0.05:
            self._inside(base, a, c, m)
        self._lips(base, a, c, m)
        np.copyto(roi, base + np.float32(0.5), casting="unsafe")

    def _skin(self, base: Floats, a: Area, c: Curves) -> None:
        """Soft shadow under the lower lip and in the corners."""
        fall = np.exp(-(((a.y - c.outer_low - 4) / 7) ** 2)) * (
            0.42 * np.clip(1 - c.s**2 * 1.6, 0, 1)
        )
        for side in (-1, 1):
            spot = ((a.x - side * (c.half + 1)) / 8) ** 2 + ((a.y - c.inner_up) / 6.5) ** 2
            fall = np.maximum(fall, 0.5 * np.exp(-spot))
        lay(base, self.shade, fall)

    def _inside(self, base: Floats, a: Area, c: Curves, m: Mouth) -> None:
        hole = a.between(c.inner_up - 1, c.inner_low + 1) * c.there
        rows = np.flatnonzero(hole.max(1) > 0)
        columns = np.flatnonzero(hole.max(0) > 0)
        if not len(rows):
            return
        part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        span = np.s_[columns[0] : columns[-1] + 1]
        b = Area(a.x[span], a.y[part], a.k)
        up, low, s = c.inner_up[span], c.inner_low[span], c.s[span]
        depth = (b.y - up) / np.maximum(low - up, 1)
        inside = pick(self.dark, depth)
        arch = np.sqrt(np.clip(1 - (s / 0.86) ** 2, 0, 1))
        tall = c.gap
        if m.teeth > 0.45 and tall < 22:
            top = low - (3 + 6 * (m.teeth - 0.45)) * arch
            lay(inside, _LOWER_TEETH, b.between(top, low + 6) * (0.9 * arch**0.5))
        if m.tongue > 0.02 or tall > 10:
            rise = 5 + 0.16 * tall + (9 + 0.2 * tall) * m.tongue
            top = low - rise * np.clip(1 - (s / 0.72) ** 2, 0, 1) ** 0.6 + 2
            shade = table([(0, _TONGUE_LIGHT), (0.35, _TONGUE), (1, _TONGUE_DARK)])
            body = pick(shade, (b.y - top) / 20)
            lay(inside, body, b.between(top, low + 8, 1.5) * (np.abs(s) < 0.72))
        if m.teeth > 0.02:
            seam = float(c.inner_up[len(c.inner_up) // 2])
            edge = np.minimum(seam + 3.2 + 10.5 * m.teeth - 3.5 * s * s, low + 2)
            line = 1 - 0.10 * np.clip(np.cos(b.x * (2 * np.pi / 11.5)) - 0.72, 0, 1) / 0.28
            tone = (
                _TEETH_TOP + (_TEETH_EDGE - _TEETH_TOP) * np.clip((b.y - up) / 11, 0, 1)[..., None]
            )
            tone = tone * (line * (1 - 0.42 * s * s))[None, :, None]
            lay(inside, tone, b.between(up - 8, edge, 0.6) * np.clip((0.93 - np.abs(s)) * 14, 0, 1))
        # The upper lip throws a shadow on what is behind it.
        inside *= (1 - 0.5 * np.exp(-np.maximum(b.y - up, 0) / 3.2))[..., None]
        lay(base[part], inside, hole[part])

    def _lips(self, base: Floats, a: Area, c: Curves, m: Mouth) -> None:
        s2 = c.s * c.s
        v = (a.y - c.inner_low) / np.maximum(c.outer_low - c.inner_low, 0.5)
        lower = pick(self.lower, v)
        shine = np.exp(-(((v - 0.40) / 0.20) ** 2)) * (0.55 * np.exp(-(((c.s + 0.10) / 0.34) ** 2)))
        lay(lower, self.light, shine)
        lay(base, lower, a.between(c.inner_low, c.outer_low, 0.8) * c.there)
        v = (a.y - c.outer_up) / np.maximum(c.inner_up - c.outer_up, 0.5)
        upper = pick(self.upper, v)
        shine = np.exp(-(((v - 0.30) / 0.2) ** 2)) * (
            0.26 * np.exp(-(((np.abs(c.s) - 0.26) / 0.2) ** 2))
        )
        lay(upper, self.light, shine)
        lay(base, upper, a.between(c.outer_up, c.inner_up + 0.6, 0.8) * c.there)
        # Closed lips show a line, softer when pressed; it opens into the dark.
        closed = max(0.0, 1 - (c.gap + 3 * m.upper) / 4)
        if closed:
            half = (1.2 - 0.45 * m.press) * (1 - 0.5 * s2)
            line = a.between(c.inner_up - half, c.inner_up + half, 0.8)
            lay(base, self.seam, line * ((0.85 - 0.25 * m.press) * closed * c.there))
