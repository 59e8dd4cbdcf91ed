"""The media pump: one clock for sound and pictures, on virtual time."""

import asyncio

from ipyavatar.engine.playout import SAMPLE_RATE, PlayoutTimeline, SegmentFinished
from ipyavatar.media.media_pump import AHEAD, PACKET, MediaPump
from tests.support.media import CountingFrameSource, InlineExecutor, segment
from tests.support.virtual_time import VirtualClock, run_virtual


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


def test_flush_is_heard_in_the_next_packet():
    """Interrupt to silence is one packet: 20 ms."""

    async def go():
        scene = Scene()
        subscriber = scene.pump.subscribe()
        scene.timeline.add(segment(5.0))
        await scene.audio(subscriber, 10)
        scene.timeline.flush()
        fading, silent = await scene.audio(subscriber, 2)
        await scene.pump.close()
        return fading.to_ndarray()[0], bytes(silent)

    fading, silent = run_virtual(go())
    assert fading[0] > 10_000
    assert not fading[480:].any()
    assert len(silent) == 3  # the ready-made packet of silence


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


def test_a_picture_that_cannot_be_drawn_does_not_stop_the_sound(caplog):
    """Sound goes on, the trouble is logged."""

    class Broken(CountingFrameSource):
        def draw(self):
            raise ValueError("no paint")

    async def go():
        scene = Scene()
        scene.pump.set_frame_source(Broken())
        subscriber = scene.pump.subscribe()
        packets = await scene.audio(subscriber, 20)
        await scene.pump.close()
        return len(packets)

    assert run_virtual(go()) == 20
    assert "no paint" in caplog.text
