"""Handles: done by another thread, waited for on any thread, awaited on any loop."""

import asyncio
import gc
import threading
import weakref

import pytest

from ipyavatar.core.handle import Handle
from ipyavatar.core.speech import Speech, Utterance
from ipyavatar.errors import AvatarError, SpeechFailed

NOON = 1_700_000_000.0


def test_wait_returns_what_another_thread_finished():
    """The usual way: the host's thread finishes, the cell waits."""
    handle = Handle()
    threading.Thread(target=handle.finish, args=(42,)).start()
    assert handle.wait(5) == 42
    assert handle.done


def test_only_the_first_end_counts():
    """A late failure does not undo a result."""
    handle = Handle()
    handle.finish(1)
    handle.fail(AvatarError("late"))
    handle.finish(2)
    assert handle.wait(0) == 1
    assert handle.error is None


def test_wait_with_a_timeout_tells_that_it_goes_on():
    """Not done is not failed."""
    handle = Handle()
    with pytest.raises(TimeoutError, match="goes on in the background"):
        handle.wait(0)
    handle.finish(None)
    assert handle.wait(0) is None


def test_await_works_on_several_loops_at_once():
    """Two loops in two threads await the same handle."""
    handle, results = Handle(), []
    waiting = threading.Barrier(3)

    def await_it():
        async def go():
            waiting.wait(5)
            return await handle

        results.append(asyncio.run(go()))

    threads = [threading.Thread(target=await_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    waiting.wait(5)
    handle.finish("x")
    for thread in threads:
        thread.join(5)
    assert results == ["x", "x"]


def test_a_cancelled_await_leaves_the_handle_alone():
    """Whoever gives up waiting does not end what goes on."""

    async def go():
        handle = Handle()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(_awaiting(handle), 0.001)
        handle.finish(5)
        return await handle

    assert asyncio.run(go()) == 5


async def _awaiting(handle):
    return await handle


def make_speech(speech="s1", text="hi", interrupt=lambda _id: None, asked_at=100.0):
    """A speech that was asked for at 100 s of the machine's clock, at noon of the wall's."""
    return Speech(Utterance(speech, text, asked_at=asked_at), interrupt, NOON)


def test_a_speech_that_was_said_has_its_times_and_words():
    """State, latency, times and words come with the host's reports, on one clock."""
    speech = make_speech()
    speech.change("speaking", 100.25, latency_ms=250.0)
    assert speech.latency_ms == 250.0
    assert not speech.done
    speech.change("said", 101.5, words=[("hi", 0.00049, 0.1004)])
    assert speech.wait(0) is speech
    assert speech.state == "said"
    assert speech.started_at == NOON
    assert (speech.first_audio_at, speech.finished_at) == (NOON + 0.25, NOON + 1.5)
    assert speech.words == [("hi", 0.0, 0.1)]


def test_a_speech_that_has_ended_does_not_change_any_more():
    """What comes late is old news."""
    speech = make_speech()
    speech.change("said", 101.0)
    for state in ("queued", "speaking", "interrupted", "failed"):
        speech.change(state, 102.0, "late")
    assert (speech.state, speech.reason, speech.finished_at) == ("said", "", NOON + 1.0)
    assert speech.wait(0) is speech


def test_an_interrupted_speech_is_a_normal_end():
    """It does not raise: the state tells."""
    speech = make_speech()
    speech.change("interrupted", 101.0, "It was interrupted.")
    assert speech.wait(0).state == "interrupted"
    assert speech.reason == "It was interrupted."


def test_a_failed_speech_raises_with_its_reason():
    """What was asked for and not said must not go unnoticed."""
    speech = make_speech()
    speech.change("failed", 101.0, "The voice failed.")
    with pytest.raises(SpeechFailed, match="The voice failed"):
        speech.wait(0)


def test_interrupt_names_the_speech():
    """`speech.interrupt()` asks for that one; once it has ended, for nothing."""
    asked = []
    speech = make_speech("s7", interrupt=asked.append)
    speech.interrupt()
    assert asked == ["s7"]
    speech.change("said", 101.0)
    speech.interrupt()
    assert asked == ["s7"]


def test_whoever_keeps_a_speech_that_has_ended_does_not_keep_its_session():
    """The way back to the session is dropped at the end."""

    class Owner:
        def interrupt(self, speech):
            pass

    owner = Owner()
    speech, gone = make_speech(interrupt=owner.interrupt), weakref.ref(owner)
    del owner
    assert gone() is not None
    speech.change("said", 101.0)
    gc.collect()
    assert gone() is None


def test_repr_is_short():
    """A long text does not flood the cell's output."""
    assert len(repr(make_speech(text="word " * 500))) < 80


def test_where_a_wait_would_be_in_vain_nobody_waits():
    """It returns the speech as it is; once it may be waited for, it is."""
    held_up = [True]
    speech = Speech(Utterance("s1", "Hello."), lambda _: None, 0.0)
    speech.set_waiting(in_vain=lambda: held_up[0])

    async def wait():
        return await speech

    assert speech.wait() is speech
    assert asyncio.run(wait()) is speech
    assert speech.state == "queued"
    held_up[0] = False
    with pytest.raises(TimeoutError):
        speech.wait(0)
    speech.change("said", 1.0)
    held_up[0] = True
    assert speech.wait().state == "said"
