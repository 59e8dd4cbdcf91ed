"""The picture of a lesson: what is on its board, and when."""

import numpy as np
import pytest

from ipyavatar.engine.playout import SAMPLE_RATE, PlayoutTimeline
from ipyavatar.media.lesson_layout import LessonLayout
from ipyavatar.media.lesson_picture import FADE_S, LessonPicture, RoundCorners, Slide
from ipyavatar.media.planes import Planes

LAYOUT = LessonLayout.of((854, 480), burnt=False)
STEP_S = 1 / 25


def strip(*levels):
    """Boards of one grey each, one below the other."""
    board = LAYOUT.board
    picture = np.full((board.height * len(levels) * 3 // 2, board.width), 128, np.uint8)
    for number, level in enumerate(levels):
        picture[number * board.height : (number + 1) * board.height] = level
    return Planes.of(picture)


class Drawing:
    """A lesson that is drawn, picture by picture; notes when it asks for a slide."""

    def __init__(self, *slides):
        self.asked = []
        self.seconds = 0.0
        self.picture = LessonPicture("ava", LAYOUT, self._give(slides))
        self._timelines = {"ava": PlayoutTimeline()}

    def _give(self, slides):
        for slide in slides:
            self.asked.append(round(self.seconds, 2))
            yield slide
        self.asked.append(round(self.seconds, 2))

    def draw(self):
        drawn = self.picture.draw(round(self.seconds * SAMPLE_RATE), self._timelines, "ava")
        self.seconds += STEP_S
        return drawn

    def level(self, seconds):
        """The brightness of the board when `seconds` are over."""
        while self.seconds < seconds - 1e-6:
            drawn = self.draw()
        return int(drawn[4, 4])


def test_a_slide_comes_when_the_one_before_was_seen_long_enough():
    """And fades in."""
    drawing = Drawing(Slide(0, strip(50), 0, 0, 2.0), Slide(0, strip(200), 0, 0, 1.0))
    drawing.picture.begin(0)
    assert drawing.level(1.0) == 50
    assert drawing.level(2.0) == 50
    assert 60 < drawing.level(2.0 + FADE_S / 2) < 190
    assert drawing.level(2.5) == 200
    assert drawing.asked[:2] == [0.0, pytest.approx(2.0)]


def test_slides_of_the_next_step_wait_for_it():
    """However long the avatar speaks; and a step is over when its last was seen long enough."""
    drawing = Drawing(Slide(0, strip(50), 0, 0, 1.0), Slide(1, strip(200), 0, 0, 1.0))
    drawing.picture.begin(0)
    assert drawing.level(0.8) == 50
    assert not drawing.picture.is_over(drawing.seconds)
    assert drawing.level(5.0) == 50
    assert drawing.picture.is_over(drawing.seconds)
    drawing.picture.begin(1)
    assert drawing.level(5.6) == 200
    assert not drawing.picture.is_over(drawing.seconds)
    assert drawing.level(6.2) == 200
    assert drawing.picture.is_over(drawing.seconds)


def test_the_board_scrolls_from_one_place_to_the_other():
    """It begins and ends slowly, and stays for its time when it has arrived."""
    height = LAYOUT.board.height
    drawing = Drawing(Slide(0, strip(50, 200), 0, height, 1.0))
    drawing.picture.begin(0)
    first = [drawing.draw().copy() for _ in range(40)]
    edges = [
        int(np.argmax(one[:height, 2] > 120)) if one[height - 1, 2] > 120 else height
        for one in first
    ]
    assert edges[0] == height
    assert edges[-1] == 0
    assert edges == sorted(edges, reverse=True)
    assert max(np.abs(np.diff(edges))) < height / 8
    assert not drawing.picture.is_over(1.6)


def test_the_avatar_is_in_its_corner_with_round_corners_of_its_own():
    """The board does not shine through it, and it moves."""
    drawing = Drawing(Slide(0, strip(50), 0, 0, 1.0))
    drawing.picture.begin(0)
    drawn = [drawing.draw().copy() for _ in range(120)]
    face = LAYOUT.face
    corners = {one[face.y, face.x] for one in drawn}
    assert corners == {235}  # what is beside the board
    part = slice(face.y, face.y + face.height), slice(face.x, face.x + face.width)
    assert drawn[0][part].std() > 20
    assert (drawn[0][part] != drawn[-1][part]).any()
    outside = drawn[-1].copy()
    outside[part] = drawn[0][part]
    assert (outside[:480] == drawn[0][:480]).all()


def test_nothing_is_drawn_anew_where_nothing_changes():
    """The same picture is given, which costs nothing."""
    drawing = Drawing(Slide(0, strip(50), 0, 0, 60.0))
    drawing.picture.begin(0)
    drawn = [id(drawing.draw()) for _ in range(200)]
    assert len(set(drawn[50:])) < 150


def test_round_corners_are_smooth():
    """Between all of it and nothing there is something in between."""
    room = Planes.of(np.zeros((96 * 3 // 2, 64), np.uint8))
    part = Planes.of(np.full((96 * 3 // 2, 64), 200, np.uint8))
    RoundCorners(64, 96, 16).put(room, part)
    assert room.y[0, 0] == room.uv[0, 0, 0] == 0
    assert room.y[48, 32] == room.y[0, 32] == 200
    assert ((room.y > 20) & (room.y < 180)).any()
