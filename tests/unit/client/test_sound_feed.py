"""Sound to the host: in pieces, a few ahead; users' code may raise, hang, or be asynchronous."""

import asyncio
import queue
import threading

import numpy as np
import pytest

from ipyavatar.client.sound_feed import MOST_STUCK, SoundFeeds
from ipyavatar.engine.sound.audio import Audio
from ipyavatar.errors import SpeechFailed
from ipyavatar.protocol import host as m
from tests.support.odd_errors import NAMES, ODD, hollow

RATE = 24_000
TONE = (0.3 * np.sin(np.arange(RATE) / 9)).astype(np.float32)
LONG_S = 20.0


class Host:
    """What the feeds send, read one by one."""

    def __init__(self, voice=None):
        self.sent = queue.SimpleQueue()
        self.feeds = SoundFeeds("s", self.sent.put, voice)

    def ask(self, text="", audio=None, stream="a1"):
        wanted = m.SoundWanted("s", stream, "s1" if audio is not None else "", text)
        self.feeds.start(wanted, audio)

    def all(self, stream="a1"):
        """The sound, all of it taken, and its end."""
        parts = []
        while isinstance(message := self.sent.get(timeout=LONG_S), m.SoundPiece):
            parts.append(np.frombuffer(message.samples, "<i2") / 32768)
            assert len(parts[-1]) <= m.SOUND_PIECE_S * message.rate
            self.feeds.take(stream, 1)
        return np.concatenate(parts) if parts else np.zeros(0), message


def test_sound_goes_in_bounded_pieces_and_arrives_whole():
    host = Host()
    host.ask(audio=Audio(np.tile(TONE, 12), RATE))
    sound, end = host.all()
    assert end == m.SoundEnd("s", "a1")
    assert np.abs(sound - np.tile(TONE, 12)).max() < 1e-3


def test_no_more_than_a_few_pieces_are_under_way():
    host = Host()
    used, ahead = [], []

    def chunks():
        for number in range(200):
            ahead.append(number - len(used))
            yield TONE[:100]

    host.ask(audio=Audio(chunks(), RATE))
    for _ in range(200):
        used.append(host.sent.get(timeout=LONG_S))
        host.feeds.take("a1", 1)
    assert host.sent.get(timeout=LONG_S) == m.SoundEnd("s", "a1")
    assert max(ahead) <= m.SOUND_AHEAD + 1


def test_dropping_it_ends_the_users_iterator():
    host, ended = Host(), threading.Event()

    def chunks():
        try:
            while True:
                yield TONE
        finally:
            ended.set()

    host.ask(audio=Audio(chunks(), RATE))
    host.sent.get(timeout=LONG_S)
    host.feeds.drop("a1")
    assert ended.wait(LONG_S)


def test_dropping_it_cancels_what_an_asynchronous_iterator_waits_for():
    host, ended = Host(), threading.Event()

    async def chunks():
        try:
            yield TONE
            await asyncio.Event().wait()
        finally:
            ended.set()

    host.ask(audio=Audio(chunks(), RATE))
    host.sent.get(timeout=LONG_S)
    host.feeds.drop("a1")
    assert ended.wait(LONG_S)


def test_an_iterator_that_raises_is_heard_until_there():
    host = Host()

    def chunks():
        yield TONE
        raise KeyError("gone")

    host.ask(audio=Audio(chunks(), RATE))
    sound, end = host.all()
    assert len(sound) == RATE
    assert "KeyError: 'gone'" in end.failure.what


def plain(text):
    return TONE


def with_rate(text):
    return TONE, RATE


def sound(text):
    return Audio(TONE, RATE)


def chunked(text):
    yield TONE[:5000]
    yield TONE[5000:]


async def coroutine(text):
    await asyncio.sleep(0)
    return TONE


async def asynchronous(text):
    yield TONE[:5000]
    await asyncio.sleep(0)
    yield TONE[5000:], RATE


def listed(text):
    return [TONE[:5000], TONE[5000:]]


def numbers(text):
    return TONE.tolist()


def raw(text):
    return (TONE * 32768).astype("<i2").tobytes()


VOICES = [plain, with_rate, sound, chunked, coroutine, asynchronous, listed, numbers, raw]


@pytest.mark.parametrize("voice", VOICES, ids=lambda voice: voice.__name__)
def test_a_voice_may_give_sound_in_any_form(voice):
    host = Host(voice)
    host.ask("Hello.")
    heard, end = host.all()
    assert end.failure is None
    assert np.abs(heard - TONE).max() < 1e-3


def test_a_voice_says_its_rate_once_for_all():
    def voice(text):
        return TONE

    voice.sample_rate = 16_000
    host = Host(voice)
    host.ask("Hello.")
    assert host.sent.get(timeout=LONG_S).rate == 16_000


def test_what_an_asynchronous_voice_keeps_is_good_for_the_next_sentence():
    """A client, a lock: they belong to a loop, and it goes on."""

    class Voice:
        def __init__(self):
            self.loops = []

        async def __call__(self, text):
            self.loops.append(asyncio.get_running_loop())
            assert not self.loops[0].is_closed()
            return TONE

    voice = Voice()
    host = Host(voice)
    for number in range(3):
        host.ask("Hello.", stream=f"a{number}")
        assert host.all(f"a{number}")[1].failure is None
    assert len(set(voice.loops)) == 1


BAD = {
    "raises": (lambda text: 1 / 0, "ZeroDivisionError"),
    "nan": (lambda text: np.array([np.nan]), "nan"),
    "shape": (lambda text: np.zeros((3, 20, 20)), "shape"),
    "rate": (lambda text: (TONE, 0), "rate=0"),
    "rate as text": (lambda text: (TONE, "fast"), "rate='fast'"),
    "a number": (lambda text: 5, "shape"),
    "words": (lambda text: ["no", "sound"], "numbers"),
    "a path": (lambda text: "no/such.wav", "no sound file"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_a_voice_gives_that_is_no_sound_is_told(name):
    voice, said = BAD[name]
    host = Host(voice)
    host.ask("Hello.")
    assert said in host.all()[1].failure.what


def test_a_voice_that_gives_nothing_ends_at_once():
    host = Host(lambda text: None)
    host.ask("Hello.")
    heard, end = host.all()
    assert (len(heard), end.failure) == (0, None)


def test_a_voice_that_never_comes_back_is_not_called_for_ever():
    calls, let_go = [], threading.Event()

    def voice(text):
        calls.append(text)
        let_go.wait(60)

    host = Host(voice)
    for number in range(MOST_STUCK + 1):
        host.ask("Hello.", stream=f"a{number}")
        host.feeds.drop(f"a{number}")
    assert "not come back" in host.sent.get(timeout=LONG_S).failure.what
    let_go.set()
    assert len(calls) <= MOST_STUCK


def test_sound_of_a_speech_that_is_over_is_told_as_gone():
    host = Host(plain)
    host.feeds.start(m.SoundWanted("s", "a1", "s9"), None)
    assert "gone" in host.all()[1].failure.what


@pytest.mark.parametrize("kind", [*ODD, lambda: hollow(SpeechFailed)], ids=[*NAMES, "Hollow"])
@pytest.mark.parametrize("by", ["sound", "voice"])
def test_whatever_cannot_be_shown_is_an_end_as_well(kind, by):
    """Else the speech would wait for its sound for ever."""

    def chunks():
        yield TONE[:100]
        raise kind()

    host = Host(lambda text: chunks())
    host.ask(audio=Audio(chunks(), RATE) if by == "sound" else None, text="Hello.")
    _, end = host.all()
    assert isinstance(end, m.SoundEnd)
    assert "raised" in end.failure.what
