"""I420 pictures as planes."""

import numpy as np

from ipyavatar.media.planes import Planes


def test_a_part_is_put_where_it_belongs_in_all_three_planes():
    """Its colours beside its brightness; the rest stays."""
    picture = np.zeros((12 * 3 // 2, 16), np.uint8)
    part = np.full((4 * 3 // 2, 6), 9, np.uint8)
    whole = Planes.of(picture)
    whole.put(Planes.of(part), 2, 4)
    assert picture.sum() == part.sum()
    assert (whole.cut(2, 4, 6, 4).y == 9).all()
    assert (whole.cut(2, 4, 6, 4).uv == 9).all()
