"""The playout timeline, counted in samples."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ipyavatar.engine.playout import (
    FADE_S,
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
