"""Smooth deformation of the flat picture: nothing but where each pixel is taken from.

The whole figure is one flat picture. Moving the head, opening the jaw, turning, raising a
brow or breathing each add a smooth displacement that fades to nothing, so there are no layers
and no seams. Displacements live on a coarse grid and are scaled up to a pixel map.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

Rect = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels, ends excluded."""

FIELDS = (
    "yaw",
    "pitch",
    "jaw",
    "smile",
    "brow_left",
    "brow_right",
    "brow_angle",
    "breath",
    "round",
)


def ramp(x: Floats, start: float, end: float) -> Floats:
    """0 before `start`, 1 after `end`, smooth between (3t^2 - 2t^3)."""
    t = np.clip((x - start) / (end - start), 0, 1)
    eased: Floats = (t * t * (3 - 2 * t)).astype(np.float32)
    return eased


def bump(x: Floats, centre: float, half: float) -> Floats:
    """1 at `centre`, 0 from `half` away on, smooth (raised cosine)."""
    t = np.clip(np.abs(x - centre) / half, 0, 1)
    raised: Floats = (0.5 + 0.5 * np.cos(np.pi * t)).astype(np.float32)
    return raised


def displacements(x: Floats, y: Floats, facts: dict[str, Any]) -> Floats:
    """How far points move, in art units, for one unit of each of `FIELDS`.

    Args:
        x: Art x coordinates, any shape.
        y: Art y coordinates, same shape.
        facts: The character's geometry.

    Returns:
        Array (len(FIELDS), *x.shape, 2).
    """
    face, mouth, nose, eyes = facts["face"], facts["mouth"], facts["nose"], facts["eyes"]
    w, chin, my, ny = face["half_width"], face["chin_y"], mouth["y"], nose["y"]
    out = np.zeros((len(FIELDS), *x.shape, 2), np.float32)
    side, above = np.abs(x), ramp(y, chin + 70, chin - 40)
    # Turn and nod: the middle of the face is nearer than its rim, the nose nearest.
    near = np.clip(1 - (x / (w + 14)) ** 2, 0, 1) ** 1.2 * bump(y, 20, 260) * above
    tip = bump(x, 0, 46) * bump(y, ny - 12, 74)
    out[0, ..., 0] = 15 * near + 5 * tip
    out[1, ..., 1] = 10 * near + 5 * tip
    # The jaw turns about the ears: the chin moves most, the cheeks are drawn in a little.
    low = ramp(y, my - 2, my + 62) * ramp(y, chin + 72, chin + 8)
    out[2, ..., 1] = 28 * low * ramp(side, w - 2, 52)
    cheek = bump(y, my + 20, 80) * bump(side, w * 0.62, w * 0.36)
    out[2, ..., 0] = -4.5 * np.sign(x) * cheek
    # A smile lifts and widens the cheeks beside the corners.
    lift = bump(side, 82, 56) * bump(y, my - 40, 74)
    out[3, ..., 0] = 4 * np.sign(x) * lift
    out[3, ..., 1] = -7 * lift
    # Brows: forehead above follows, the eye below does not.
    # Glasses sit on the nose: there the brows move above the frame.
    top, floor = facts["brows"]["y"], 16 if facts["over"] else 26
    rise = np.where(y < top, ramp(y, top - 62, top - 8), ramp(y, top + floor, top + 3))
    for i, s in ((4, -1), (5, 1)):
        out[i, ..., 1] = -15 * rise * bump(x, s * eyes["x"], eyes["x"] + 4)
        out[6, ..., 1] += (
            rise * bump(x, s * eyes["x"], eyes["x"] + 4) * (x * s - eyes["x"]) * 0.0175
        )
    # Breathing in lifts the shoulders and widens them a little.
    chest = ramp(y, 292, 372)
    fade = ramp(side, 440, 380)
    out[7, ..., 1] = -5 * chest * fade
    out[7, ..., 0] = 1.5 * chest * fade * np.clip(x / 200, -1, 1)
    out[8, ..., 0] = -5 * np.sign(x) * bump(side, 74, 56) * bump(y, my, 66)
    return out


class WarpGrid:
    """Pixel maps for rectangles of one picture size.

    Args:
        facts: The character's geometry.
        size: Width and height in pixels.
        origin: Pixel of the art origin.
        k: Pixels per art unit.
    """

    def __init__(
        self, facts: dict[str, Any], size: tuple[int, int], origin: tuple[float, float], k: float
    ):
        self.k, self.origin, self.size = k, origin, size
        # About 9 art units: the narrowest feature of a field is 18 units wide.
        self.step = step = max(4, round(9.4 * k))
        columns, rows = -(-size[0] // step), -(-size[1] // step)
        # cv2.resize scales about pixel centres: node i sits at pixel (i + 1/2) step - 1/2.
        px = (np.arange(columns, dtype=np.float32) + 0.5) * step - 0.5
        py = (np.arange(rows, dtype=np.float32) + 0.5) * step - 0.5
        self.points: Floats = np.stack(np.meshgrid(px, py), -1)
        x, y = (self.points[..., i] - origin[i] for i in (0, 1))
        x, y = x / k, y / k
        fields = displacements(x, y, facts) * k
        self._fields = fields.reshape(len(FIELDS), -1)
        hair = facts["hair"]
        reach = ramp(np.abs(x), hair["half_width"] + 64, hair["half_width"] + 4)
        neck = ramp(y, 336, facts["face"]["chin_y"] - 4)
        # All margins end inside the rectangle that the renderer draws anew.
        sky = ramp(y, hair["top"] - 70, hair["top"] - 6)
        self.weight: Floats = (reach * neck * sky)[..., None]
        self.pivot = np.array([origin[0], origin[1] + 215 * k], np.float32)
        self._nodes = (self.points + 0.5) / step - 0.5
        self._local: Floats = np.zeros_like(self.points)
        self._moved = False
        self.turn = np.eye(2, dtype=np.float32)
        self.shift = np.zeros(2, np.float32)

    def set(self, weights: Floats, shift: tuple[float, float], roll: float) -> None:
        """Pose the grid.

        Args:
            weights: One number for each of `FIELDS`.
            shift: Head shift in pixels.
            roll: Head roll in radians.
        """
        self._local = (weights @ self._fields).reshape(self.points.shape)
        self._moved = bool(roll or shift[0] or shift[1])
        c, s = np.cos(roll), np.sin(roll)
        self.turn = np.array([[c, -s], [s, c]], np.float32)
        self.shift = np.array(shift, np.float32)

    def carry(self, point: tuple[float, float], own: Floats) -> Floats:
        """Where a pixel of the head at rest is now, given its own displacement in pixels."""
        at = np.array(point, np.float32) + own
        moved: Floats = self.turn @ (at - self.pivot) + self.pivot + self.shift
        return moved

    def draw(self, source: NDArray[np.uint8], out: NDArray[np.uint8], rect: Rect) -> None:
        """Draw `rect` of the deformed `source` into `out` (same shape)."""
        x0, y0, x1, y1 = rect
        g = self.step
        c0, r0 = max(0, x0 // g - 1), max(0, y0 // g - 1)
        c1, r1 = -(-x1 // g) + 1, -(-y1 // g) + 1
        rows, columns = slice(y0 - r0 * g, y1 - r0 * g), slice(x0 - c0 * g, x1 - c0 * g)
        maps = []
        for plane in cv2.split(self._source(slice(r0, r1), slice(c0, c1))):
            size = plane.shape[1] * g, plane.shape[0] * g
            full = cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR)
            maps.append(full[rows, columns])
        edge, into = cv2.BORDER_REPLICATE, out[y0:y1, x0:x1]
        cv2.remap(source, maps[0], maps[1], cv2.INTER_LINEAR, dst=into, borderMode=edge)

    def _source(self, rows: slice, columns: slice) -> Floats:
        """Where the pixels at these nodes are taken from."""
        points = self.points[rows, columns]
        if not self._moved:
            return points - self._local[rows, columns]
        back = (points - self.pivot - self.shift) @ self.turn + self.pivot
        rigid = (points - back) * self.weight[rows, columns]
        # The features ride on the head: look their displacement up where the head came from.
        x, y = cv2.split(self._nodes[rows, columns] - rigid / np.float32(self.step))
        edge = cv2.BORDER_REPLICATE
        return points - rigid - cv2.remap(self._local, x, y, cv2.INTER_LINEAR, borderMode=edge)
