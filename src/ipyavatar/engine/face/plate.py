"""The flat picture at the wanted size: background, figure and glasses from the package data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import cv2
import numpy as np

from .characters import DATA

if TYPE_CHECKING:
    from .paint import Floats, Pixels


def read(name: str) -> Pixels:
    """Read a picture of the package data, with its alpha if it has one.

    Raises:
        OSError: If the file cannot be decoded.
    """
    raw = np.frombuffer((DATA / name).read_bytes(), np.uint8)
    picture = cv2.imdecode(raw, cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise OSError(f"cannot decode {name}")
    return cast("Pixels", picture)


class Plate:
    """Composes the pictures of one character at one size.

    Args:
        facts: The character's geometry.
        size: Width and height in pixels.
        origin: Pixel of the art origin.
        k: Pixels per art unit.
    """

    def __init__(
        self, facts: dict[str, Any], size: tuple[int, int], origin: tuple[float, float], k: float
    ):
        self._facts, self._size, self._origin, self._k = facts, size, origin, k
        self._over = None
        if facts["over"]:
            self._over = self._sprite(read(f"{facts['name']}.over.webp"), facts["over"])

    def picture(self) -> Pixels:
        """Background and figure without eyes, mouth and glasses, opaque BGRA (h, w, 4)."""
        out = self._room()
        box = self._facts["figure"]["box"]
        figure = self._sprite(read(f"{self._facts['name']}.webp"), box)
        left, top = self._corner(box)
        h, w = out.shape[:2]
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(w, left + figure.shape[1]), min(h, top + figure.shape[0])
        part = figure[y0 - top : y1 - top, x0 - left : x1 - left]
        out[y0:y1, x0:x1] *= 1 - part[..., 3:] / 255
        out[y0:y1, x0:x1] += part[..., :3]
        picture = np.full((h, w, 4), 255, np.uint8)
        picture[..., :3] = np.clip(out + 0.5, 0, 255)
        return picture

    def put_glasses(self, pixels: Pixels, x0: int, y0: int) -> None:
        """Put the glasses, if any, over `pixels`, a part (h, w, 4) of the picture from (x0, y0)."""
        if self._over is None:
            return
        left, top = self._corner(self._facts["over"])
        (tall, wide), (h, w) = self._over.shape[:2], pixels.shape[:2]
        a, b, c, d = max(x0, left), max(y0, top), min(x0 + w, left + wide), min(y0 + h, top + tall)
        glass = self._over[b - top : d - top, a - left : c - left]
        part = pixels[b - y0 : d - y0, a - x0 : c - x0, :3]
        part[:] = np.minimum(part * (1 - glass[..., 3:] / 255) + glass[..., :3] + 0.5, 255)

    def _corner(self, box: tuple[float, float, float, float]) -> tuple[int, int]:
        return (
            round(self._origin[0] + box[0] * self._k),
            round(self._origin[1] + box[1] * self._k),
        )

    def _room(self) -> Floats:
        w, h = self._size
        room = read(f"{self._facts['name']}.room.webp").astype(np.float32)
        tall, wide = room.shape[:2]
        scale = max(w / wide, h / tall)
        size = max(w, round(wide * scale)), max(h, round(tall * scale))
        grown = cv2.resize(room, size, interpolation=cv2.INTER_CUBIC)
        x0, y0 = (size[0] - w) // 2, (size[1] - h) // 2
        # A still half-step of noise keeps the soft gradient from showing bands.
        noise = np.random.default_rng(1).uniform(-0.5, 0.5, (h, w, 1)).astype(np.float32)
        return grown[y0 : y0 + h, x0 : x0 + w] + noise

    def _sprite(self, picture: Pixels, box: tuple[float, float, float, float]) -> Floats:
        """A sprite at this picture's scale, premultiplied, float (h, w, 4)."""
        size = round((box[2] - box[0]) * self._k), round((box[3] - box[1]) * self._k)
        soft = picture.astype(np.float32)
        soft[..., :3] *= soft[..., 3:] / 255
        how = cv2.INTER_AREA if size[0] < picture.shape[1] else cv2.INTER_CUBIC
        return cast("Floats", np.clip(cv2.resize(soft, size, interpolation=how), 0, 255))
