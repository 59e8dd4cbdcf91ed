"""I420 pictures of a renderer in a ring of buffers; only what changed is converted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..pose import Pose
from .renderer import FaceRenderer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .warp import Rect


def bounding_box(rects: list[Rect]) -> Rect | None:
    """The smallest rectangle around all, or None."""
    if not rects:
        return None
    x0, y0, x1, y1 = zip(*rects, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


class I420Ring:
    """Buffers that may still be read by an encoder while the next picture is made.

    Args:
        renderer: Draws the pictures.
        count: Buffers in the ring; a buffer is written again after this many `next` calls.
    """

    def __init__(self, renderer: FaceRenderer, count: int = 4):
        self._renderer = renderer
        h, w = renderer.height, renderer.width
        self._buffers = [np.empty((h * 3 // 2, w), np.uint8) for _ in range(count)]
        self._stale: list[list[Rect]] = [[(0, 0, w, h)] for _ in range(count)]
        self._at = 0

    def next(self, pose: Pose) -> NDArray[np.uint8]:
        """Draw a pose and return it as I420, (height * 3 // 2, width)."""
        canvas = self._renderer.render(pose)
        for stale in self._stale:
            stale.extend(self._renderer.changed)
        self._at = (self._at + 1) % len(self._buffers)
        buffer, rect = self._buffers[self._at], bounding_box(self._stale[self._at])
        self._stale[self._at] = []
        if rect is not None:
            convert(canvas, buffer, rect)
        return buffer


def convert(canvas: NDArray[np.uint8], out: NDArray[np.uint8], rect: Rect) -> None:
    """Convert an even `rect` of a BGRA canvas (h, w, 4) into the I420 planes of `out`."""
    h, w = canvas.shape[:2]
    x0, y0, x1, y1 = rect
    if (x0, y0, x1, y1) == (0, 0, w, h):
        cv2.cvtColor(canvas, cv2.COLOR_BGRA2YUV_I420, dst=out)
        return
    rows, columns = y1 - y0, x1 - x0
    part = cv2.cvtColor(canvas[y0:y1, x0:x1], cv2.COLOR_BGRA2YUV_I420)
    out[y0:y1, x0:x1] = part[:rows]
    chroma = out[h:].reshape(2, h // 2, w // 2)
    chroma[:, y0 // 2 : y1 // 2, x0 // 2 : x1 // 2] = part[rows:].reshape(
        2, rows // 2, columns // 2
    )
