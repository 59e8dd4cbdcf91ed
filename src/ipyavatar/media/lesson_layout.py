"""Where things are in the movie of a lesson: the board, what is beside it, and the avatar."""

from __future__ import annotations

from dataclasses import dataclass

DESIGN_HEIGHT = 720
"""Pixels of a page (CSS) that are as high as the picture, however many pixels that has."""

GRID = 12
"""Places on a page are multiples of it: then they are whole, even pixels in each quality."""

BOARD_SHARE = 0.7
_MARGIN = 24
_FACE, _SMALL_FACE = 324, 240
_FOOT = 156
"""Room for captions in the picture."""

_HEAD, _ROW = 125, 34
"""Of the page beside the board: its title, and each chapter below that."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, in even pixels of the picture."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class LessonLayout:
    """Of one size.

    Attributes:
        size: Of the whole picture.
        scale: Pixels of the picture by pixels of a page.
        board: Where cells are shown.
        side: What is beside it.
        face: Where the avatar is, in the corner.
        corner: Radius of the avatar's corners.
    """

    size: tuple[int, int]
    scale: float
    board: Box
    side: Box
    face: Box
    corner: int

    @classmethod
    def of(cls, size: tuple[int, int], *, burnt: bool) -> LessonLayout:
        """For a picture of this size; `burnt`: captions are drawn at its foot."""
        width, height = size
        scale = height / DESIGN_HEIGHT
        foot = _even(_FOOT * scale) if burnt else 0
        face_size = (_SMALL_FACE if burnt else _FACE) * scale
        board = Box(0, 0, _even(width * BOARD_SHARE), height - foot)
        side = Box(board.width, 0, width - board.width, height)
        face_width = _even(min(face_size, side.width - 2 * _MARGIN * scale))
        face_height = _even(face_size)
        x = side.x + _even((side.width - face_width) / 2)
        y = height - foot - face_height - _even(_MARGIN * scale)
        face = Box(x, y, face_width, face_height)
        return cls(size, scale, board, side, face, _even(18 * scale))

    @property
    def chapters(self) -> int:
        """So many fit above the avatar."""
        return int(self.on_page(self.face.y) - _HEAD - _MARGIN) // _ROW

    def on_page(self, pixels: int) -> float:
        """The same in pixels of a page."""
        return pixels / self.scale

    def in_picture(self, css: float) -> int:
        """The same in even pixels of the picture."""
        return _even(css * self.scale)


def _even(number: float) -> int:
    return round(number / 2) * 2
