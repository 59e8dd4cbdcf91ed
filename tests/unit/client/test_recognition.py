"""Utterances become texts, in order, exactly once, whatever the user's recognizer does."""

import asyncio
import threading

import numpy as np
import pytest

from ipyavatar.client.recognition import MOST_HANGING, MOST_WAITING, NOTHING, UNSAID, Recognition
from ipyavatar.client.sound_pull import SoundPull
from ipyavatar.core.text import LONGEST_TEXT
from ipyavatar.core.user_loop import UserLoop
from ipyavatar.protocol.listening import SoundHeard

TIME_S = 20


def utterance(number=0, samples=b"\0\1" * 1600):
    return SoundHeard("s", "p", samples, float(number), number + 1.0)


class Listener:
    """Takes what was understood, and can be waited for."""

    def __init__(self, recognize, within_s=TIME_S, **seams):
        self.got = []
        self._came = threading.Condition()
        self.recognition = Recognition(recognize, self.take, within_s, **seams)

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
    """Also of what is more than it can ever catch up with, which is refused as it comes."""
    go, begun = threading.Event(), threading.Event()

    def recognize(_samples):
        begun.set()
        return go.wait(TIME_S) and "said"

    listener = Listener(recognize)
    many = MOST_WAITING + 5
    listener.recognition.submit(utterance(0))
    assert begun.wait(TIME_S)
    for number in range(1, many):
        listener.recognition.submit(utterance(number))
    go.set()
    with listener._came:
        assert listener._came.wait_for(lambda: len(listener.got) == many, TIME_S)
    assert [one.sound.began_at for one in listener.got] == list(range(many))
    refused = [one.sound.began_at for one in listener.got if "wait for the rec" in one.reason]
    assert refused == list(range(MOST_WAITING + 1, many))


def test_one_that_blocks_its_loop_is_asked_no_more_than_one_that_hangs():
    """It does not heed that it is cancelled: each such call costs a thread until it ends."""
    let_go, begun, asked = threading.Event(), threading.Event(), []

    async def block(samples):
        asked.append(samples)
        begun.set()
        let_go.wait(TIME_S)

    def time_passes(_calls, _seconds):
        assert begun.wait(TIME_S)
        begun.clear()

    loop = UserLoop("test-loop", turn_s=0)  # each call finds it blocked
    listener = Listener(block, new_pull=lambda: SoundPull(loop), wait=time_passes)
    lost = listener.hear(*(utterance(n) for n in range(MOST_HANGING + 2)))
    let_go.set()
    assert all("gave nothing" in one.reason for one in lost)
    assert len(asked) == MOST_HANGING


def test_a_timeout_of_its_own_is_told_as_its_own():
    (lost,) = Listener(raises(TimeoutError("10.0.0.1 does not answer"))).hear(utterance())
    assert "10.0.0.1 does not answer" in lost.reason


def test_what_holds_no_word_is_not_recognized():
    asked = []
    (understood,) = Listener(asked.append).hear(utterance(samples=b""))
    assert (understood.reason, asked, understood.failed) == (UNSAID, [], False)
