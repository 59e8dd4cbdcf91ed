"""I420 pictures as planes, which can be cut and put into each other at even places."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


class Planes(NamedTuple):
    """Views of a picture.

    Attributes:
        y: Brightness, `uint8[h, w]`.
        uv: Both colours, `uint8[2, h / 2, w / 2]`.
    """

    y: Pixels
    uv: Pixels

    @classmethod
    def of(cls, picture: Pixels) -> Planes:
        """The planes of an I420 picture, `uint8[h * 3 / 2, w]`."""
        height, width = picture.shape[0] * 2 // 3, picture.shape[1]
        return cls(picture[:height], picture[height:].reshape(2, height // 2, width // 2))

    def cut(self, x: int, y: int, width: int, height: int) -> Planes:
        """A part; all numbers are even."""
        return Planes(
            self.y[y : y + height, x : x + width],
            self.uv[:, y // 2 : (y + height) // 2, x // 2 : (x + width) // 2],
        )

    def put(self, part: Planes, x: int = 0, y: int = 0) -> None:
        """Write `part` into this at an even place."""
        height, width = part.y.shape
        room = self.cut(x, y, width, height)
        room.y[:] = part.y
        room.uv[:] = part.uv
