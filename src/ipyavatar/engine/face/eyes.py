"""The eyes: white, iris, lids and lashes, painted into the flat picture before it is warped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .paint import Area, bgr, blend, composite, gradient, planes, sample, write_planes

if TYPE_CHECKING:
    from .paint import Floats, Pixels

REACH = (58.0, -46.0, 34.0)
"""Half width, top and bottom of an eye with its lids, in art units from its centre."""

_BALL = gradient([(0, bgr("#aeb0b8")), (0.42, bgr("#f3f2f0")), (1, bgr("#ece6e3"))])
_LASH, _DUCT, _INK, _WHITE = bgr("#1d1310"), bgr("#d99a8c"), bgr("#141014"), bgr("#ffffff")
_DEEP = bgr("#5a2a1c")


def hump(t: Floats, lean: float, power: float) -> Floats:
    """A lid's bow over 0..1, leaning inward (lean < 1) or outward."""
    bow: Floats = np.clip(np.sin(np.pi * t**lean), 0, 1) ** power
    return bow


class EyePainter:
    """Paints one eye of a character at one size.

    Args:
        facts: The character's palette and geometry.
        k: Pixels per art unit.
        side: -1 the viewer's left eye, 1 the right one.
        origin: Pixel of the art origin.
    """

    def __init__(self, facts: dict[str, Any], k: float, side: int, origin: tuple[float, float]):
        e, p = facts["eyes"], {n: bgr(c) for n, c in facts["palette"].items()}
        self.e, self.side = e, side
        wide, top, bottom = (v * k for v in REACH)
        cx, cy = origin[0] + side * e["x"] * k, origin[1]
        self.box = int(cx - wide), int(cy + top), int(cx + wide) + 1, int(cy + bottom) + 1
        x0, y0, x1, y1 = self.box
        # u runs outward, from the nose to the temple.
        order = 1 if side > 0 else -1
        u = (np.arange(x0, x1, dtype=np.float32) - np.float32(cx)) / np.float32(k) * side
        y = (np.arange(y0, y1, dtype=np.float32) - np.float32(cy)) / np.float32(k)
        self.area = Area(u[::order], y[:, None], k)
        self.flip = np.s_[..., ::order]
        deep = blend(p["skin_shade"], _DEEP, 0.4)
        self.shade, self.crease = p["skin_shade"], deep
        self.lid = gradient(
            [
                (0, blend(p["skin"], p["skin_shade"], 0.42)),
                (0.45, blend(p["skin"], p["skin_light"], 0.25)),
                (1, blend(p["skin"], deep, 0.32)),
            ]
        )
        self.made_up = e["lash"] > 3.5
        self.lash = _LASH if self.made_up else blend(_LASH, p["skin_shade"], 0.3)
        edge, iris = p["iris_edge"], p["iris"]
        self.iris = gradient(
            [
                (0, _INK),
                (0.37, _INK),
                (0.43, blend(edge, iris, 0.2)),
                (0.62, iris),
                (0.80, blend(iris, _WHITE, 0.16)),
                (0.92, edge),
                (1, blend(edge, _INK, 0.35)),
            ]
        )
        w = e["half_width"]
        self.t = np.clip((self.area.x + w) / (2 * w + 2), 0, 1)
        self.inside = ((self.area.x > -w) & (self.area.x < w + 2)).astype(np.float32)

    def paint(self, skin: Pixels, blink: float, gaze: tuple[float, float], squint: float) -> Pixels:
        """The eye on its skin.

        Args:
            skin: The box of the flat picture without the eye (h, w, 4).
            blink: 0 open to 1 shut.
            gaze: Gaze right and down, -1 to 1.
            squint: How far the lower lid is raised by a smile, 0 to 1.

        Returns:
            The box with the eye, (h, w, 4).
        """
        base = np.ascontiguousarray(planes(skin)[self.flip])
        e, t = self.e, self.t
        dip = hump(t, 1.12, 0.9)
        line = 6.0 - e["tilt"] * t  # from the inner to the outer corner
        look = 3.0 * gaze[1]  # the lids follow the gaze
        rest = e["low"] * (1 - 0.30 * squint) + 0.4 * look
        lower = line + (rest - 2.0 * blink * (1 - blink)) * dip
        wide = line - (e["up"] - look) * hump(t, 0.88, 0.82)
        shut = line + e["low"] * 0.72 * dip
        upper = np.minimum(shut + (wide - shut) * (1 - blink), lower)
        if blink < 0.96:
            self._ball(base, upper, lower, gaze)
        self._lids(base, upper, lower, wide, 1 - blink)
        out = np.empty_like(skin)
        write_planes(out, base[self.flip])
        return out

    def _ball(self, base: Floats, upper: Floats, lower: Floats, gaze: tuple[float, float]) -> None:
        e, a = self.e, self.area
        u, w, r = a.x, e["half_width"], e["iris"]
        ball = sample(_BALL, (a.y - upper) / np.maximum(lower - upper, 4))
        ball *= 1 - 0.16 * np.clip(np.abs(u / w), 0, 1) ** 3
        composite(ball, _DUCT, 0.8 * np.exp(-(((u + w - 3) / 5) ** 2)))
        # In outward coordinates; both eyes converge a little on the viewer.
        cu, cy = self.side * gaze[0] * 11 - 1.5, gaze[1] * 7 - 2.5
        d = np.sqrt((u - cu) ** 2 + (a.y - cy) ** 2)
        iris = sample(self.iris, d / r)
        # Light gathers low in the iris, opposite to the window that is mirrored in it.
        composite(iris, _WHITE, np.clip((a.y - cy) / r, 0, 1) * (d > 0.42 * r) * np.float32(0.14))
        composite(ball, iris, np.clip((r - d) * (a.k * 0.8) + 0.5, 0, 1))
        for du, dy, size, power in ((-7, -8, 5.0, 0.95), (6.5, 8, 2.6, 0.4)):
            spot = np.sqrt((u - cu - du * self.side) ** 2 + (a.y - cy - dy) ** 2)
            composite(
                ball, _WHITE, np.clip((size - spot) * (a.k * 0.8) + 0.5, 0, 1) * np.float32(power)
            )
        ball *= 1 - 0.50 * np.exp(-np.maximum(a.y - upper, 0) / 4.5)
        composite(base, ball, a.between(upper, lower) * self.inside)

    def _lids(
        self, base: Floats, upper: Floats, lower: Floats, wide: Floats, opened: float
    ) -> None:
        e, a, t = self.e, self.area, self.t
        u, w = a.x, e["half_width"]
        bow = hump(t, 1.0, 0.7)
        crease = wide - (4 + 4.5 * opened) * bow - 1.5
        lid = sample(self.lid, (a.y - crease) / np.maximum(upper - crease, 6))
        composite(base, lid, a.between(crease, upper, 1.5) * (self.inside * 0.92))
        fold = a.between(crease - 1.4 * bow, crease + 1.2 * bow, 1.6) * self.inside
        composite(base, self.crease, fold * np.float32(0.40 + 0.30 * opened))
        # Upper lashes: thin at the nose, thick outside, made up with a little wing.
        wing = 5.0 * np.clip((u - w - 2) / 7, 0, 1) * (0.3 + 0.7 * opened)
        edge = np.where(u > w + 2, np.interp(w + 2, u, upper) - wing, upper)
        end = 9 if self.made_up else 4
        span = np.clip((u + w + 1) / 8, 0, 1) * np.clip((w + end - u) / 9, 0, 1)
        thick = e["lash"] * (0.35 + 0.65 * t) * span
        composite(base, self.lash, a.between(edge - 0.65 * thick, edge + 0.35 * thick, 0.5) * 0.93)
        span = np.clip((u + w * 0.6) / 20, 0, 1) * np.clip((w + 2 - u) / 5, 0, 1)
        composite(base, self.lash, a.between(lower - 0.5 * span, lower + 1.1 * span, 0.6) * 0.55)
        composite(base, self.shade, a.between(lower + 1.5, lower + 5, 3) * (0.35 * span))
