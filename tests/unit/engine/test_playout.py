"""The performer: one timeline, counted in samples."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ipyavatar.engine.playout import (
    FADE_S,
    SAMPLE_RATE,
    PlayoutTimeline,
    SegmentFinished,
    SegmentStarted,
)
from ipyavatar.engine.pose import Mouth
from tests.support.media import passage

PACKET = 960


def test_silence_is_none():
    """A packet with nothing in it costs nothing: it has no array."""
    packet = PlayoutTimeline().take(PACKET)
    assert packet.audio is None
    assert packet.start == 0
    assert packet.cues == ()


def test_sound_starts_with_the_next_packet():
    """What is added sounds from the first sample of the packet taken next."""
    performer = PlayoutTimeline()
    performer.take(PACKET)
    performer.add(passage(0.1))
    packet = performer.take(PACKET)
    assert packet.start == PACKET
    assert np.all(packet.audio == 0.5)
    assert [type(cue) for cue in packet.cues] == [SegmentStarted]
    assert packet.cues[0].at == PACKET


@given(st.lists(st.floats(0.001, 0.3), min_size=1, max_size=6), st.integers(100, 2000))
def test_nothing_is_lost_and_order_is_kept(lengths, size):
    """Whatever the packet size, all samples come out once, in order, with a start and an end."""
    performer = PlayoutTimeline()
    passages = [passage(s, speech=f"s{i}", level=(i + 1) / 10) for i, s in enumerate(lengths)]
    for each in passages:
        performer.add(each)
    wanted = np.concatenate([each.audio for each in passages])
    out, cues = [], []
    while performer.sounding:
        packet = performer.take(size)
        out.append(packet.audio)
        cues += packet.cues
    got = np.concatenate(out)
    assert np.array_equal(got[: len(wanted)], wanted)
    assert not got[len(wanted) :].any()
    assert [c.passage.speech for c in cues if isinstance(c, SegmentStarted)] == [
        p.speech for p in passages
    ]
    assert [c.passage.speech for c in cues if isinstance(c, SegmentFinished)] == [
        p.speech for p in passages
    ]
    assert performer.queued_s == 0


def test_flush_is_silence_after_a_short_fade():
    """After a flush the next packet fades within 5 ms and is silent from there on."""
    performer = PlayoutTimeline()
    performer.add(passage(2.0))
    performer.take(PACKET)
    performer.flush()
    packet = performer.take(PACKET)
    fade = round(FADE_S * SAMPLE_RATE)
    assert packet.audio[0] == 0.5
    assert np.all(np.diff(packet.audio[:fade]) <= 0)
    assert not packet.audio[fade:].any()
    assert performer.take(PACKET).audio is None
    assert not performer.sounding


def test_flush_before_the_first_sound_is_silent():
    """What never sounded leaves no fade behind."""
    performer = PlayoutTimeline()
    performer.add(passage(1.0))
    performer.flush()
    assert performer.take(PACKET).audio is None


def test_flush_lets_the_lips_go_within_80_ms():
    """The mouth eases from where it was to rest."""
    performer = PlayoutTimeline()
    performer.add(passage(2.0))
    for _ in range(30):
        performer.take(PACKET)
    open_jaw = performer.mouth_at(performer.position).jaw
    performer.flush()
    assert open_jaw > 0.4
    at = performer.position
    jaws = [performer.mouth_at(at + round(ms * 48)).jaw for ms in range(0, 100, 10)]
    assert jaws[0] == open_jaw
    assert all(a >= b for a, b in itertools.pairwise(jaws))
    assert performer.mouth_at(at + round(0.08 * SAMPLE_RATE)) == Mouth()


def test_mouth_ahead_of_the_sound_belongs_to_what_is_queued():
    """The stage asks for positions a little ahead; they fall into the passage that will sound."""
    performer = PlayoutTimeline()
    performer.add(passage(0.5, level=0.5))
    assert performer.mouth_at(round(0.25 * SAMPLE_RATE)).jaw > 0.3
