"""Smaller pictures for a line that carries less."""

from ipyavatar.media.encoders import bitrate_for
from ipyavatar.media.picture_ladder import HELD_UP_PICTURES, STEADY_S, STEPS, PictureLadder

FULL = 1280, 720


def hold_up(ladder, at, count=HELD_UP_PICTURES):
    """`count` pictures in a row are dropped from `at` on."""
    for index in range(count):
        ladder.note_held_up(at + index * 0.04)


def test_it_begins_with_the_full_size():
    """And with the bits that suit it."""
    ladder = PictureLadder()
    assert ladder.scale == 1
    assert ladder.bitrate(*FULL) == bitrate_for(*FULL)


def test_pictures_that_wait_make_the_next_smaller():
    """A single one does not."""
    ladder = PictureLadder()
    hold_up(ladder, 10.0, HELD_UP_PICTURES - 1)
    assert ladder.scale == 1
    hold_up(ladder, 11.0, 1)
    assert ladder.scale == STEPS[1].scale
    assert ladder.bitrate(*FULL) < bitrate_for(*FULL)


def test_one_stall_is_one_step():
    """The line gets time to recover before the next."""
    ladder = PictureLadder()
    hold_up(ladder, 10.0, 40)
    assert ladder.scale == STEPS[1].scale


def test_there_is_a_last_step():
    """However bad the line is."""
    ladder = PictureLadder()
    for minute in range(1, 20):
        hold_up(ladder, minute * 60.0)
    assert ladder.scale == STEPS[-1].scale


def test_a_calm_line_gets_the_larger_pictures_back():
    """After a while without one that waited."""
    ladder = PictureLadder()
    hold_up(ladder, 10.0)
    ladder.note_sent(10.0 + STEADY_S)
    assert ladder.scale == STEPS[1].scale
    ladder.note_sent(11.0 + STEADY_S)
    assert ladder.scale == 1


def test_a_step_up_that_fails_is_tried_less_often():
    """A line does not grow by being asked."""
    ladder = PictureLadder()
    hold_up(ladder, 10.0)
    ladder.note_sent(11.0 + STEADY_S)
    hold_up(ladder, 14.0 + STEADY_S)
    assert ladder.scale == STEPS[1].scale
    ladder.note_sent(20.0 + 2 * STEADY_S)
    assert ladder.scale == STEPS[1].scale
    ladder.note_sent(20.0 + 3 * STEADY_S)
    assert ladder.scale == 1
