"""The kernel of a lesson."""

import pytest

pytest.importorskip("nbclient", reason="of the extra `lesson`")

from ipyavatar.api.lesson_movie.kernel import make_client


@pytest.mark.parametrize(("given", "waited"), [(0.5, 1), (2.5, 3), (3.0, 3), (4, 4), (None, None)])
def test_a_cell_may_take_part_of_a_second(tmp_path, given, waited):
    """It is rounded up: nbclient refuses anything but whole seconds."""
    assert make_client("python3", tmp_path, given).timeout == waited
