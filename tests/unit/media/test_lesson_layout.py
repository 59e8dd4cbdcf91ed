"""Where things are in the movie of a lesson."""

import pytest

from ipyavatar.core.quality import QUALITIES
from ipyavatar.media.lesson_layout import GRID, LessonLayout


@pytest.mark.parametrize("burnt", [False, True])
@pytest.mark.parametrize("quality", QUALITIES)
def test_everything_is_in_the_picture_and_at_even_places(quality, burnt):
    """The avatar is beside the board, below room for chapters; nothing is where captions are."""
    width, height = size = QUALITIES[quality]
    layout = LessonLayout.of(size, burnt=burnt)
    for box in (layout.board, layout.side, layout.face):
        numbers = (box.x, box.y, box.width, box.height)
        assert all(number % 2 == 0 and number >= 0 for number in numbers), box
        assert box.x + box.width <= width
        assert box.y + box.height <= height
    assert layout.board.width == layout.side.x < layout.face.x
    assert layout.chapters >= 4
    foot = layout.board.height
    assert foot < height if burnt else foot == height
    assert layout.face.y + layout.face.height <= foot


@pytest.mark.parametrize("quality", QUALITIES)
def test_places_on_the_grid_of_the_page_are_even_pixels(quality):
    """So that what scrolls is sharp, and its colours are where its letters are."""
    layout = LessonLayout.of(QUALITIES[quality], burnt=False)
    for place in range(0, 20 * GRID, GRID):
        assert layout.in_picture(place) == place * layout.scale
