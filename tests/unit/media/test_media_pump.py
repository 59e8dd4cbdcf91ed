"""The media pump: one clock for sound and pictures, on virtual time."""

import asyncio
import gc
import weakref

import numpy as np
import pytest

from ipyavatar.engine.playout import SAMPLE_RATE, PlayoutTimeline, SegmentFinished
from ipyavatar.media.encoders import SILENT_OPUS
from ipyavatar.media.media_pump import AHEAD, PACKET, REFINEMENTS, REFRESH_S, MediaPump
from tests.support.media import CountingFrameSource, InlineExecutor, OpusEar, segment
from tests.support.virtual_time import VirtualClock, run_virtual

TONE_HZ = 200


class Scene:
    """A pump with everything around it, and what came out."""

    def __init__(self, step: float = 0.2) -> None:
        self.timeline = PlayoutTimeline()
        self.frame_source = CountingFrameSource(step)
        self.events = []
        self.pump = MediaPump(self.timeline, VirtualClock(), InlineExecutor(), self.events.extend)
        self.pump.set_frame_source(self.frame_source)
        self.pump.enable_audio()

    async def audio(self, subscriber, packets):
        return [await subscriber.audio.recv() for _ in range(packets)]


def test_sound_is_paced_by_the_clock():
    """50 packets take one second, and their timestamps are 20 ms apart."""

    async def go():
        scene = Scene()
        subscriber = scene.pump.subscribe()
        loop = asyncio.get_running_loop()
        first = await subscriber.audio.recv()
        begin = loop.time()
        packets = await scene.audio(subscriber, 50)
        took = loop.time() - begin
        await scene.pump.close()
        return first, packets, took

    first, packets, took = run_virtual(go())
    assert abs(took - 1.0) < 1e-6
    assert [p.pts - first.pts for p in packets] == [PACKET * (i + 1) for i in range(50)]


def test_nobody_watching_and_nothing_said_is_standstill():
    """The timeline does not move, nothing is drawn."""

    async def go():
        scene = Scene()
        await asyncio.sleep(60)
        moved = scene.timeline.position, len(scene.frame_source.drawn)
        await scene.pump.close()
        return moved

    assert run_virtual(go()) == (0, 0)


def test_speech_goes_on_with_nobody_watching_and_draws_nothing():
    """A speech without a page takes its time and ends, without a single picture."""

    async def go():
        scene = Scene()
        scene.timeline.add(segment(1.0))
        scene.pump.wake()
        await asyncio.sleep(1.1)
        ended = [event for event in scene.events if isinstance(event, SegmentFinished)]
        drawn = len(scene.frame_source.drawn)
        await scene.pump.close()
        return len(ended), drawn

    assert run_virtual(go()) == (1, 0)


def test_idle_pictures_are_only_those_that_changed():
    """At 5 changes a second 25 are asked about and 5 are drawn."""

    async def go():
        scene = Scene(step=0.2)
        scene.pump.subscribe()
        await asyncio.sleep(10)
        drawn = len(scene.frame_source.drawn)
        await scene.pump.close()
        return drawn

    assert 48 <= run_virtual(go()) <= 54


def test_talking_pictures_come_25_times_a_second_at_the_position_of_the_sound():
    """While it speaks every picture is drawn, for the sound that goes out with it."""

    async def go():
        scene = Scene()
        subscriber = scene.pump.subscribe()
        scene.timeline.add(segment(4.0))
        await asyncio.sleep(3.0)
        drawn = list(scene.frame_source.drawn)
        position = scene.timeline.position
        frame = await subscriber.video.recv()
        await scene.pump.close()
        return drawn, position, frame.pts

    drawn, position, pts = run_virtual(go())
    assert 74 <= len(drawn) <= 76
    newest = (position - PACKET + AHEAD) / SAMPLE_RATE
    assert 0 <= newest - drawn[-1][0] <= 0.021
    assert pts == round(drawn[-1][0] * 90_000)


def test_a_new_page_gets_a_picture_at_once():
    """Also when nothing moves."""

    async def go():
        scene = Scene(step=1e9)
        scene.pump.subscribe()
        await asyncio.sleep(5.05)
        before = len(scene.frame_source.drawn)
        scene.pump.subscribe()
        await asyncio.sleep(0.021)
        after = len(scene.frame_source.drawn)
        await scene.pump.close()
        return after - before

    assert run_virtual(go()) == 1


def test_a_page_that_shows_no_view_costs_nothing():
    """Its connection stays, nothing is drawn; when a view is back its picture comes at once."""

    async def go():
        scene = Scene()
        subscriber = scene.pump.subscribe()
        await asyncio.sleep(1.0)
        scene.pump.set_watching(subscriber, watching=False)
        await asyncio.sleep(0.1)
        hidden = len(scene.frame_source.drawn), scene.timeline.position
        await asyncio.sleep(60)
        later = len(scene.frame_source.drawn), scene.timeline.position
        scene.pump.set_watching(subscriber, watching=True)
        await asyncio.sleep(0.021)
        back = len(scene.frame_source.drawn) - later[0]
        await scene.pump.close()
        return hidden, later, back

    hidden, later, back = run_virtual(go())
    assert hidden == later
    assert back == 1


def heard(packets):
    """What they sound like, one after the other."""
    ear = OpusEar()
    return np.concatenate([ear.hear(packet) for packet in packets])


def test_flush_is_heard_in_the_next_packet():
    """Interrupt to silence is one packet: 20 ms."""

    async def go():
        scene = Scene()
        subscriber = scene.pump.subscribe()
        scene.timeline.add(segment(5.0, hz=TONE_HZ))
        packets = await scene.audio(subscriber, 10)
        scene.timeline.flush()
        packets += await scene.audio(subscriber, 2)
        await scene.pump.close()
        return heard(packets[:-1])[-PACKET:], bytes(packets[-1])

    fading, silent = run_virtual(go())
    assert np.abs(fading[: PACKET // 4]).max() > 0.4
    assert np.abs(fading[-PACKET // 4 :]).max() < 0.02
    assert silent == SILENT_OPUS


def test_sound_is_encoded_once_and_sounds_the_same_to_all():
    """Each subscriber, one that comes late too, gets the very packets; they are what was said."""

    async def go():
        scene = Scene()
        first = scene.pump.subscribe()
        scene.timeline.add(segment(5.0, hz=TONE_HZ))
        before = await scene.audio(first, 25)
        second = scene.pump.subscribe()
        both = await asyncio.gather(scene.audio(first, 50), scene.audio(second, 50))
        await scene.pump.close()
        return before, both

    before, (first, second) = run_virtual(go())
    assert [(p.pts, bytes(p)) for p in first] == [(p.pts, bytes(p)) for p in second]
    spectrum = np.abs(np.fft.rfft(heard([*before, *first])[-SAMPLE_RATE:]))
    assert spectrum[TONE_HZ] > 20 * np.delete(spectrum, range(TONE_HZ - 3, TONE_HZ + 4)).max()


def test_a_machine_that_slept_sends_no_burst():
    """After a stall the pump goes on from now; what was not sent in time is not sent at once."""

    class Stalling(VirtualClock):
        skip = 0.0

        def now(self):
            return super().now() + self.skip

    async def go():
        clock = Stalling()
        timeline = PlayoutTimeline()
        pump = MediaPump(timeline, clock, InlineExecutor(), lambda events: None)
        pump.enable_audio()
        subscriber = pump.subscribe()
        for _ in range(10):
            await subscriber.audio.recv()
        clock.skip = 30.0
        before = timeline.position
        await asyncio.sleep(0.1)
        moved = timeline.position - before
        await pump.close()
        return moved / PACKET

    assert run_virtual(go()) <= 6


def sent_times(subscriber, into):
    """Note the media time of each picture that the subscriber's sender would take."""

    async def take():
        while True:
            frame = await subscriber.video.recv()
            into.append(round(frame.pts / 90_000, 3))

    return asyncio.ensure_future(take())


def test_the_picture_that_a_speech_ends_with_is_repeated_a_few_times_and_then_rests():
    """The encoder makes it clean within the first second; then nothing but the rare refresh."""

    async def go():
        scene, sent = Scene(step=1e9), []
        subscriber = scene.pump.subscribe()
        scene.timeline.add(segment(2.0))
        taking = sent_times(subscriber, sent)
        await asyncio.sleep(12.0)
        taking.cancel()
        drawn = [at for at, _ in scene.frame_source.drawn]
        await scene.pump.close()
        return sent, drawn

    sent, drawn = run_virtual(go())
    repeated = [at for at in sent if at > max(drawn)]
    first = [at for at in repeated if at <= max(drawn) + 1.0]
    assert np.allclose(np.diff(repeated[:REFINEMENTS]), 1 / 25, atol=0.001)
    assert REFINEMENTS <= len(first) <= REFINEMENTS + 2
    assert len(repeated) - len(first) <= 9.0 / REFRESH_S


def test_small_steps_of_an_idle_face_are_not_repeated():
    """Idle costs what it did: a picture for each step."""

    async def go():
        scene, sent = Scene(step=0.2), []
        taking = sent_times(scene.pump.subscribe(), sent)
        await asyncio.sleep(2.0)
        begin = len(sent)
        await asyncio.sleep(10.0)
        taking.cancel()
        await scene.pump.close()
        return len(sent) - begin

    assert 49 <= run_virtual(go()) <= 51


def test_one_who_comes_to_a_face_at_rest_gets_a_clean_picture_too():
    """What a keyframe leaves to be desired is refined as after a speech."""

    async def go():
        scene, sent = Scene(step=1e9), []
        scene.pump.subscribe()
        await asyncio.sleep(5.0)
        taking = sent_times(scene.pump.subscribe(), sent)
        await asyncio.sleep(0.5)
        taking.cancel()
        await scene.pump.close()
        return len(sent)

    assert 1 + REFINEMENTS <= run_virtual(go()) <= 3 + REFINEMENTS


class Failing(CountingFrameSource):
    """Cannot decide or draw what lies in the second second."""

    def __init__(self, where):
        super().__init__(step=0.2)
        self._where = where

    def key(self, at, mouth, speaking, stress):
        if self._where == "key" and 1 <= at < 2:
            raise ValueError("no pose")
        return super().key(at, mouth, speaking, stress)

    def draw(self):
        if self._where == "draw" and 1 <= self._next[0] < 2:
            raise ValueError("no paint")
        if self._where == "picture" and 1 <= self._next[0] < 2:
            return np.zeros((3, 3), np.float64)
        return super().draw()


@pytest.mark.parametrize("where", ["key", "draw", "picture"])
def test_a_picture_that_fails_ends_nothing_but_itself(where, caplog):
    """Sound goes on, later pictures come; the trouble is logged once and counted."""

    async def go():
        scene, sent = Scene(), []
        scene.pump.set_frame_source(Failing(where))
        subscriber = scene.pump.subscribe()
        taking = sent_times(subscriber, sent)
        packets = await scene.audio(subscriber, 200)
        taking.cancel()
        await scene.pump.close()
        return len(packets), sent, scene.pump.failed

    packets, sent, failed = run_virtual(go())
    assert packets == 200
    assert not [at for at in sent if 1.01 < at < 2]
    assert [at for at in sent if at > 2]
    assert 20 <= failed <= 26
    assert len(caplog.records) == 1
    assert caplog.records[0].exc_info


def test_a_listener_that_fails_does_not_end_the_pump(caplog):
    """What is told of a segment goes wrong: sound and pictures go on."""

    async def go():
        timeline = PlayoutTimeline()

        def fail(events):
            raise ValueError(f"no ears for {len(events)}")

        pump = MediaPump(timeline, VirtualClock(), InlineExecutor(), fail)
        pump.enable_audio()
        subscriber = pump.subscribe()
        timeline.add(segment(0.5))
        packets = [await subscriber.audio.recv() for _ in range(50)]
        await pump.close()
        return len(packets), pump.failed

    packets, failed = run_virtual(go())
    assert packets == 50
    assert failed == 2  # its begin and its end
    assert "no ears" in caplog.text


def test_a_closed_pump_keeps_no_face():
    """It is tens of megabytes; whoever still holds the pump does not hold that."""

    async def go():
        scene = Scene()
        subscriber = scene.pump.subscribe()
        await scene.audio(subscriber, 10)
        face = weakref.ref(scene.frame_source)
        assert scene.frame_source.drawn
        scene.frame_source = None
        await scene.pump.close()
        return face() is None

    gc.disable()  # no cycle holds it either
    try:
        assert run_virtual(go())
    finally:
        gc.enable()


class Sink:
    """Takes everything at once, until it is told to be full."""

    def __init__(self, pictures=True):
        self.pictures = pictures
        self.hold_until = None
        self.audio, self.shown, self.captions = [], [], []

    def put_audio(self, start, audio):
        self.audio.append(start)

    def put_picture(self, start, picture):
        self.shown.append(start)

    def put_caption(self, caption):
        self.captions.append((caption.at, caption.text))


def sunk(seconds, sink, *, watched=False, until=1.0, more=False, before=lambda scene: None):
    """A speech goes to `sink`; what time it is at its end, and the scene."""

    async def go():
        scene = Scene()
        if watched:
            scene.pump.subscribe()
        scene.pump.add_sink(sink)
        before(scene)
        scene.timeline.add(segment(seconds))
        scene.pump.expect_more(more)
        loop = asyncio.get_running_loop()
        while scene.timeline.sounding and loop.time() < until:
            await asyncio.sleep(0.001)
        took = loop.time()
        await scene.pump.close()
        return took, scene

    return run_virtual(go())


def test_where_nobody_watches_a_sink_gets_everything_as_fast_as_it_takes_it():
    """Ten seconds take none: every packet, and 25 pictures a second, in order."""
    sink = Sink()
    took, scene = sunk(10.0, sink)
    assert took < 0.1 + 0.4  # a step of the test's own clock for each turn of the loop
    assert sink.audio[:500] == [PACKET * i for i in range(500)]
    assert sink.shown[:250] == [2 * PACKET * i for i in range(250)]
    assert scene.pump.late == 0


def test_a_sink_is_told_which_sound_goes_on_with_a_caption():
    """A part without text is of the one before."""

    class Captions(Sink):
        def put_caption(self, caption):
            self.captions.append((caption.text, caption.goes_on, round(caption.seconds, 2)))

    def add_parts(scene):
        scene.timeline.add(segment(0.08, text="First"))
        scene.timeline.add(segment(0.5, text=""))

    sink = Captions()
    sunk(0.5, sink, before=add_parts)
    assert sink.captions == [("First", False, 0.08), ("", True, 0.5), ("ah", False, 0.5)]


def test_where_somebody_watches_a_sink_goes_with_the_clock():
    """A second takes a second."""
    took, _ = sunk(1.0, Sink(), watched=True, until=5.0)
    assert 0.9 < took < 1.1


def test_a_sink_that_has_enough_is_waited_for_and_then_no_longer():
    """While it holds nothing goes out; after that the clock rules."""

    async def go():
        scene, sink = Scene(), Sink()
        scene.timeline.add(segment(2.0))
        sink.hold_until = 3.0
        scene.pump.add_sink(sink)
        await asyncio.sleep(2.9)
        held = len(sink.audio)
        await asyncio.sleep(1.1)
        after = len(sink.audio)
        await scene.pump.close()
        return held, after

    held, after = run_virtual(go())
    assert held == 0
    assert 45 <= after <= 55


def test_while_a_voice_is_at_what_comes_next_nothing_goes_on():
    """A voice that is slower than the sinks leaves no gap: it is waited for."""

    async def go():
        scene, sink = Scene(), Sink()
        scene.pump.expect_more(True)
        scene.pump.add_sink(sink)
        scene.timeline.add(segment(1.0))
        await asyncio.sleep(20.0)
        waited = scene.timeline.position
        scene.timeline.add(segment(1.0))
        scene.pump.expect_more(False)
        await asyncio.sleep(0.5)
        whole = scene.timeline.position
        await scene.pump.close()
        return waited, whole

    waited, whole = run_virtual(go())
    assert SAMPLE_RATE - PACKET <= waited <= SAMPLE_RATE
    assert whole >= 2 * SAMPLE_RATE


def test_an_idle_avatar_goes_with_the_clock_whoever_reads():
    """A face at rest is not drawn a thousand times a second."""

    async def go():
        scene, sink = Scene(), Sink()
        scene.pump.add_sink(sink)
        await asyncio.sleep(2.0)
        await scene.pump.close()
        return sink

    sink = run_virtual(go())
    assert 98 <= len(sink.audio) <= 102
    assert 48 <= len(sink.shown) <= 52


def test_a_sink_hears_what_is_being_said():
    """The text of each segment, from its first sample on; and that it was cut off."""
    sink = Sink()
    _, scene = sunk(1.0, sink, before=lambda scene: scene.timeline.add(segment(0.5)))
    scene.pump.end_caption()
    assert [text for _, text in sink.captions] == [segment(1.0).text, segment(1.0).text, ""]
    assert [at for at, _ in sink.captions][:2] == [0, SAMPLE_RATE // 2]


def test_a_sink_that_fails_ends_nothing_else():
    """It is counted; the speech goes on, and so do the others."""

    class Broken(Sink):
        def put_audio(self, start, audio):
            raise OSError("no")

    sink = Sink()
    _, scene = sunk(1.0, sink, before=lambda scene: scene.pump.add_sink(Broken()))
    assert len(sink.audio) >= 50
    assert scene.pump.failed >= 50


def test_with_its_last_sink_the_pump_stands_still_again():
    """Nobody looks, nothing is said: the timeline does not move."""

    async def go():
        scene, sink = Scene(), Sink()
        scene.pump.add_sink(sink)
        await asyncio.sleep(0.1)
        scene.pump.remove_sink(sink)
        await asyncio.sleep(0.1)
        position = scene.timeline.position
        await asyncio.sleep(5.0)
        moved = scene.timeline.position - position
        await scene.pump.close()
        return moved

    assert run_virtual(go()) == 0
