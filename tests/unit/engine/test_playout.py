"""The playout timeline, counted in samples."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ipyavatar.engine.playout import (
    FADE_S,
    KEPT_S,
    MISSED_S,
    SAMPLE_RATE,
    PlayoutTimeline,
    SegmentFinished,
    SegmentStarted,
)
from ipyavatar.engine.pose import Mouth
from tests.support.media import segment

PACKET = 960


def test_silence_is_none():
    """A packet with nothing in it costs nothing: it has no array."""
    packet = PlayoutTimeline().take(PACKET)
    assert packet.audio is None
    assert packet.start == 0
    assert packet.events == ()


def test_sound_starts_with_the_next_packet():
    """What is added sounds from the first sample of the packet taken next."""
    timeline = PlayoutTimeline()
    timeline.take(PACKET)
    timeline.add(segment(0.1))
    packet = timeline.take(PACKET)
    assert packet.start == PACKET
    assert np.all(packet.audio == 0.5)
    assert [type(event) for event in packet.events] == [SegmentStarted]
    assert packet.events[0].at == PACKET


@settings(deadline=None)  # on a busy machine any example may take long
@given(st.lists(st.floats(0.001, 0.3), min_size=1, max_size=6), st.integers(100, 2000))
def test_nothing_is_lost_and_order_is_kept(lengths, size):
    """Whatever the packet size, all samples come out once, in order, with a start and an end."""
    timeline = PlayoutTimeline()
    segments = [segment(s, speech=f"s{i}", level=(i + 1) / 10) for i, s in enumerate(lengths)]
    for each in segments:
        timeline.add(each)
    wanted = np.concatenate([each.audio for each in segments])
    out, events = [], []
    while timeline.sounding:
        packet = timeline.take(size)
        out.append(packet.audio)
        events += packet.events
    got = np.concatenate(out)
    assert np.array_equal(got[: len(wanted)], wanted)
    assert not got[len(wanted) :].any()
    assert [c.segment.speech for c in events if isinstance(c, SegmentStarted)] == [
        p.speech for p in segments
    ]
    assert [c.segment.speech for c in events if isinstance(c, SegmentFinished)] == [
        p.speech for p in segments
    ]
    assert timeline.queued_s == 0


def test_flush_is_silence_after_a_short_fade():
    """After a flush the next packet fades within 5 ms and is silent from there on."""
    timeline = PlayoutTimeline()
    timeline.add(segment(2.0))
    timeline.take(PACKET)
    timeline.flush()
    packet = timeline.take(PACKET)
    fade = round(FADE_S * SAMPLE_RATE)
    assert packet.audio[0] == 0.5
    assert np.all(np.diff(packet.audio[:fade]) <= 0)
    assert not packet.audio[fade:].any()
    assert timeline.take(PACKET).audio is None
    assert not timeline.sounding


def test_flush_before_the_first_sound_is_silent():
    """What never sounded leaves no fade behind."""
    timeline = PlayoutTimeline()
    timeline.add(segment(1.0))
    timeline.flush()
    assert timeline.take(PACKET).audio is None


def test_flush_lets_the_lips_go_within_80_ms():
    """The mouth eases from where it was to rest."""
    timeline = PlayoutTimeline()
    timeline.add(segment(2.0))
    for _ in range(30):
        timeline.take(PACKET)
    open_jaw = timeline.mouth_at(timeline.position).jaw
    timeline.flush()
    assert open_jaw > 0.4
    at = timeline.position
    jaws = [timeline.mouth_at(at + round(ms * 48)).jaw for ms in range(0, 100, 10)]
    assert jaws[0] == open_jaw
    assert all(a >= b for a, b in itertools.pairwise(jaws))
    assert timeline.mouth_at(at + round(0.08 * SAMPLE_RATE)) == Mouth()


def test_mouth_ahead_of_the_sound_belongs_to_what_is_queued():
    """The pump asks for positions a little ahead; they fall into the segment that will sound."""
    timeline = PlayoutTimeline()
    timeline.add(segment(0.5, level=0.5))
    assert timeline.mouth_at(round(0.25 * SAMPLE_RATE)).jaw > 0.3


def sounds(timeline, seconds):
    """What comes next: the level of each packet that sounds, and what starts and ends."""
    taken = [timeline.take(PACKET) for _ in range(round(seconds * SAMPLE_RATE / PACKET))]
    levels = [round(float(p.audio[-1]), 2) for p in taken if p.audio is not None and p.audio[-1]]
    return list(dict.fromkeys(levels)), [event for p in taken for event in p.events]


def three_seconds():
    """A timeline of three segments of a second, of levels 0.1, 0.2 and 0.3."""
    timeline = PlayoutTimeline()
    segments = [segment(1.0, speech="s", level=level) for level in (0.1, 0.2, 0.3)]
    for each in segments:
        timeline.add(each)
    return timeline, segments


def test_what_was_not_heard_sounds_again_from_the_beginning_of_its_segment_on():
    """Those heard to the end do not, and what was still to come follows."""
    timeline, segments = three_seconds()
    sounds(timeline, 1.5)
    ahead = timeline.flushes
    assert timeline.rewind(round(1.1 * SAMPLE_RATE)) == [(segments[1], False)]
    assert timeline.flushes == ahead + 1  # what was taken ahead is of no use
    assert timeline.queued_s == 2.0
    levels, events = sounds(timeline, 2.5)
    assert levels == [0.2, 0.3]
    assert [type(event) for event in events] == [SegmentStarted, SegmentFinished] * 2
    assert not timeline.sounding


def test_what_has_sounded_to_its_end_sounds_again_too_and_in_order():
    timeline, segments = three_seconds()
    sounds(timeline, 5.0)
    assert not timeline.sounding
    assert timeline.rewind(round(0.5 * SAMPLE_RATE)) == [(one, True) for one in segments]
    assert sounds(timeline, 4.0)[0] == [0.1, 0.2, 0.3]


def test_whoever_missed_the_last_moment_of_a_segment_does_not_hear_it_again():
    timeline, segments = three_seconds()
    sounds(timeline, 3.5)
    assert timeline.rewind(round((2 - MISSED_S) * SAMPLE_RATE)) == [(segments[2], True)]


def test_nothing_sounds_again_that_was_dropped_or_is_long_past():
    timeline, _ = three_seconds()
    sounds(timeline, 1.5)
    timeline.flush()
    assert timeline.rewind(0) == []
    timeline.add(segment(1.0))
    sounds(timeline, KEPT_S + 2.5)
    assert timeline.rewind(0) == []
    assert not timeline.sounding
