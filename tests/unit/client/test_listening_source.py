"""What a script has heard in place of a microphone: all of its forms, at the pace of time."""

import threading
import wave
from functools import partial

import numpy as np
import pytest

from ipyavatar.client.listening_source import AHEAD_S, ListeningSource, open_source
from ipyavatar.client.sound_pull import SoundPull
from ipyavatar.engine.sound.audio import Audio
from ipyavatar.errors import InvalidArgument, MediaError
from ipyavatar.protocol.listening import ListeningUpdate, Microphone, MicrophoneSound

RATE = 16_000
TONE = (np.sin(np.arange(RATE) / 5) / 2).astype(np.float32)
"""A second."""


class Time:
    """Passes when somebody waits."""

    def __init__(self):
        self.now, self.waited = 100.0, 0.0

    def __call__(self):
        return self.now

    def pause(self, over, seconds):
        assert seconds > 0
        self.waited += seconds
        self.now += seconds


class Scene:
    """A source, run on the test's own thread, and what the host gets of it."""

    def __init__(self, given, microphones=0):
        self.time, self.sent, self.ends, self.starts = Time(), [], [], 0
        self.source = ListeningSource(
            open_source(given),
            self.send,
            self.ends.append,
            now=self.time,
            pause=self.time.pause,
        )
        self.source.start = self.start
        self.tell(microphones)

    def start(self):
        self.starts += 1

    def send(self, message, buffers=()):
        self.sent.append((message, b"".join(buffers)))

    def tell(self, microphones, mode="open"):
        self.source.note(ListeningUpdate(mode, False, 1.0, "", microphones))

    def run(self):
        self.source.run()
        return self

    @property
    def states(self):
        return [one.state for one, _ in self.sent if isinstance(one, Microphone)]

    @property
    def sound(self):
        data = b"".join(data for one, data in self.sent if isinstance(one, MicrophoneSound))
        return np.frombuffer(data, "<i2").astype(np.float32) / 32768


class Reads:
    """A function that gives the next samples each time."""

    def __init__(self, *pieces):
        self.pieces = iter(pieces)

    def __call__(self):
        return next(self.pieces, None)


class ReadsLater(Reads):
    async def __call__(self):
        return next(self.pieces, None)


async def later(*pieces):
    for piece in pieces:
        yield piece


def file_of(tmp_path):
    with wave.open(str(tmp_path / "x.wav"), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((TONE * 32767).astype("<i2").tobytes())
    return tmp_path / "x.wav"


HALVES = TONE[:8000], TONE[8000:]
FORMS = {
    "path": file_of,
    "text of a path": lambda folder: str(file_of(folder)),
    "bytes of a file": lambda folder: file_of(folder).read_bytes(),
    "bytes of samples": lambda _: (TONE * 32767).astype("<i2").tobytes(),
    "Audio": lambda _: Audio(np.repeat(TONE, 3), 48_000),
    "samples": lambda _: TONE,
    "list of arrays": lambda _: list(HALVES),
    "iterator": lambda _: iter(HALVES),
    "iterator of 16 bit": lambda _: iter([(half * 32767).astype(np.int16) for half in HALVES]),
    "with a rate": lambda _: iter([(np.repeat(half, 3), 48_000) for half in HALVES]),
    "async iterator": lambda _: later(*HALVES),
    "function": lambda _: Reads(*HALVES),
    "async function": lambda _: ReadsLater(*HALVES),
    "generator function": lambda _: lambda: (yield from HALVES),
    "async generator function": lambda _: partial(later, *HALVES),
}


@pytest.mark.parametrize("form", FORMS)
def test_all_forms_of_sound_are_heard_as_they_are(form, tmp_path):
    """On, a second of it in numbered pieces, off."""
    scene = Scene(FORMS[form](tmp_path)).run()
    assert scene.states == ["on", "off"]
    assert len(scene.sound) == pytest.approx(RATE, abs=64)
    assert np.corrcoef(scene.sound[200:15_000], TONE[200:15_000])[0, 1] > 0.97
    numbers = [one.number for one, _ in scene.sent if isinstance(one, MicrophoneSound)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {one.page for one, _ in scene.sent} == {scene.source.page}


def test_it_is_heard_at_the_pace_of_time_however_fast_it_comes():
    scene = Scene(np.tile(TONE, 10)).run()
    assert scene.time.waited == pytest.approx(10 - AHEAD_S, abs=0.1)


def test_what_comes_late_is_not_made_up_for():
    """After a wait of a minute its next second takes a second."""
    scene = None

    def pieces():
        yield TONE
        scene.time.now += 60
        yield TONE

    scene = Scene(pieces())
    scene.run()
    assert scene.time.waited == pytest.approx(2 * (1 - AHEAD_S), abs=0.1)


def test_a_host_that_has_waited_for_long_or_is_new_hears_that_it_is_on():
    scene = None

    def pieces():
        yield TONE
        scene.tell(0)
        yield TONE

    scene = Scene(pieces())
    scene.run()
    assert scene.states == ["on", "on", "off"]
    (again,) = [at for at, (one, _) in enumerate(scene.sent) if one == scene.sent[0][0]][1:]
    assert scene.sent[again + 1][0].number == 1


def test_it_has_been_heard_when_the_host_has_heard_its_end():
    scene = Scene(TONE)
    scene.tell(1)
    scene.run()
    assert scene.ends == []
    scene.tell(0, "off")
    scene.tell(1)
    assert scene.ends == []
    scene.tell(0)
    scene.tell(0)
    assert scene.ends == [None]


def test_a_source_that_raises_ends_after_what_was_already_good():
    def pieces():
        yield TONE
        raise ValueError("No ear.")

    scene = Scene(pieces()).run()
    scene.tell(0)
    (error,) = scene.ends
    assert isinstance(error, MediaError)
    assert "ValueError: No ear." in str(error)
    assert isinstance(error.__cause__, ValueError)
    assert scene.states == ["on", "off"]
    assert len(scene.sound) == RATE


@pytest.mark.parametrize("given", [iter(["text"]), lambda: "text", iter([[float("nan")]])])
def test_what_turns_out_to_be_no_sound_is_said(given):
    scene = Scene(given).run()
    scene.tell(0)
    (error,) = scene.ends
    assert isinstance(error, InvalidArgument | MediaError)


@pytest.mark.parametrize("given", [3, object(), "no-such-file.wav", np.zeros(0, np.float32)])
def test_what_is_no_sound_is_refused_at_once(given):
    with pytest.raises((InvalidArgument, MediaError)):
        open_source(given)


def test_an_endless_source_ends_with_its_listening():
    """The iterator is closed, and the host no longer takes it for on."""
    closed, scene = threading.Event(), None

    def pieces():
        try:
            for number in range(1000):
                if number == 3:
                    scene.source.drop()
                yield TONE
        finally:
            closed.set()

    scene = Scene(pieces())
    scene.run()
    assert closed.is_set()
    assert scene.states == ["on", "off"]
    scene.tell(0)
    assert scene.ends == []
    assert next(iter(open_source(TONE)(SoundPull()))).rate == RATE


def test_it_is_heard_beside_the_microphone_of_a_page():
    """That is on when it begins, and stays on; its end is told all the same."""
    scene = Scene(TONE, microphones=1)
    assert scene.starts == 1
    scene.tell(2)
    scene.run()
    assert scene.states == ["on", "off"]
    scene.tell(2)
    assert scene.ends == []
    scene.tell(1)
    assert scene.ends == [None]


def test_one_source_is_not_taken_for_another_and_is_told_when_it_was_given_up():
    one, other = Scene(TONE), Scene(TONE)
    assert one.source.page != other.source.page

    def pieces():
        yield TONE
        update = ListeningUpdate("open", False, 1.0, "", 1, (scene.source.page,))
        scene.source.note(update)
        yield TONE

    scene = Scene(pieces())
    scene.run()
    assert scene.states == ["on", "on", "off"]


@pytest.mark.parametrize("form", ["function", "iterator"])
def test_what_gives_nothing_for_ever_is_not_asked_when_listening_has_ended(form):
    """A microphone's queue may be empty; what comes into it later is for the next listening."""
    asked, scene = [], None

    def read():
        asked.append(True)
        if len(asked) == 3:
            scene.source.drop()
        assert len(asked) < 10
        return np.zeros(0, np.float32)

    scene = Scene(read if form == "function" else (read() for _ in range(1000)))
    scene.run()
    assert len(asked) == 3
    assert scene.sent == []
