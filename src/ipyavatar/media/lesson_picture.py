"""The picture of a lesson: a board that changes now and then, and the avatar in the corner."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..engine.animator import Animator
from ..engine.playout import SAMPLE_RATE, PlayoutTimeline
from .lesson_layout import LessonLayout
from .planes import Planes

FADE_S = 0.24
"""What is new on the board comes within this."""

SHORTEST_SCROLL_S, LONGEST_SCROLL_S = 0.5, 1.6


@dataclass(frozen=True, slots=True)
class Slide:
    """What is on the board for a while.

    Attributes:
        step: Of which step of the lesson, from 0.
        strip: At least as high as the board: what it scrolls over.
        begin: Row of the strip at the top of the board when it comes; even.
        end: The same after it has scrolled.
        hold_s: It stays at least so long after that.
        side: What is beside the board from now on; None: as before.
    """

    step: int
    strip: Planes
    begin: int
    end: int
    hold_s: float
    side: Planes | None = None


class LessonPicture:
    """Draws a lesson, slide by slide; a `Picture` of a `ScriptPlayer`. Belongs to one thread.

    Args:
        character: Who is in the corner.
        layout: Where things are.
        slides: In order; they may make who draws wait.
    """

    def __init__(self, character: str, layout: LessonLayout, slides: Iterator[Slide]) -> None:
        self._layout = layout
        self._animator = Animator(character, (layout.face.width, layout.face.height), 0)
        self._slides = slides
        self._coming: Slide | None = None
        self._all_shown = False
        self._step = -1
        self._shown: Slide | None = None
        self._since = 0.0
        self._over_at = 0.0
        self._before: Planes | None = None  # the board until the last slide came
        width, height = layout.size
        self._base = np.full((height * 3 // 2, width), 128, np.uint8)
        self._base[:height] = 235
        self._corners = RoundCorners(layout.face.width, layout.face.height, layout.corner)
        self._key: Hashable = None
        self._picture: NDArray[np.uint8] | None = None

    def begin(self, step: int) -> None:
        """Show the slides of this step from now on."""
        self._step = step

    def is_over(self, seconds: float) -> bool:
        """Whether all of this step has been shown for as long as it should."""
        if seconds < self._over_at:
            return False
        coming = self._peek()
        return coming is None or coming.step > self._step

    def draw(
        self, position: int, timelines: Mapping[str, PlayoutTimeline], speaker: str
    ) -> NDArray[np.uint8]:
        """The picture of a position, I420; nobody may write to it."""
        seconds = position / SAMPLE_RATE
        changed = self._draw_board(seconds)
        timeline = timelines[speaker]
        key = self._animator.key(
            seconds, timeline.mouth_at(position), timeline.sounding, timeline.stress_at(position)
        )
        if changed or key != self._key or self._picture is None:
            self._key = key
            face = self._layout.face
            self._picture = self._base.copy()
            corner = Planes.of(self._picture).cut(face.x, face.y, face.width, face.height)
            self._corners.put(corner, Planes.of(self._animator.draw()))
        return self._picture

    def _draw_board(self, seconds: float) -> bool:
        """Bring the board to what it is at `seconds`; False where it is as before."""
        if seconds >= self._over_at:
            coming = self._peek()
            if coming is not None and coming.step <= self._step:
                self._show(coming, seconds)
        shown = self._shown
        if shown is None or seconds - self._since > self._moving_s(shown) + 0.1:
            return False
        board, age = self._layout.board, seconds - self._since
        width = min(board.width, shown.strip.y.shape[1])
        new = shown.strip.cut(0, _row(shown, age, self._scroll_s(shown)), width, board.height)
        room = Planes.of(self._base)
        if self._before is None or age >= FADE_S:
            room.put(new, board.x, board.y)
        else:
            share = (age + 0.04) / FADE_S
            room.put(_mix(self._before, new, min(share, 1.0)), board.x, board.y)
        return True

    def _show(self, slide: Slide, seconds: float) -> None:
        board = self._layout.board
        room = Planes.of(self._base)
        if self._shown is not None:
            now = room.cut(board.x, board.y, board.width, board.height)
            self._before = Planes(now.y.copy(), now.uv.copy())
        if slide.side is not None:
            room.put(slide.side, self._layout.side.x)
        self._shown, self._coming, self._since = slide, None, seconds
        self._over_at = seconds + self._scroll_s(slide) + slide.hold_s

    def _peek(self) -> Slide | None:
        """The next slide, waited for; None after the last."""
        if self._coming is None and not self._all_shown:
            self._coming = next(self._slides, None)
            self._all_shown = self._coming is None
        return self._coming

    def _scroll_s(self, slide: Slide) -> float:
        """How long it scrolls: longer where it is far."""
        far = abs(slide.end - slide.begin) / self._layout.board.height
        if not far:
            return 0.0
        return min(SHORTEST_SCROLL_S + 0.5 * far, LONGEST_SCROLL_S)

    def _moving_s(self, slide: Slide) -> float:
        return max(FADE_S, self._scroll_s(slide))


def _row(slide: Slide, age: float, scroll_s: float) -> int:
    """Which row is at the top: it begins and ends slowly."""
    if age >= scroll_s:
        return slide.end
    share = age / scroll_s
    eased = share * share * (3 - 2 * share)
    return round((slide.begin + (slide.end - slide.begin) * eased) / 2) * 2


def _mix(old: Planes, new: Planes, share: float) -> Planes:
    def mix(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.uint8]:
        a, b = np.ascontiguousarray(a), np.ascontiguousarray(b)
        return np.asarray(cv2.addWeighted(a, 1 - share, b, share, 0), np.uint8)

    return Planes(mix(old.y, new.y), mix(old.uv, new.uv))


class RoundCorners:
    """Puts a picture into a larger one as a rectangle with round corners."""

    def __init__(self, width: int, height: int, radius: int) -> None:
        large = np.zeros((height * 4, width * 4), np.uint8)
        r, right, bottom = radius * 4, width * 4 - 1, height * 4 - 1
        cv2.rectangle(large, (r, 0), (right - r, bottom), 255, -1)
        cv2.rectangle(large, (0, r), (right, bottom - r), 255, -1)
        for x in (r, right - r):
            for y in (r, bottom - r):
                cv2.circle(large, (x, y), r, 255, -1)
        full, half = (
            cv2.resize(large, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
            for size in ((width, height), (width // 2, height // 2))
        )
        seen = (full, np.stack((half, half)))
        # Places where not all of it is seen, and how much: of brightness, of colours.
        self._edges = [(np.nonzero(plane < 1), plane[plane < 1]) for plane in seen]

    def put(self, room: Planes, part: Planes) -> None:
        """Put `part` into `room`, which is as large."""
        for below, above, (edge, seen) in zip(room, part, self._edges, strict=True):
            mixed = above[edge] * seen + below[edge] * (1 - seen) + 0.5
            below[:] = above
            below[edge] = mixed.astype(np.uint8)
