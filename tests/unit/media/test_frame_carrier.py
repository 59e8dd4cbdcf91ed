"""Sound and pictures as numbered frames, on virtual time: window, gaps, keyframes, rest."""

import asyncio

import numpy as np
import pytest

from ipyavatar.engine.playout import PlayoutTimeline
from ipyavatar.media.frame_carrier import (
    BATCH_BYTES,
    BATCH_EVERY_S,
    KEYFRAME_EVERY_S,
    REST_AFTER_S,
    SENT_PACKETS,
    TRICKLE_EVERY_S,
    FrameCarrier,
)
from ipyavatar.media.media_pump import MediaPump
from ipyavatar.media.send_window import GONE_S, WINDOW_S
from ipyavatar.media.speech_ahead import AHEAD_S
from ipyavatar.protocol.frames import Acknowledge, Subscribe
from tests.support.media import CountingFrameSource, InlineExecutor, segment
from tests.support.virtual_time import VirtualClock, run_virtual


class NoiseSource(CountingFrameSource):
    """Pictures that an encoder takes, each another one."""

    def draw(self):
        super().draw()
        shade = len(self.drawn) * 40 % 200 + 20
        return np.full((96 * 3 // 2, 128), shade, np.uint8)


class Line:
    """A carrier on a pump of its own, and a page that acknowledges what comes, or does not."""

    def __init__(self, acknowledges=True, plain=False):
        self.acknowledges = acknowledges
        self.batches = []  # (when, message, buffers)
        self.gone = 0
        self.missed = []
        self.timeline = PlayoutTimeline()
        self.source = NoiseSource()
        self.pump = MediaPump(self.timeline, VirtualClock(), InlineExecutor(), lambda _: None)
        self.pump.set_frame_source(self.source)
        self.pump.enable_audio()
        self.carrier = FrameCarrier(
            Subscribe("page", "page.1", plain),
            self.pump,
            VirtualClock(),
            self._deliver,
            on_gone=self._on_gone,
            on_missed=self.missed.append,
        )

    def _deliver(self, message, buffers):
        self.batches.append((asyncio.get_running_loop().time(), message, buffers))
        if self.acknowledges and message.frames:
            self.acknowledge(message.frames[-1].number)

    def acknowledge(self, number, **told):
        self.carrier.acknowledge(Acknowledge("page", "page.1", number, **told))

    def _on_gone(self):
        self.gone += 1

    def say(self, seconds):
        self.timeline.add(segment(seconds, hz=200))
        self.pump.wake()

    def frames(self, kind, since=0.0):
        return [
            one
            for at, message, _ in self.batches
            if at >= since
            for one in message.frames
            if one.kind == kind
        ]

    async def close(self):
        await self.carrier.close()
        await self.pump.close()


def on_a_line(play, **options):
    """Run `play(line)` on virtual time."""

    async def go():
        line = Line(**options)
        try:
            return await play(line)
        finally:
            await line.close()

    return run_virtual(go())


def test_frames_are_numbered_without_a_hole_and_each_has_its_bytes():
    """Sound and pictures together, from 1; the first picture stands by itself."""

    async def play(line):
        line.say(2.0)
        await asyncio.sleep(2.0)
        return line

    line = on_a_line(play)
    frames = [one for _, message, _ in line.batches for one in message.frames]
    assert [one.number for one in frames] == list(range(1, len(frames) + 1))
    assert all(len(message.frames) == len(data) for _, message, data in line.batches)
    assert all(data for _, _, buffers in line.batches for data in buffers)
    assert [one.key for one in line.frames("picture")][:3] == [True, False, False]
    assert len(line.frames("sound")) == 100
    assert 45 <= len(line.frames("picture")) <= 51


def test_there_are_fewer_than_fifty_messages_a_second():
    """A server counts messages; the first frame does not wait."""

    async def play(line):
        line.say(4.0)
        await asyncio.sleep(4.0)
        return [at for at, _, _ in line.batches]

    at = on_a_line(play)
    assert at[0] < 0.001
    assert min(np.diff(at)) >= BATCH_EVERY_S - 1e-9
    assert len(at) / 4.0 < 42


def test_much_sound_goes_in_small_messages_and_at_once():
    """A slow line takes long for a large one, and none of it is heard before all has come."""

    async def play(line):
        line.say(3.0)
        await asyncio.sleep(2 * BATCH_EVERY_S + 0.001)
        return line

    packet = 1920
    sizes = [
        packet * sum(one.kind == "sound" for one in message.frames)
        for _, message, _ in on_a_line(play, plain=True).batches
    ]
    assert sum(sizes) >= AHEAD_S * 50 * packet
    assert max(sizes) < BATCH_BYTES + packet


def test_times_of_sound_and_pictures_are_of_one_clock():
    """A picture is due with the sound that it was drawn for."""

    async def play(line):
        line.say(1.0)
        await asyncio.sleep(1.0)
        return line

    line = on_a_line(play)
    sound = [one.at_ms for one in line.frames("sound")]
    pictures = [one.at_ms for one in line.frames("picture")]
    assert np.allclose(np.diff(sound), 20)
    assert set(pictures[1:-1]) <= set(sound)


def test_a_page_that_acknowledges_nothing_gets_all_sound_and_a_trickle_of_pictures():
    """What is under way is bounded, what is heard is not cut, and the face does not freeze."""

    async def play(line):
        line.say(5.0)
        await asyncio.sleep(5.0)
        return line

    line = on_a_line(play, acknowledges=False)
    since = WINDOW_S + 0.1
    trickle = line.frames("picture", since=since)
    assert (
        0.7 * (5.0 - since) / TRICKLE_EVERY_S < len(trickle) <= (5.0 - since) / TRICKLE_EVERY_S + 1
    )
    assert len(line.frames("sound")) == 250
    assert line.carrier.dropped > 75


def test_sound_is_there_before_its_time_and_pictures_in_theirs():
    """So much of it as is prepared; each packet once, and in order."""

    async def play(line):
        line.say(3.0)
        await asyncio.sleep(0.1)
        early = line.frames("sound")
        await asyncio.sleep(3.0)
        return early, line

    early, line = on_a_line(play)
    assert len(early) == pytest.approx((AHEAD_S + 0.1) * 50, abs=3)
    sound = [one.at_ms for one in line.frames("sound")]
    assert sound == sorted(set(sound))
    assert len(sound) == 150
    for at, message, _ in line.batches:
        assert message.clock_ms == pytest.approx(at * 1000, abs=60)
        for one in message.frames:
            if one.kind == "picture":
                assert one.at_ms == pytest.approx(message.clock_ms, abs=60)


def test_what_is_prepared_late_goes_out_as_soon_as_it_is_there():
    """A second piece, while the first is nearly over, joins it without a hole."""

    async def play(line):
        line.say(1.007)
        await asyncio.sleep(0.9)
        line.say(1.0)
        await asyncio.sleep(2.0)
        return [one.at_ms for one in line.frames("sound")]

    assert np.allclose(np.diff(on_a_line(play)), 20)


def test_all_pictures_come_again_once_it_acknowledges():
    """However much it acknowledges."""

    async def play(line):
        line.say(6.0)
        await asyncio.sleep(3.0)
        line.acknowledges = True
        line.acknowledge(10**6)
        await asyncio.sleep(1.0)
        return line.frames("picture", since=3.0)

    pictures = on_a_line(play, acknowledges=False)
    assert len(pictures) > 20


def test_a_page_with_a_gap_gets_a_keyframe_and_no_flood_of_them():
    """However often it asks."""

    async def play(line):
        line.say(4.0)
        await asyncio.sleep(1.0)
        for _ in range(100):
            line.acknowledge(1, gap=True)
            await asyncio.sleep(0.02)
        return line.frames("picture", since=1.0)

    pictures = on_a_line(play)
    keys = [one.at_ms for one in pictures if one.key]
    assert 3 <= len(keys) <= 5
    assert min(np.diff(keys)) >= KEYFRAME_EVERY_S * 1000 - 1


def test_a_flush_is_told_at_once_and_again_and_takes_all_sound_with_it():
    """An interrupt is silence for the page as well, though the first news of it be lost."""

    async def play(line):
        line.say(4.0)
        await asyncio.sleep(1.0)
        before = len(line.batches)
        line.timeline.flush()
        line.carrier.flush()
        at_once = line.batches[before:]
        await asyncio.sleep(1.0)
        return at_once, line.batches[before:]

    at_once, after = on_a_line(play)
    assert len(at_once) == 1
    assert {message.flushes for _, message, _ in after} == {1}
    assert all(one.kind == "picture" for _, message, _ in after for one in message.frames)


def test_a_speech_after_a_flush_is_there_from_its_first_packet():
    """Its positions were sent before, with the sound of the speech that was cut off."""

    async def play(line):
        line.say(4.0)
        await asyncio.sleep(1.0)
        line.timeline.flush()
        line.carrier.flush()
        line.say(1.0)
        since = asyncio.get_running_loop().time()
        await asyncio.sleep(2.0)
        return [one.at_ms for one in line.frames("sound", since=since + 0.001)]

    sound = on_a_line(play)
    assert len(sound) == 50
    assert np.allclose(np.diff(sound), 20)
    assert sound[0] == pytest.approx(1000, abs=41)


def test_lost_sound_that_is_not_due_is_sent_again_under_new_numbers():
    """And no more often than makes sense."""

    async def play(line):
        line.say(4.0)
        await asyncio.sleep(1.0)
        sent = line.frames("sound")
        now, before = asyncio.get_running_loop().time(), len(line.batches)
        for _ in range(100):
            line.acknowledge(sent[-1].number, lost_from=sent[-20].number, lost_to=sent[-11].number)
            line.acknowledge(1, lost_from=1, lost_to=2**50)
        await asyncio.sleep(0.1)
        again = [one for _, message, _ in line.batches[before:] for one in message.frames]
        return now, sent, [one for one in again if one.kind == "sound"]

    now, sent, again = on_a_line(play)
    lost = {one.at_ms for one in sent[-20:-10]}
    assert min(lost) > now * 1000
    assert lost <= {one.at_ms for one in again}
    assert min(one.number for one in again) > sent[-1].number
    assert len(again) < 20


@pytest.mark.parametrize(
    ("came_s", "stood_still_s", "missed"),
    [(2.0, 4.0, True), (2.0, 1.0, False)],
)
def test_words_whose_time_was_over_when_they_turned_out_to_be_lost_are_told(
    came_s, stood_still_s, missed
):
    """What stood still for less than sound is ahead is sent again: no word is late."""

    async def play(line):
        line.say(12.0)
        await asyncio.sleep(came_s)
        line.acknowledges = False
        first = max(one.number for _, message, _ in line.batches for one in message.frames) + 1
        await asyncio.sleep(stood_still_s)
        last = max(one.number for _, message, _ in line.batches for one in message.frames)
        line.acknowledge(last, lost_from=first, lost_to=last)
        line.acknowledge(last, lost_from=first, lost_to=last)
        return line

    line = on_a_line(play)
    # The first that was lost is what was to be heard once the sound that had come was over.
    seconds = stood_still_s - AHEAD_S
    assert line.missed == ([pytest.approx(seconds, abs=0.1)] * 2 if missed else [])


def test_lost_words_that_were_cut_off_or_that_came_again_are_not_missed():
    async def play(line):
        line.say(12.0)
        await asyncio.sleep(2.0)
        line.acknowledges = False
        first = max(one.number for _, message, _ in line.batches for one in message.frames) + 1
        await asyncio.sleep(1.0)
        last = max(one.number for _, message, _ in line.batches for one in message.frames)
        line.acknowledge(last, lost_from=first, lost_to=last)
        await asyncio.sleep(3.0)
        line.acknowledge(last, lost_from=first, lost_to=last)
        again = max(one.number for _, message, _ in line.batches for one in message.frames)
        line.carrier.flush()
        line.acknowledge(again, lost_from=last + 1, lost_to=again)
        return line

    assert on_a_line(play).missed == []


def test_all_sound_has_come_once_it_is_acknowledged_or_none_is_to_be_heard():
    """What is asked for again has not come by that."""

    async def play(line):
        come = [line.carrier.sound_has_come]
        line.say(4.0)
        for step in (line.carrier.restart, line.carrier.ask, line.carrier.flush):
            await asyncio.sleep(1.0)
            come.append(line.carrier.sound_has_come)
            step()
        come.append(line.carrier.sound_has_come)
        line.say(4.0)
        await asyncio.sleep(1.0)
        come.append(line.carrier.sound_has_come)
        before = await line.carrier.received()
        line.acknowledge(10**6)
        come.append(line.carrier.sound_has_come)
        return come, await line.carrier.received() - before

    come = [True, False, False, False, True, False, True]
    assert on_a_line(play, acknowledges=False) == (come, 1)


def test_a_hostile_page_changes_nothing_but_its_own_window():
    """Numbers of any size and sign, in any order: what is kept for it stays small."""

    async def play(line):
        line.say(10.0)
        for number in (-(2**53), 2**53, 0, 5, -1):
            for lost in ((0, 0), (1, 2**53), (2**53, 1), (-5, 5)):
                line.acknowledge(number, gap=True, lost_from=lost[0], lost_to=lost[1])
                line.carrier.restart()
                await asyncio.sleep(0.3)
        return line

    line = on_a_line(play)
    assert len(line.frames("sound")) < 20 * SENT_PACKETS + 500
    assert len(line.carrier._window._under_way) < 200
    assert len(line.frames("picture")) > 50


def test_a_page_without_decoders_gets_samples_and_jpeg():
    """Pictures that each stand by themselves, and fewer of them."""

    async def play(line):
        line.say(2.0)
        await asyncio.sleep(2.0)
        return line

    line = on_a_line(play, plain=True)
    parts = [
        (one, data)
        for _, message, buffers in line.batches
        for one, data in zip(message.frames, buffers, strict=True)
    ]
    pictures = [data for one, data in parts if one.kind == "picture"]
    assert all(data.startswith(b"\xff\xd8") for data in pictures)
    assert 15 <= len(pictures) <= 26
    sound = b"".join(data for one, data in parts if one.kind == "sound")
    assert len(sound) == 2 * 2 * 48_000
    assert np.abs(np.frombuffer(sound, "<i2")).max() == pytest.approx(16_383, abs=2)


def test_at_rest_nothing_is_sent_or_drawn():
    """It says so once; an hour later not a message more has gone out."""

    async def play(line):
        line.say(1.0)
        await asyncio.sleep(REST_AFTER_S + AHEAD_S + 3.0)
        rested = [message.resting for _, message, _ in line.batches]
        sent, drawn = len(line.batches), len(line.source.drawn)
        await asyncio.sleep(3600)
        return rested, sent, len(line.batches), drawn, len(line.source.drawn)

    rested, sent, later, drawn, drawn_later = on_a_line(play)
    assert rested[-1]
    assert sum(rested) == 1
    assert (sent, drawn) == (later, drawn_later)


def test_a_speech_ends_the_rest_with_its_first_sound():
    """Sound at once, and a picture with it or just after."""

    async def play(line):
        await asyncio.sleep(60)
        line.say(2.0)
        await asyncio.sleep(0.2)
        return line.frames("sound", since=60), line.frames("picture", since=60)

    sound, pictures = on_a_line(play)
    assert len(sound) > 6
    assert len(pictures) > 2


@pytest.mark.parametrize("how", ["gap", "restart", "shown"])
def test_at_rest_a_page_that_needs_a_picture_gets_a_keyframe(how):
    """After a loss, a second request, or a view that is back."""

    async def play(line):
        if how == "shown":
            line.carrier.set_shown(shown=False)
        await asyncio.sleep(60)
        if how == "gap":
            line.acknowledge(1, gap=True)
        elif how == "restart":
            line.carrier.restart()
        else:
            line.carrier.set_shown(shown=True)
        await asyncio.sleep(30)
        return line.frames("picture", since=60), line.batches[-1][1]

    pictures, last = on_a_line(play)
    assert pictures[0].key
    assert last.resting


def test_out_of_sight_it_sounds_and_nothing_is_drawn_or_sent_as_a_picture():
    """Back in sight, the first picture is a keyframe; once it is silent, the page is told."""

    async def play(line):
        line.say(5.0)
        await asyncio.sleep(1.0)
        line.carrier.set_shown(shown=False)
        drawn = line.pump.pictures
        await asyncio.sleep(2.0)
        away = [len(line.frames(kind, since=1.1)) for kind in ("sound", "picture")]
        drawn = line.pump.pictures - drawn
        line.carrier.set_shown(shown=True)
        await asyncio.sleep(60.0)
        return away, drawn, line.frames("picture", since=3.0)[0], line.batches[-1][1]

    (sounds, pictures), drawn, first, last = on_a_line(play)
    assert sounds > 90
    assert pictures == 0
    assert drawn <= 1
    assert first.key
    assert last.resting


def test_out_of_sight_the_page_is_told_as_soon_as_it_is_silent():
    """That nothing comes is no fault then; and all sound has come before."""

    async def play(line):
        line.say(2.0)
        await asyncio.sleep(1.0)
        line.carrier.set_shown(shown=False)
        await asyncio.sleep(2.0)
        rested = line.batches[-1][1].resting
        line.say(1.0)
        await asyncio.sleep(0.5)
        awake = line.batches[-1][1].resting
        await asyncio.sleep(2.0)
        return rested, awake, line.batches[-1][1].resting, len(line.frames("sound"))

    assert on_a_line(play) == (True, False, True, 150)


def test_a_page_that_is_gone_is_given_up():
    """Once, and it gets nothing more."""

    async def play(line):
        line.say(GONE_S + 20.0)
        await asyncio.sleep(GONE_S + 10.0)
        return line.gone, len(line.batches), line.batches[-1][0]

    gone, _, last_at = on_a_line(play, acknowledges=False)
    assert gone == 1
    assert last_at < GONE_S + 1


def test_frames_lost_before_a_rest_do_not_make_a_page_gone_when_it_speaks_again():
    """At rest nothing is under way, however long it lasts: the next speech is sent."""

    async def play(line):
        line.acknowledges = False  # the last frames before the rest get lost
        line.say(1.0)
        await asyncio.sleep(1.0 + AHEAD_S + REST_AFTER_S + 1.0)
        resting = line.batches[-1][1].resting
        line.acknowledges = True
        await asyncio.sleep(GONE_S * 2)
        began = asyncio.get_running_loop().time()
        line.say(1.0)
        await asyncio.sleep(2.0)
        return resting, len(line.frames("sound", began)), line.gone

    assert on_a_line(play) == (True, 50, 0)


def test_sound_that_a_flush_keeps_from_going_out_leaves_no_hole_in_the_numbers():
    """A page would take it for lost: no picture before the next keyframe, after every interrupt."""

    async def play(line):
        waited = 0
        for step in range(6):
            line.say(1.0)
            await asyncio.sleep(0.05 + step * 0.003)
            waited += len(line.carrier._batch)
            line.carrier.flush()
            await asyncio.sleep(0.2)
        return waited, [one.number for _, message, _ in line.batches for one in message.frames]

    waited, numbers = on_a_line(play)
    assert waited > 0
    assert numbers == list(range(1, len(numbers) + 1))


def test_what_the_page_said_of_its_clock_comes_back_once_with_the_time_it_was_here():
    async def play(line):
        await asyncio.sleep(0.1)
        line.acknowledge(1, at_ms=5000.0)
        acknowledged = asyncio.get_running_loop().time()
        line.batches.clear()
        await asyncio.sleep(0.2)
        return [(at - acknowledged, message.echo_ms) for at, message, _ in line.batches]

    (first, echo), *later = on_a_line(play, acknowledges=False)
    assert echo == pytest.approx(5000 + first * 1000, abs=0.1)
    assert {echo for _, echo in later} == {None}
