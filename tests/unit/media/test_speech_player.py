"""The speech player on virtual time: what is played, what its owner hears of it, interrupts."""

import asyncio

import numpy as np
import pytest

from ipyavatar.engine.playout import SAMPLE_RATE
from ipyavatar.engine.voice.base import VoiceChunk, Word
from ipyavatar.errors import SpeechFailed
from ipyavatar.media.encoders import SILENT_OPUS
from ipyavatar.media.speech_player import MOST_REPEATS, PREPARED_S, QUIET_S, SpeechPlayer
from tests.support.media import InlineExecutor, segment
from tests.support.virtual_time import VirtualClock, run_virtual


class FakeVoice:
    """A second of sound for each word; a word "broken" raises."""

    name = "fake"
    rate = 24_000

    def stream(self, text, cancel):
        for word in text.split():
            if cancel.is_set():
                return
            if word == "broken":
                raise ValueError("no such sound")
            audio = np.full(self.rate, 0.25, np.float32)
            yield VoiceChunk(audio, self.rate, (), (Word(word, 0.1, 0.9),), word)


class FakeResources:
    """Inline executors, and one voice."""

    def __init__(self):
        self.voice_executor = self.drawing_executor = InlineExecutor()
        self.loaded = []
        self.released = 0

    def voice(self, name):
        self.loaded.append(name)
        return FakeVoice()

    def release_memory(self):
        self.released += 1


class RecordingListener:
    """Writes down what it is told, with the time."""

    def __init__(self):
        self.told, self.starts = [], []

    def on_first_sound(self, speech):
        self._tell("first sound", speech)

    def on_caption(self, speech, text, words, seconds, at):
        self._tell("caption", speech, text, words, seconds)
        self.starts.append(at)

    def on_last_segment(self, speech):
        self._tell("last segment", speech)

    def _tell(self, *what):
        self.told.append((round(asyncio.get_running_loop().time(), 2), *what))


def play(script):
    """Run `script(player, listener, resources)` and close the player."""

    async def go():
        listener, resources = RecordingListener(), FakeResources()
        player = SpeechPlayer(resources, VirtualClock(), "fake", listener)
        try:
            return await script(player, listener, resources)
        finally:
            await player.close()

    return run_virtual(go())


async def given(*segments):
    for each in segments:
        yield each


def test_a_text_is_said_with_captions_and_word_times():
    async def script(player, listener, resources):
        played = await player.play("s1", player.synthesize("s1", "one two"))
        await player.play("s2", player.synthesize("s2", "three"))
        return played, listener.told, resources.loaded

    played, told, loaded = play(script)
    assert (played.added, played.started, played.finished) == (2, 2, 2)
    assert played.words == [
        ("one", 0.1, 0.9),
        ("two", pytest.approx(1.1), pytest.approx(1.9)),
    ]
    assert loaded == ["fake"]
    first, second, last = told[:2], told[2:4], told[4:]
    assert first == [
        (0.0, "first sound", "s1"),
        (0.0, "caption", "s1", "one", [("one", 0.1, 0.9)], 1.0),
    ]
    assert [what[1:4] for what in second] == [("caption", "s1", "two"), ("last segment", "s1")]
    assert [what[1] for what in last] == ["first sound", "caption"]  # not known to be the last


def test_a_caption_tells_the_sample_with_which_it_begins():
    async def script(player, listener, resources):
        await player.play("s1", player.synthesize("s1", "one two"))
        return listener.starts

    one, two = play(script)
    assert two - one == SAMPLE_RATE  # each is a second


def test_little_is_prepared_ahead():
    taken = []

    async def many():
        for number in range(30):
            taken.append(number)
            yield segment(1.0)

    async def script(player, listener, resources):
        task = asyncio.ensure_future(player.play("s1", many()))
        await asyncio.sleep(0.5)
        queued = player.queued_s, len(taken)
        await task
        return queued

    queued, count = play(script)
    assert queued <= PREPARED_S + 1
    assert count <= PREPARED_S + 3
    assert len(taken) == 30


@pytest.mark.parametrize("how", ["cancelled", "interrupted"])
def test_what_is_cut_off_is_silent_in_the_next_packet_and_disturbs_nothing_after(how):
    async def script(player, listener, resources):
        subscriber = player.pump.subscribe()
        task = asyncio.ensure_future(player.play("s1", player.synthesize("s1", "one two three")))
        await asyncio.sleep(1.5)
        packets = [await subscriber.audio.recv() for _ in range(len(subscriber.audio._packets))]
        if how == "interrupted":
            player.interrupt()
        task.cancel()
        await asyncio.sleep(0)
        following = asyncio.ensure_future(player.play("s2", given(segment(0.5, "s2"))))
        await asyncio.gather(task, return_exceptions=True)
        played = await following
        return packets, player.queued_s, played, listener.told

    packets, queued, played, told = play(script)
    assert bytes(packets[-1]) != SILENT_OPUS
    assert queued == 0
    assert (played.added, played.finished) == (1, 1)
    assert [what[1:3] for what in told] == [
        *(("first sound", "s1"), ("caption", "s1"), ("caption", "s1")),
        *(("first sound", "s2"), ("caption", "s2"), ("last segment", "s2")),
    ]


def test_a_voice_that_fails_says_so_and_what_was_said_before_sounds():
    async def script(player, listener, resources):
        with pytest.raises(SpeechFailed, match="no such sound"):
            await player.play("s1", player.synthesize("s1", "one broken"))
        return player.queued_s

    assert play(script) > 0


def test_a_text_without_sound_is_played_at_once():
    async def script(player, listener, resources):
        return await player.play("s1", player.synthesize("s1", "")), listener.told

    played, told = play(script)
    assert (played.added, told) == (0, [])


def test_memory_goes_back_once_after_a_while_of_quiet():
    async def script(player, listener, resources):
        for _again in range(3):
            await player.play("s1", player.synthesize("s1", "one"))
            await asyncio.sleep(QUIET_S * 0.8)
        before = resources.released
        await asyncio.sleep(QUIET_S * 5)
        return before, resources.released

    assert play(script) == (0, 1)


def test_what_was_missed_is_said_again_with_its_captions_and_the_speech_lasts_as_long():
    """Its words have the times at which they were said last; it begins once."""

    async def script(player, listener, resources):
        task = asyncio.ensure_future(player.play("s1", player.synthesize("s1", "one two three")))
        await asyncio.sleep(2.5)
        again = player.say_again(1.2)
        played = await task
        return again, played, listener.told, player.say_again(9.0)

    again, played, told, later = play(script)
    assert (again, later) == (True, False)  # nobody could interrupt what has ended
    assert (played.added, played.started, played.finished) == (3, 3, 3)
    assert [word for word, _, _ in played.words] == ["one", "two", "three"]
    assert [start for _, start, _ in played.words] == pytest.approx([0.1, 2.62, 3.62], abs=0.05)
    assert [what[3] for what in told if what[1] == "caption"] == [
        "one",
        "two",
        "three",
        "two",
        "three",
    ]
    assert [what[1] for what in told].count("first sound") == 1


def test_a_page_that_misses_it_again_and_again_keeps_no_speech_from_ending():
    async def script(player, listener, resources):
        task = asyncio.ensure_future(player.play("s1", given(segment(1.0, speech="s1"))))
        again = []
        while not task.done():
            await asyncio.sleep(0.5)
            again.append(player.say_again(9.0))
        return again.count(True)

    assert play(script) == MOST_REPEATS


def test_what_is_missed_of_the_speech_before_is_said_again_with_the_present_one():
    async def script(player, listener, resources):
        await player.play("s1", given(segment(1.0, speech="s1")))
        task = asyncio.ensure_future(player.play("s2", given(segment(1.0, speech="s2"))))
        await asyncio.sleep(0.5)
        assert player.say_again(1.0)
        began = asyncio.get_running_loop().time()
        played = await task
        return played, asyncio.get_running_loop().time() - began

    played, lasted = play(script)
    assert (played.added, played.started, played.finished) == (1, 1, 1)
    assert lasted == pytest.approx(2.0, abs=0.1)


def test_its_end_waits_for_who_may_not_have_heard_it():
    """And for what is said again then."""
    asked = []

    async def script(player, listener, resources):
        async def until_heard():
            asked.append(asyncio.get_running_loop().time())
            if len(asked) == 1:
                await asyncio.sleep(3.0)
                player.say_again(3.5)

        played = await player.play("s1", given(segment(1.0, speech="s1")), until_heard)
        return played, asyncio.get_running_loop().time()

    played, ended = play(script)
    assert played.finished == played.added == 1
    assert asked == pytest.approx([1.0, 5.0], abs=0.1)
    assert ended == pytest.approx(5.0, abs=0.1)
