"""A stream that comes from elsewhere: its clock, its losses, and when it is received."""

import asyncio

import numpy as np
import pytest

from ipyavatar.engine.playout import SAMPLE_RATE
from ipyavatar.errors import CannotRecord, MediaError, MissingPart, StreamTaken
from ipyavatar.media.received_stream import (
    AGAIN,
    CLOSE_S,
    GOODBYE_S,
    PACKET,
    ReceivedStream,
    as_i420,
)
from ipyavatar.media.tap import Tap
from tests.support.virtual_time import VirtualClock, run_virtual

PICTURE = np.zeros((6, 4), np.uint8)
LOST = MediaError("The line was lost.")


class Sink:
    """Keeps what it is given."""

    pictures = True
    hold_until = None

    def __init__(self):
        self.starts, self.sounds, self.shown, self.captions, self.errors = [], [], [], [], []

    def put_audio(self, start, audio):
        self.starts.append(start)
        self.sounds.append(None if audio is None else float(audio[0]))

    def put_picture(self, start, picture):
        self.shown.append(start / SAMPLE_RATE)

    def put_caption(self, caption):
        self.captions.append((caption.at / SAMPLE_RATE, caption.text))

    def fail(self, error):
        self.errors.append(error)


class Connection:
    closed = False

    def __init__(self, goodbye_s=0.1):
        self._goodbye_s = goodbye_s

    async def close(self):
        await asyncio.sleep(self._goodbye_s)
        self.closed = True


class Scene:
    """A stream, the connections that were made for it, and what they are refused with."""

    def __init__(self):
        self.connections, self.refusals = [], []
        self.goodbye_s = 0.1
        self.overtaken = 0  # connections that were begun before the last one was closed
        self.stream = ReceivedStream(self._connect, VirtualClock(), lambda: 1.0)

    async def _connect(self, listener):
        assert listener is self.stream
        self.overtaken += any(not each.closed for each in self.connections)
        await asyncio.sleep(0.2)
        if self.refusals:
            raise self.refusals.pop(0)
        self.connections.append(Connection(self.goodbye_s))
        return self.connections[-1]

    async def sound(self, seconds, value=1000, step=0.01):
        """As it comes: 10 ms at a time."""
        for _ in range(round(seconds / step)):
            self.stream.on_sound(np.full(round(step * SAMPLE_RATE), value, np.int16))
            await asyncio.sleep(step)


def play(scenario):
    async def go():
        scene = Scene()
        try:
            return await scenario(scene)
        finally:
            await scene.stream.close(MediaError("Over."))

    return run_virtual(go())


def test_it_is_received_while_somebody_takes_it_and_no_longer():
    """Two sinks share a connection; the next one gets another, once the first is closed."""

    async def scenario(scene):
        await asyncio.sleep(1)
        assert scene.connections == []
        one, two = Sink(), Sink()
        scene.stream.add_sink(one)
        scene.stream.add_sink(two)
        await asyncio.sleep(1)
        scene.stream.remove_sink(one)
        scene.stream.remove_sink(one)
        await scene.sound(1)
        assert (len(scene.connections), scene.connections[0].closed) == (1, False)
        assert (len(one.starts), len(two.starts)) == (0, 50)
        scene.stream.remove_sink(two)
        scene.stream.add_sink(one)
        await asyncio.sleep(1)
        assert [each.closed for each in scene.connections] == [True, False]

    play(scenario)


def test_a_sink_that_leaves_while_the_connection_is_made_ends_that():
    async def scenario(scene):
        sink = Sink()
        scene.stream.add_sink(sink)
        await asyncio.sleep(0.1)
        scene.stream.remove_sink(sink)
        await asyncio.sleep(5)
        assert scene.connections == []

    play(scenario)


def test_no_connection_overtakes_the_goodbye_of_an_earlier_one():
    """Not even when a sink came and went while that was waited for."""

    async def scenario(scene):
        scene.goodbye_s = 1.0
        for _ in range(3):
            sink = Sink()
            scene.stream.add_sink(sink)
            await asyncio.sleep(0.3)
            scene.stream.remove_sink(sink)
            await asyncio.sleep(0.1)
        scene.stream.add_sink(Sink())
        await asyncio.sleep(3)
        assert (len(scene.connections), scene.overtaken) == (2, 0)

    play(scenario)


@pytest.mark.parametrize("lost", [True, False])
def test_the_end_of_the_session_lets_a_goodbye_be_said(lost):
    """One that was begun since the connection was lost, or since the last sink left."""

    async def scenario(scene):
        sink = Sink()
        scene.stream.add_sink(sink)
        await asyncio.sleep(1)
        if lost:
            scene.stream.on_lost(LOST)
            await asyncio.sleep(0.05)
        scene.stream.remove_sink(sink)
        await asyncio.sleep(0.01)
        await scene.stream.close(MediaError("The session has ended."))
        assert scene.connections[0].closed

    play(scenario)


def test_a_goodbye_that_does_not_end_holds_up_the_next_connection_for_a_while_only():
    async def scenario(scene):
        scene.goodbye_s = 1000
        sink = Sink()
        scene.stream.add_sink(sink)
        await asyncio.sleep(1)
        scene.stream.remove_sink(sink)
        scene.stream.add_sink(sink)
        await asyncio.sleep(GOODBYE_S - 1)
        assert len(scene.connections) == 1
        await asyncio.sleep(2)
        assert len(scene.connections) == 2

    play(scenario)


def test_a_goodbye_that_does_not_end_holds_up_the_end_of_the_session_for_a_while_only():
    async def scenario(scene):
        scene.goodbye_s = 1000
        scene.stream.add_sink(Sink())
        await asyncio.sleep(1)
        before = asyncio.get_running_loop().time()
        await scene.stream.close(MediaError("The session has ended."))
        assert asyncio.get_running_loop().time() - before == pytest.approx(CLOSE_S)

    play(scenario)


def test_sound_is_laid_end_to_end_and_a_picture_has_the_time_of_its_sound():
    """Pieces of any length become packets; seconds count from the session's opening."""

    async def scenario(scene):
        await asyncio.sleep(3)
        sink = Sink()
        scene.stream.add_sink(sink)
        await asyncio.sleep(1)
        await scene.sound(0.5)
        scene.stream.put_caption("Hello.", [], 1.0)
        for number in range(10):
            scene.stream.on_picture(900 + number * 0.04, PICTURE)
            await scene.sound(0.04)
        assert np.diff(sink.starts).tolist() == [PACKET] * (len(sink.starts) - 1)
        assert sink.starts[0] / SAMPLE_RATE == pytest.approx(4, abs=0.021)
        assert sink.sounds == [1000 / 32768] * 45
        assert sink.shown == pytest.approx([4.5 + n * 0.04 for n in range(10)], abs=0.03)
        assert sink.captions == [(pytest.approx(4.5, abs=0.03), "Hello.")]

    play(scenario)


def test_a_picture_that_comes_before_its_sound_has_the_time_of_that():
    async def scenario(scene):
        sink = Sink()
        scene.stream.add_sink(sink)
        await asyncio.sleep(1)
        await scene.sound(1)
        scene.stream.on_picture(5.0, PICTURE, 0.03)
        assert sink.shown == [pytest.approx(2.03, abs=0.021)]

    play(scenario)


def test_where_no_sound_comes_it_is_silent_and_pictures_go_on():
    """A service that sends no packets while it says nothing; what comes late is not lost."""

    async def scenario(scene):
        sink = Sink()
        scene.stream.add_sink(sink)
        await asyncio.sleep(1)
        for number in range(250):
            scene.stream.on_picture(number * 0.04, PICTURE)
            await asyncio.sleep(0.04)
        assert sink.shown[-1] - sink.shown[0] == pytest.approx(10, abs=1.7)
        assert set(sink.sounds) == {None}
        await scene.sound(2)
        assert sink.sounds.count(1000 / 32768) == 100
        assert np.diff(sink.starts).tolist() == [PACKET] * (len(sink.starts) - 1)

    play(scenario)


def test_sound_that_the_network_held_up_is_neither_lost_nor_torn_apart():
    """0.3 s late, then all at once."""

    async def scenario(scene):
        sink = Sink()
        scene.stream.add_sink(sink)
        await asyncio.sleep(1)
        await scene.sound(1)
        await asyncio.sleep(0.3)
        scene.stream.on_sound(np.full(round(0.3 * SAMPLE_RATE), 1000, np.int16))
        await scene.sound(1)
        assert sink.sounds == [1000 / 32768] * 115

    play(scenario)


def test_a_lost_connection_is_made_anew_and_what_is_missing_is_silence():
    """A recording lasts as long as the time that went by."""

    async def scenario(scene):
        sink = Sink()
        scene.stream.add_sink(sink)
        await asyncio.sleep(1)
        await scene.sound(1)
        scene.refusals = [LOST]
        scene.stream.on_lost(LOST)
        await asyncio.sleep(8)
        await scene.sound(1)
        assert [each.closed for each in scene.connections] == [True, False]
        assert len(sink.starts) == pytest.approx(10 * 50, abs=2)
        assert sink.sounds.count(None) == pytest.approx(8 * 50, abs=2)
        assert np.diff(sink.starts).tolist() == [PACKET] * (len(sink.starts) - 1)
        assert sink.errors == []

    play(scenario)


@pytest.mark.parametrize(
    ("refusals", "tries"),
    [
        ([MissingPart("No livekit.")], 1),
        ([CannotRecord("No recorder.")], 1),
        ([LOST, StreamTaken("A page.")], 2),
        ([LOST] * 9, AGAIN.attempts),
    ],
)
def test_what_cannot_be_had_is_told_to_each(refusals, tries):
    """At once where another try changes nothing; the next sink is another try."""

    async def scenario(scene):
        scene.refusals = list(refusals)
        one, two = Sink(), Sink()
        scene.stream.add_sink(one)
        scene.stream.add_sink(two)
        await asyncio.sleep(60)
        assert one.errors == two.errors == [refusals[tries - 1]]
        assert len(refusals) - len(scene.refusals) == tries
        scene.refusals = []
        scene.stream.add_sink(one)
        await asyncio.sleep(1)
        assert len(scene.connections) == 1

    play(scenario)


def test_what_nobody_foresaw_is_told_as_well(caplog):
    """A library's own error, for example."""

    async def scenario(scene):
        scene.refusals = [KeyError("track")]
        sink = Sink()
        scene.stream.add_sink(sink)
        await asyncio.sleep(1)
        (error,) = sink.errors
        assert isinstance(error, MediaError)
        assert "KeyError('track')" in str(error)

    play(scenario)
    assert "in a way nobody foresaw" in caplog.text


def test_the_end_of_the_session_is_told_and_closes_the_connection():
    async def scenario(scene):
        sink = Sink()
        scene.stream.add_sink(sink)
        await asyncio.sleep(1)
        over = MediaError("The session has ended.")
        await scene.stream.close(over)
        assert sink.errors == [over]
        assert scene.connections[0].closed

    play(scenario)


def test_a_reader_that_is_slow_misses_pictures_and_no_sound():
    """It asks for one of each a second, where 25 and 50 come, and is told how many."""

    async def scenario(scene):
        clock, got = asyncio.get_running_loop().time, {"frames": [], "audio": []}
        taps = {
            kind: Tap(kind, lambda items, *_, kind=kind: got[kind].extend(items), print, clock)
            for kind in got
        }
        for tap in taps.values():
            scene.stream.add_sink(tap)
        await asyncio.sleep(1)
        for number in range(250):
            if number % 25 == 0:
                for tap in taps.values():
                    tap.ask(1)
            scene.stream.on_picture(number * 0.04, PICTURE)
            await scene.sound(0.04)
        assert (len(got["frames"]), len(got["audio"])) == (10, 10)
        assert taps["frames"].dropped == pytest.approx(250 - 10 - 6, abs=2)
        assert np.diff([start for start, _ in got["audio"]]).tolist() == [PACKET] * 9
        taps["audio"].end()
        assert len(got["audio"]) == 500

    play(scenario)


def test_one_that_fails_to_take_what_comes_disturbs_no_other(caplog):
    """It is logged once."""

    class Broken(Sink):
        def put_audio(self, start, audio):
            raise ValueError("full")

    async def scenario(scene):
        sink = Sink()
        scene.stream.add_sink(Broken())
        scene.stream.add_sink(sink)
        await asyncio.sleep(1)
        await scene.sound(1)
        assert len(sink.starts) == 50

    play(scenario)
    assert len(caplog.records) == 1


@pytest.mark.parametrize("flows", [True, False])
def test_a_speech_waits_until_what_is_asked_for_comes_but_not_for_ever(flows):
    """Else its first words would not be in the recording."""

    async def scenario(scene):
        clock = asyncio.get_running_loop().time
        await scene.stream.wait_flowing(6.0)
        assert clock() == 0
        scene.stream.add_sink(Sink())
        waiting = asyncio.create_task(scene.stream.wait_flowing(6.0))
        await asyncio.sleep(1)
        assert not waiting.done()
        if flows:
            scene.stream.on_picture(0.0, PICTURE)
        await waiting
        assert clock() == pytest.approx(1 if flows else 6)

    play(scenario)


@pytest.mark.parametrize("how", ["nobody took it", "lost"])
def test_a_speech_waits_for_the_next_connection_while_the_last_one_ends(how):
    """What is still coming by that is not what is asked for."""

    async def scenario(scene):
        clock = asyncio.get_running_loop().time
        scene.goodbye_s = 1.0
        sink, next_one = Sink(), Sink()
        scene.stream.add_sink(sink)
        await asyncio.sleep(1)
        await scene.sound(1)
        if how == "lost":
            scene.stream.on_lost(LOST)
        else:
            scene.stream.remove_sink(sink)
            scene.stream.add_sink(next_one)
        began = clock()
        waiting = asyncio.create_task(scene.stream.wait_flowing(6.0))
        await asyncio.sleep(0)
        await scene.sound(0.5)
        assert not waiting.done()
        assert next_one.starts == []
        while len(scene.connections) < 2:
            await asyncio.sleep(0.1)
        await asyncio.sleep(0.5)
        assert not waiting.done()
        scene.stream.on_picture(0.0, PICTURE)
        await waiting
        assert clock() - began < 6.0
        assert len(next_one.shown) == (how == "nobody took it")

    play(scenario)


@pytest.mark.parametrize(
    ("comes", "within_s"),
    [
        ([], 3.0),  # not for long
        ([(0.8, 0), (0.5, 1000), (0.1, 0), (0.9, -1000), (0.5, 0)], 2.55),
        ([(0.8, 0), (0.5, 1000), (0.4, 0), (0.6, -1000), (0.5, 0)], 2.55),  # a pause of it
        ([(2.0, 0), (0.5, 1000), (0.4, 0), (0.6, -1000), (0.5, 0)], 3.75),  # so late: to its end
        ([(8.0, 1000)], 4.2),  # a hum
        ([(0.4, 1000), (0.4, 0), (0.5, -1000), (0.5, 0)], 1.55),  # the end of another, and it
    ],
)
def test_a_speech_that_its_service_has_said_is_waited_for_until_it_has_come(comes, within_s):
    """By its length of 1.5 s, and the silence behind it."""
    of_another = comes[:1] == [(0.4, 1000)]

    async def scenario(scene):
        clock = asyncio.get_running_loop().time
        await scene.stream.wait_said(1.5, 3.0)
        assert clock() == 0
        scene.stream.add_sink(Sink())
        await asyncio.sleep(1)
        await scene.sound(1, value=1000 if of_another else 0)
        scene.stream.expect_speech()
        began = clock()
        ended = asyncio.create_task(scene.stream.wait_said(0.9 if of_another else 1.5, 3.0))
        ended.add_done_callback(lambda _: times.append(clock() - began))
        times = []
        for seconds, value in comes:
            await scene.sound(seconds, value=value)
        await ended
        assert times == [pytest.approx(within_s, abs=0.11)]

    play(scenario)


def test_a_picture_of_odd_size_loses_its_last_row_and_column():
    """Sinks take whole pairs of pixels; and what is no picture is refused."""
    width, height = 5, 3
    luma = np.arange(15, dtype=np.uint8)
    chroma = np.arange(100, 112, dtype=np.uint8)
    picture = as_i420(np.concatenate([luma, chroma]).tobytes(), width, height)
    assert picture.shape == (3, 4)
    assert picture.ravel().tolist() == [0, 1, 2, 3, 5, 6, 7, 8, 100, 101, 106, 107]
    assert as_i420(bytes(24), 4, 4).shape == (6, 4)
    for size in ((4, 6), (0, 0), (1, 24)):
        with pytest.raises(MediaError, match="bytes"):
            as_i420(bytes(24), *size)


# ---- what comes late, and whole ------------------------------------------------------------------


async def late_sound(scene, seconds, late, value=1000):
    """Half a second at a time, played `late` before."""
    for _ in range(round(seconds / 0.5)):
        await asyncio.sleep(0.5)
        played_at = VirtualClock().now() - late
        scene.stream.on_sound(np.full(SAMPLE_RATE // 2, value, np.int16), played_at)


def test_a_caption_waits_for_the_sound_that_comes_late():
    async def scenario(scene):
        sink = Sink()
        scene.stream.add_sink(sink)
        await asyncio.sleep(1)
        await late_sound(scene, 4, late=2)
        scene.stream.put_caption("Now.", [], 1.0)
        told_at = VirtualClock().now()
        assert sink.captions == []
        await late_sound(scene, 4, late=2)
        ((at, text),) = sink.captions
        # It stands where the sound does that was played as it was told.
        assert (at, text) == (pytest.approx(told_at + 2, abs=0.1), "Now.")

    play(scenario)


def test_a_sender_that_slept_puts_nothing_off():
    """What it did not send is not waited for, by captions or by whoever stops."""

    async def scenario(scene):
        sink = Sink()
        scene.stream.add_sink(sink)
        await asyncio.sleep(1)
        await late_sound(scene, 4, late=1)
        await asyncio.sleep(30)
        await late_sound(scene, 4, late=1)
        scene.stream.put_caption("Now.", [], 1.0)
        begun = VirtualClock().now()
        waiting = asyncio.ensure_future(scene.stream.catch_up(15))
        await late_sound(scene, 4, late=1)
        await waiting
        assert [text for _, text in sink.captions] == ["Now."]
        assert VirtualClock().now() - begun < 5

    play(scenario)


def test_a_caption_that_was_still_to_come_is_not_for_those_who_come_later():
    async def scenario(scene):
        sink, later = Sink(), Sink()
        scene.stream.add_sink(sink)
        await asyncio.sleep(1)
        await late_sound(scene, 4, late=2)
        scene.stream.put_caption("For the first one.", [], 1.0)
        scene.stream.remove_sink(sink)
        scene.stream.add_sink(later)
        await asyncio.sleep(1)
        await late_sound(scene, 4, late=2)
        assert later.starts
        assert later.captions == []

    play(scenario)


def test_what_comes_late_but_whole_has_no_silence_put_into_it():
    """A kernel that is busy for long holds it up; what came before that is not moved apart."""

    async def scenario(scene):
        sink = Sink()
        scene.stream.add_sink(sink)
        await asyncio.sleep(1)
        await late_sound(scene, 2, late=1)
        await asyncio.sleep(20)
        for _ in range(40):
            scene.stream.on_sound(np.full(SAMPLE_RATE // 2, 1000, np.int16), 3.0)
        assert None not in sink.sounds
        assert len(sink.sounds) == (2 + 20) * 50

    play(scenario)


def test_whoever_stops_waits_for_what_was_played_by_then():
    async def scenario(scene):
        sink = Sink()
        scene.stream.add_sink(sink)
        await asyncio.sleep(1)
        assert scene.stream.catch_up(10) is None
        await late_sound(scene, 2, late=1.5)
        coming = asyncio.ensure_future(late_sound(scene, 5, late=1.5))
        began = VirtualClock().now()
        await scene.stream.catch_up(10)
        assert VirtualClock().now() - began == pytest.approx(1.5, abs=0.7)
        await coming

    play(scenario)


@pytest.mark.parametrize("lost", [True, False])
def test_what_does_not_come_any_more_is_not_waited_for(lost):
    async def scenario(scene):
        scene.stream.add_sink(Sink())
        await asyncio.sleep(1)
        await late_sound(scene, 2, late=5)
        began = VirtualClock().now()
        waiting = asyncio.ensure_future(scene.stream.catch_up(10))
        await asyncio.sleep(0)
        if lost:
            scene.stream.on_lost(LOST)
        await waiting
        assert VirtualClock().now() - began <= (0.3 if lost else 1.2)

    play(scenario)


def test_a_sink_that_is_busy_is_waited_for_until_it_takes_more():
    async def scenario(scene):
        sink = Sink()
        scene.stream.add_sink(sink)
        await asyncio.sleep(1)
        await scene.stream.wait_taken(5)
        assert VirtualClock().now() == pytest.approx(1)
        sink.hold_until = 100.0

        def take():
            sink.hold_until = None
            scene.stream.wake()

        asyncio.get_running_loop().call_later(2, take)
        await scene.stream.wait_taken(5)
        assert VirtualClock().now() == pytest.approx(3)
        sink.hold_until = 100.0
        await scene.stream.wait_taken(5)
        assert VirtualClock().now() == pytest.approx(8)

    play(scenario)
