"""I420 pictures in a ring of buffers; only what changed is converted and copied."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from ..pose import Pose

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .warp import Rect


class Patch(NamedTuple):
    """What is new of a picture.

    Attributes:
        rect: Where, in pixels, with even bounds.
        pixels: I420 of that part, `uint8[h * 3 // 2, w]`.
    """

    rect: Rect
    pixels: NDArray[np.uint8]


class PatchSource(Protocol):
    """Draws one character in one size: a `FaceRenderer`, here or elsewhere."""

    def draw(self, pose: Pose) -> Patch | None:
        """What is new since the last pose, of the first one all; None when nothing is."""


def bounding_box(rects: list[Rect]) -> Rect | None:
    """The smallest rectangle around all, or None."""
    if not rects:
        return None
    x0, y0, x1, y1 = zip(*rects, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


class I420Ring:
    """Buffers that may still be read by an encoder while the next picture is made.

    Args:
        width: Of the pictures, in pixels, even.
        height: In pixels, even.
        count: Buffers in the ring; a buffer is written again after this many `next` calls.
    """

    def __init__(self, width: int, height: int, count: int = 4) -> None:
        self._buffers = [np.zeros((height * 3 // 2, width), np.uint8) for _ in range(count)]
        self._stale: list[list[Rect]] = [[] for _ in range(count)]
        self._at = 0

    def next(self, patch: Patch | None) -> NDArray[np.uint8]:
        """The last picture with `patch` in it: I420, `uint8[height * 3 // 2, width]`."""
        before = self._buffers[self._at]
        self._at = (self._at + 1) % len(self._buffers)
        buffer, stale = self._buffers[self._at], bounding_box(self._stale[self._at])
        self._stale[self._at] = []
        if stale is not None and (patch is None or not _covers(patch.rect, stale)):
            for old, new in zip(_parts(before, stale), _parts(buffer, stale), strict=True):
                new[:] = old
        if patch is not None:
            for part, new in zip(_planes(patch.pixels), _parts(buffer, patch.rect), strict=True):
                new[:] = part
            for at, rects in enumerate(self._stale):
                if at != self._at:
                    rects.append(patch.rect)
        return buffer


def _covers(outer: Rect, inner: Rect) -> bool:
    return (
        outer[0] <= inner[0]
        and outer[1] <= inner[1]
        and outer[2] >= inner[2]
        and outer[3] >= inner[3]
    )


def _planes(picture: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Luma `[h, w]`, and both chromas `[2, h // 2, w // 2]`, of an I420 picture."""
    width = picture.shape[1]
    height = picture.shape[0] * 2 // 3
    return picture[:height], picture[height:].reshape(2, height // 2, width // 2)


def _parts(picture: NDArray[np.uint8], rect: Rect) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """What of the planes lies in a rectangle with even bounds."""
    luma, chroma = _planes(picture)
    x0, y0, x1, y1 = rect
    return luma[y0:y1, x0:x1], chroma[:, y0 // 2 : y1 // 2, x0 // 2 : x1 // 2]
