"""Handles: done by another thread, waited for on any thread, awaited on any loop."""

import asyncio
import threading
import time

import pytest

from ipyavatar.core.handle import Handle
from ipyavatar.core.speech import Speech
from ipyavatar.errors import AvatarError, SpeechFailed


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


def said(speech, state, reason=""):
    speech.change(state, time.monotonic(), reason, [("hi", 0.0, 0.1)])


def test_a_speech_that_was_said_has_its_times_and_words():
    """State, latency, times and words come with the host's reports."""
    speech = Speech("s1", "hi", lambda _id: None)
    said(speech, "speaking")
    assert speech.latency_ms >= 0
    assert not speech.done
    said(speech, "said")
    assert speech.wait(0) is speech
    assert speech.state == "said"
    assert speech.started_at <= speech.first_audio_at <= speech.finished_at
    assert speech.words == [("hi", 0.0, 0.1)]


def test_an_interrupted_speech_is_a_normal_end():
    """It does not raise: the state tells."""
    speech = Speech("s1", "hi", lambda _id: None)
    said(speech, "interrupted", "It was interrupted.")
    assert speech.wait(0).state == "interrupted"


def test_a_failed_speech_raises_with_its_reason():
    """What was asked for and not said must not go unnoticed."""
    speech = Speech("s1", "hi", lambda _id: None)
    said(speech, "failed", "The voice failed.")
    with pytest.raises(SpeechFailed, match="The voice failed"):
        speech.wait(0)


def test_interrupt_names_the_speech():
    """`speech.interrupt()` asks for that one."""
    asked = []
    Speech("s7", "hi", asked.append).interrupt()
    assert asked == ["s7"]


def test_repr_is_short():
    """A long text does not flood the cell's output."""
    assert len(repr(Speech("s1", "word " * 500, lambda _id: None))) < 80
