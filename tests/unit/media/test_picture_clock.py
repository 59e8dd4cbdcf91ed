"""When received pictures are shown."""

import itertools

import pytest

from ipyavatar.engine.playout import SAMPLE_RATE
from ipyavatar.media.picture_clock import JUMP_S, PictureClock


def seconds(clock, position_s, at):
    return clock.place(round(position_s * SAMPLE_RATE), at) / SAMPLE_RATE


def test_pictures_that_come_unevenly_are_shown_evenly():
    """25 a second on a clock that began elsewhere; the network holds each up by up to 60 ms."""
    clock = PictureClock()
    late = [0.0, 0.06, 0.0, 0.03, 0.0, 0.05] * 30
    shown = [seconds(clock, n * 0.04 + late[n], 7000 + n * 0.04) for n in range(len(late))]
    steps = [after - before for before, after in itertools.pairwise(shown)]
    assert steps == pytest.approx([0.04] * len(steps), abs=0.004)
    assert shown[-1] == pytest.approx(len(late) * 0.04, abs=0.06)


def test_a_slow_drift_of_the_clocks_is_followed():
    """One runs a thousandth faster: after ten minutes that were 0.6 s."""
    clock = PictureClock()
    shown = [seconds(clock, n * 0.04, n * 0.04 * 1.001) for n in range(15_000)]
    assert shown[-1] == pytest.approx(15_000 * 0.04, abs=0.07)


def test_a_jump_of_the_senders_clock_is_taken_at_once_and_time_never_goes_back():
    """And two pictures never have one time."""
    clock = PictureClock()
    shown = [seconds(clock, 1.0, 5.0), seconds(clock, 1.04, 5.04)]
    shown += [seconds(clock, 1.08, 5.08 - 2 * JUMP_S), seconds(clock, 1.08, 5.08 - 2 * JUMP_S)]
    assert shown == sorted(set(shown))
    assert shown[-1] == pytest.approx(1.08, abs=0.01)
