"""Utterances become texts, in order, exactly once, whatever the user's recognizer does."""

import asyncio
import threading

import numpy as np
import pytest

from ipyavatar.client.recognition import MOST_HANGING, MOST_WAITING, NOTHING, UNSAID, Recognition
from ipyavatar.core.text import LONGEST_TEXT
from ipyavatar.protocol.listening import SoundHeard

TIME_S = 20


def utterance(number=0, samples=b"\0\1" * 1600):
    return SoundHeard("s", "p", samples, float(number), number + 1.0)


class Listener:
    """Takes what was understood, and can be waited for."""

    def __init__(self, recognize, within_s=TIME_S):
        self.got = []
        self._came = threading.Condition()
        self.recognition = Recognition(recognize, self.take, within_s)

    def take(self, understood):
        with self._came:
            self.got.append(understood)
            self._came.notify_all()

    def hear(self, *utterances):
        count = len(self.got) + len(utterances)
        for one in utterances:
            self.recognition.submit(one)
        with self._came:
            assert self._came.wait_for(lambda: len(self.got) >= count, TIME_S)
        return self.got[-len(utterances) :]


async def later(samples):
    await asyncio.sleep(0)
    return f"{len(samples)} samples"


@pytest.mark.parametrize("recognize", [lambda samples: f"{len(samples)} samples", later])
def test_a_recognizer_may_be_async(recognize):
    (understood,) = Listener(recognize).hear(utterance())
    assert (understood.text, understood.reason) == ("1600 samples", "")


def test_it_is_given_samples_from_minus_one_to_one():
    given = []
    samples = np.array([-32768, 0, 16384], "<i2").tobytes()
    Listener(lambda sound: given.append(sound) or "").hear(utterance(samples=samples))
    (sound,) = given
    assert (sound.dtype, list(sound)) == (np.float32, [-1.0, 0.0, 0.5])


@pytest.mark.parametrize("said", [None, "", "  \n", "\u200b"])
def test_nothing_is_no_failure(said):
    (understood,) = Listener(lambda _: said).hear(utterance())
    assert (understood.text, understood.reason, understood.failed) == ("", NOTHING, False)


def raises(error):
    def recognize(_samples):
        raise error

    return recognize


@pytest.mark.parametrize(
    ("recognize", "reason"),
    [
        (raises(ValueError("broken")), "raised ValueError: broken"),
        (raises(SystemExit(3)), "raised SystemExit"),
        (lambda _: 7, "gave a int, which is no text"),
        (lambda _: b"hello", "gave a bytes"),
        (lambda _: ["a"], "gave a list"),
        (lambda _: "a" * (LONGEST_TEXT + 1), "has 200,001 characters"),
    ],
)
def test_one_that_fails_loses_that_utterance_and_no_other(recognize, reason):
    """It says why, and the next one is understood."""
    sick = threading.Event()
    sick.set()
    listener = Listener(lambda samples: recognize(samples) if sick.is_set() else "well")
    (lost,) = listener.hear(utterance(1))
    assert lost.failed
    assert lost.text == ""
    assert reason in lost.reason
    sick.clear()
    (next_one,) = listener.hear(utterance(2))
    assert (next_one.text, next_one.sound.began_at) == ("well", 2.0)


@pytest.mark.parametrize("is_async", [False, True])
def test_one_that_hangs_is_not_waited_for(is_async):
    """Nor asked again while too many of its calls hang; then it is again."""
    let_go = threading.Event()

    async def hang(_samples):
        await asyncio.sleep(1000)

    asked = []

    def recognize(samples):
        asked.append(1)
        if is_async:
            return hang(samples)
        return let_go.wait(TIME_S) and "late"

    listener = Listener(recognize, within_s=0.05)
    lost = listener.hear(*(utterance(n) for n in range(MOST_HANGING + 2)))
    assert all("gave nothing for 0.05 s" in one.reason for one in lost)
    assert [one.sound.began_at for one in lost] == list(range(MOST_HANGING + 2))
    if not is_async:
        assert len(asked) == MOST_HANGING
    let_go.set()


def test_order_is_kept_and_nothing_is_lost_while_it_is_slow():
    """But what is more than it can ever catch up with: that is told at once."""
    go = threading.Event()
    listener = Listener(lambda _: go.wait(TIME_S) and "said")
    many = MOST_WAITING + 5
    for number in range(many):
        listener.recognition.submit(utterance(number))
    go.set()
    got = listener.hear(utterance(many))
    assert got
    with listener._came:
        assert listener._came.wait_for(lambda: len(listener.got) == many + 1, TIME_S)
    assert sorted(one.sound.began_at for one in listener.got) == list(range(many + 1))
    understood = [one.sound.began_at for one in listener.got if one.text]
    assert understood == sorted(understood)
    assert len(understood) >= MOST_WAITING


def test_what_holds_no_word_is_not_recognized():
    asked = []
    (understood,) = Listener(asked.append).hear(utterance(samples=b""))
    assert (understood.reason, asked, understood.failed) == (UNSAID, [], False)
