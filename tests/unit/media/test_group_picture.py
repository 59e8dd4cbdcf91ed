"""Several characters in one picture."""

import numpy as np

from ipyavatar.engine.playout import PlayoutTimeline
from ipyavatar.media.group_picture import GroupPicture

SIZE = (320, 180)


def draw(names, layout, speaker, picture=None, at=0):
    picture = picture or GroupPicture(names, SIZE, layout)
    timelines = {name: PlayoutTimeline() for name in names}
    return picture, picture.draw(at, timelines, speaker).copy()


def test_side_by_side():
    """Each has its share of the width, with its own background."""
    _, both = draw(["ava", "leo"], "side", "ava")
    assert both.shape == (270, 320)
    _, alone = draw(["ava"], "side", "ava")
    assert np.abs(both[:180, :160].astype(int) - both[:180, 160:]).mean() > 5
    assert alone.shape == both.shape


def test_cut_to_whoever_speaks():
    """The whole picture is one of them, and changes with the speaker."""
    picture, ava = draw(["ava", "leo"], "cut", "ava")
    _, leo = draw(["ava", "leo"], "cut", "leo", picture, 1920)
    _, alone = draw(["ava"], "side", "ava")
    assert (ava == alone).all()
    assert np.abs(ava.astype(int) - leo).mean() > 5


def test_four_do_not_fit_side_by_side():
    """Then whoever speaks is shown."""
    names = ["ava", "leo", "maya", "arthur"]
    _, one = draw(names, "side", "ava")
    assert (one == draw(["ava"], "side", "ava")[1]).all()
