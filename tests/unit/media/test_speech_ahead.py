"""Sound encoded ahead of its time."""

import asyncio

import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError

from ipyavatar.engine.playout import SAMPLE_RATE, PlayoutTimeline
from ipyavatar.media.frame_format import SampleEncoder
from ipyavatar.media.speech_ahead import AHEAD_S, BACKLOG, SpeechAhead
from tests.support.media import segment

PACKET = SAMPLE_RATE // 50


def make():
    timeline = PlayoutTimeline()
    return timeline, SpeechAhead(timeline, SampleEncoder())


def tick(timeline, ahead, times=1):
    for _ in range(times):
        ahead.put(timeline.take(PACKET), PACKET)


def taken(ahead):
    return asyncio.run(ahead.take())


def test_what_comes_out_is_what_would_have_sounded():
    """Two segments that end anywhere, sample by sample."""
    timeline, ahead = make()
    wanted = PlayoutTimeline()
    for line in (timeline, wanted):
        line.add(segment(0.7031, hz=200))
        line.add(segment(1.2222, hz=300))
    tick(timeline, ahead, 100)
    data = b"".join(packet.data for packet in taken(ahead))
    whole = np.concatenate([wanted.take(PACKET).audio for _ in range(len(data) // 2 // PACKET)])
    assert np.abs(np.frombuffer(data, "<i2") / 32767 - whole).max() < 1e-4
    assert len(data) // 2 / SAMPLE_RATE == pytest.approx(0.7031 + 1.2222, abs=0.02)


def test_there_is_no_more_of_it_than_so_far_ahead():
    """However much is prepared."""
    timeline, ahead = make()
    timeline.add(segment(60.0))
    tick(timeline, ahead)
    assert taken(ahead)[-1].start == AHEAD_S * SAMPLE_RATE


def test_after_a_flush_not_even_the_fading_end_is_heard():
    """It would be a click, after the silence."""
    timeline, ahead = make()
    timeline.add(segment(2.0))
    tick(timeline, ahead)
    ahead.clear()
    timeline.flush()
    tick(timeline, ahead, 10)
    assert taken(ahead) == []


def test_who_does_not_take_it_gets_the_newest():
    """What is kept is bounded."""
    timeline, ahead = make()
    timeline.add(segment(20.0))
    tick(timeline, ahead, 900)
    packets = taken(ahead)
    assert len(packets) == BACKLOG
    assert packets[-1].start == (899 + 75) * PACKET


def test_stopped_it_ends_who_waits():
    """As a track does."""

    async def go():
        _, ahead = make()
        waiting = asyncio.ensure_future(ahead.take())
        await asyncio.sleep(0)
        ahead.stop()
        with pytest.raises(MediaStreamError):
            await waiting

    asyncio.run(go())
