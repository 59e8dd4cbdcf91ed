"""The eyes: white, iris, lids and lashes, painted into the flat picture before it is warped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .paint import Area, bgr, blend, lay, pick, table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

REACH = (58.0, -46.0, 34.0)
"""Half width, top and bottom of an eye with its lids, in art units from its centre."""

_WHITE = table([(0, bgr("#aeb0b8")), (0.42, bgr("#f3f2f0")), (1, bgr("#ece6e3"))])
_LASH, _DUCT, _INK = bgr("#1d1310"), bgr("#d99a8c"), bgr("#141014")


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
        self.u = ((np.arange(x0, x1, dtype=np.float32) - cx) / k * side).astype(np.float32)
        self.y = ((np.arange(y0, y1, dtype=np.float32) - cy) / k)[:, None]
        order = 1 if side > 0 else -1
        self.area = Area(self.u[::order], self.y, k)
        self.flip = np.s_[:, ::order]
        self.skin, self.shade = p["skin"], p["skin_shade"]
        deep = blend(self.shade, bgr("#5a2a1c"), 0.4)
        self.crease = deep
        self.lid = table(
            [(0, blend(p["skin"], self.shade, 0.42)), (0.45, blend(p["skin"], p["skin_light"], 0.25)), (1, blend(p["skin"], deep, 0.32))]
        )  # fmt: skip
        self.lash = blend(_LASH, self.shade, 0.0 if e["lash"] > 3.5 else 0.3)
        edge, iris = p["iris_edge"], p["iris"]
        self.iris = table(
            [(0, _INK), (0.37, _INK), (0.43, blend(edge, iris, 0.2)), (0.62, iris), (0.80, blend(iris, bgr("#ffffff"), 0.16)), (0.92, edge), (1, blend(edge, _INK, 0.35))],
            128,
        )  # fmt: skip

    def paint(
        self, skin: NDArray[np.uint8], blink: float, gaze: tuple[float, float], squint: float
    ) -> NDArray[np.uint8]:
        """The eye on its skin.

        Args:
            skin: The box of the flat picture without the eye (h, w, 4).
            blink: 0 open to 1 shut.
            gaze: Gaze right and down, -1 to 1.
            squint: How far the lower lid is raised by a smile, 0 to 1.

        Returns:
            The box with the eye, (h, w, 4).
        """
        out = skin.copy()
        base = np.ascontiguousarray(out[..., :3][self.flip]).astype(np.float32)
        e, a = self.e, self.area
        u, w = a.x, e["half_width"]
        t = np.clip((u + w) / (2 * w + 2), 0, 1)
        hump = np.clip(np.sin(np.pi * t**0.88), 0, 1) ** 0.82
        dip = np.clip(np.sin(np.pi * t**1.12), 0, 1) ** 0.9
        line = 6.0 - e["tilt"] * t  # inner corner to outer corner
        opened = 1 - blink
        look = 3.0 * gaze[1]  # the lids follow the gaze
        lower = (
            line + (e["low"] * (1 - 0.30 * squint) + 0.4 * look - 2.0 * blink * (1 - blink)) * dip
        )
        open_upper = line - (e["up"] - look) * hump
        shut = line + e["low"] * 0.72 * dip
        upper = shut + (open_upper - shut) * opened
        upper = np.minimum(upper, lower)
        inside = (u > -w) & (u < w + 2)
        if opened > 0.04:
            self._ball(base, upper, lower, gaze, inside)
        self._lids(base, t, upper, lower, open_upper, opened, inside)
        np.copyto(out[..., :3][self.flip], base + np.float32(0.5), casting="unsafe")
        return out

    def _ball(
        self, base: Floats, upper: Floats, lower: Floats, gaze: tuple[float, float], inside: Any
    ) -> None:
        e, a = self.e, self.area
        u, w, r = a.x, e["half_width"], e["iris"]
        ball = pick(_WHITE, (a.y - upper) / np.maximum(lower - upper, 4))
        ball *= (1 - 0.16 * np.clip(np.abs(u / w), 0, 1) ** 3)[None, :, None]
        lay(ball, _DUCT, np.exp(-(((u + w - 3) / 5) ** 2))[None] * np.ones_like(a.y) * 0.8)
        cu, cy = self.side * gaze[0] * 11 - 1.5, gaze[1] * 7 - 2.5
        d = np.sqrt((u - cu) ** 2 + (a.y - cy) ** 2)
        iris = pick(self.iris, d / r)
        # Light gathers low in the iris, opposite to the window that is mirrored in it.
        glow = np.clip((a.y - cy) / r, 0, 1) * (d > 0.42 * r) * 0.34
        iris += (255 - iris) * glow[..., None] * 0.4
        lay(ball, iris, np.clip((r - d) * a.k * 0.8 + 0.5, 0, 1))
        for du, dy, size, power in ((-7, -8, 5.2, 0.95), (6.5, 8, 2.6, 0.4)):
            spot = np.sqrt((u - cu - du * self.side) ** 2 + (a.y - cy - dy) ** 2)
            lay(ball, bgr("#ffffff"), np.clip((size - spot) * a.k * 0.8 + 0.5, 0, 1) * power)
        ball *= (1 - 0.50 * np.exp(-np.maximum(a.y - upper, 0) / 4.5))[..., None]
        lay(base, ball, a.between(upper, lower) * inside)

    def _lids(
        self,
        base: Floats,
        t: Floats,
        upper: Floats,
        lower: Floats,
        open_upper: Floats,
        opened: float,
        inside: Any,
    ) -> None:
        e, a = self.e, self.area
        w = e["half_width"]
        hump = np.clip(np.sin(np.pi * t), 0, 1) ** 0.7
        crease = open_upper - (4 + 4.5 * opened) * hump - 1.5
        lid = pick(self.lid, (a.y - crease) / np.maximum(upper - crease, 6))
        lay(base, lid, a.between(crease, upper, 1.5) * inside * 0.92)
        line = a.between(crease - 1.4 * hump, crease + 1.2 * hump, 1.6) * inside
        lay(base, self.crease, line * (0.40 + 0.30 * opened))
        # Upper lashes: thin at the nose, thick outside, with a little wing.
        u = a.x
        wing = np.clip((u - w - 2) / 7, 0, 1)
        edge = np.where(
            u > w + 2, np.interp(w + 2, u, upper) - 5.0 * wing * (0.3 + 0.7 * opened), upper
        )
        span = np.clip((u + w + 1) / 8, 0, 1) * np.clip(
            (w + (9 if e["lash"] > 3.5 else 4) - u) / 9, 0, 1
        )
        thick = e["lash"] * (0.35 + 0.65 * np.clip(t, 0, 1)) * span
        lay(base, self.lash, a.between(edge - 0.65 * thick, edge + 0.35 * thick, 0.5) * 0.93)
        span = np.clip((u + w * 0.6) / 20, 0, 1) * np.clip((w + 2 - u) / 5, 0, 1)
        lay(base, self.lash, a.between(lower - 0.5 * span, lower + 1.1 * span, 0.6) * 0.55)
        lay(base, self.shade, a.between(lower + 1.5, lower + 5, 3) * span * 0.35)
