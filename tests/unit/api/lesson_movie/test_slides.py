"""Where the board of a lesson scrolls to."""

import pytest

pytest.importorskip("nbclient", reason="of the extra `lesson`")
pytest.importorskip("latex2mathml", reason="of the extra `lesson`")

from ipyavatar.api.lesson_movie.slides import find_views
from ipyavatar.media.lesson_layout import GRID


@pytest.mark.parametrize(
    ("now", "top", "bottom", "views"),
    [
        (0, 24, 200, [0]),  # it is in sight
        (0, 600, 900, [204]),  # no further than its end
        (204, 600, 900, [204]),
        (900, 600, 800, [576]),  # back to its beginning
        (0, 600, 1900, [576, 1204]),  # higher than the board: from its beginning to its end
        (1000, 600, 1900, [1204]),  # what came out of it has made it so
    ],
)
def test_the_board_goes_no_further_than_it_takes(now, top, bottom, views):
    """A cell is seen with a margin, on the grid."""
    found = find_views(now, top, bottom, 720)
    assert found == [-(-view // GRID) * GRID for view in views]
