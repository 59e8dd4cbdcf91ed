"""`quality="auto"`: down soon, up late, one step at a time, and no swinging."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyavatar.client.auto_quality import (
    DOWN_AFTER_S,
    SETTLE_S,
    UP_AFTER_S,
    QualityState,
    step,
    verdict,
)
from ipyavatar.core.quality import QUALITIES
from ipyavatar.protocol.page import Stats

SIZES = list(QUALITIES)


def stats(page="p", **more):
    values = {
        "width": 1280,
        "height": 720,
        "fps": 25.0,
        "bitrate_kbps": 900.0,
        "packets_lost": 0,
        "frames_dropped": 0,
        "freezes": 0,
        "round_trip_ms": 20.0,
    }
    return Stats(page, **values | more)


def feed(line, seconds, begin=0.0, **more):
    """`line` after `seconds` of the same measurement, one a second."""
    for second in range(seconds + 1):
        line = step(line, stats(**more), begin + second)
    return line


BAD = {"fps": 12.0}


@pytest.mark.parametrize(
    ("more", "how"),
    [
        ({}, "good"),
        ({"fps": 12.0}, "bad"),
        ({"fps": 20.0}, "fair"),
        ({"packets_lost": 20}, "bad"),
        ({"packets_lost": 5}, "fair"),
        ({"packets_lost": 5, "bitrate_kbps": 20_000.0}, "good"),
        ({"freezes": 1}, "bad"),
        ({"round_trip_ms": 900.0}, "bad"),
        ({"round_trip_ms": 400.0}, "fair"),
        ({"round_trip_ms": None}, "good"),
        ({"fps": 0.0, "freezes": 1}, "unknown"),
        ({"width": 0}, "unknown"),
    ],
)
def test_one_second_is_judged_by_each_number(more, how):
    """Frames, loss, freezes and round trip; a stream that does not play is not judged."""
    assert verdict(stats(**more), stats(), 1.0) == how


def test_three_bad_seconds_take_it_down_and_no_further_than_low():
    """One step, then another three seconds after the switch has settled."""
    line = feed(QualityState("high"), int(DOWN_AFTER_S) - 1, **BAD)
    assert line.quality == "high"
    line = feed(line, 1, DOWN_AFTER_S, **BAD)
    assert line.quality == "medium"
    line = feed(line, 60, DOWN_AFTER_S + 2, **BAD)
    assert line.quality == "low"


def test_thirty_good_seconds_take_it_up_and_no_further_than_high():
    """Two steps in a bit more than a minute."""
    assert feed(QualityState("low"), int(UP_AFTER_S) - 1).quality == "low"
    assert feed(QualityState("low"), int(UP_AFTER_S)).quality == "medium"
    assert feed(QualityState("low"), 200).quality == "high"


def test_a_step_up_that_fails_is_tried_again_only_after_twice_the_time():
    """A line just too thin for a size."""
    line = feed(QualityState("low"), 30)
    assert line.quality == "medium"
    line = feed(line, 10, 31, **BAD)
    assert line.quality == "low"
    line = feed(line, 50, 42)
    assert line.quality == "low"
    assert feed(line, 20, 93).quality == "medium"


def test_what_one_page_suffers_is_not_healed_by_another():
    """Two pages in turn: the first is gone by, until it falls silent."""
    line = QualityState("medium")
    for second in range(5):
        line = step(line, stats("a", **BAD), float(second))
        line = step(line, stats("b"), second + 0.5)
    assert line.quality == "low"
    line = step(QualityState("medium", last=(0.0, stats("a"))), stats("b"), 6.0)
    assert line.last is not None
    assert line.last[1].page == "b"


measured = st.builds(
    lambda gap, fps, lost, freezes, trip: (gap, fps, lost, freezes, trip),
    st.floats(0.2, 3.0),
    st.sampled_from([0.0, 10.0, 20.0, 25.0, 25.0, 30.0]),
    st.sampled_from([0, 0, 0, 2, 40]),
    st.sampled_from([0, 0, 0, 1]),
    st.sampled_from([None, 20.0, 400.0, 900.0]),
)


@given(st.lists(measured, max_size=300), st.sampled_from(SIZES))
def test_whatever_is_measured_it_never_jumps_or_swings(rows, begin):
    """One step at a time; not before it has settled; up only after 30 s without a bad second."""
    line, now, changed, quiet_since = QualityState(begin), 0.0, float("-inf"), 0.0
    lost = freezes = 0
    for gap, fps, more_lost, more_freezes, trip in rows:
        now += gap
        lost, freezes = lost + more_lost, freezes + more_freezes
        given_now = stats(fps=fps, packets_lost=lost, freezes=freezes, round_trip_ms=trip)
        how = "unknown" if line.last is None else verdict(given_now, line.last[1], gap)
        before, line = line.quality, step(line, given_now, now)
        if how == "bad":
            quiet_since = now
        if line.quality != before:
            way = SIZES.index(line.quality) - SIZES.index(before)
            assert abs(way) == 1
            assert now - changed >= SETTLE_S
            assert how == ("good" if way > 0 else "bad")
            if way > 0:
                assert now - max(changed, quiet_since) >= UP_AFTER_S
            changed = now
