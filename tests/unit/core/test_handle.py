"""A result that is waited for on any thread, and awaited by whatever asyncio has."""

import asyncio
import sys
import threading
import time

import pytest

from ipyavatar.core.handle import Handle
from ipyavatar.core.speech import Speech, Utterance
from ipyavatar.core.uninterrupted import SLICE_S
from ipyavatar.errors import HostError, SessionClosed, SpeechFailed

SOON_S = 10.0


def later(end):
    """Called by another thread in a moment."""
    timer = threading.Timer(0.02, end)
    timer.start()
    return timer


@pytest.fixture
def speech():
    """One that is said in a moment, by another thread."""
    made = Speech(Utterance("s1", "Hello."), lambda name: None, 0.0)
    timer = later(lambda: made.change("said", 1.0))
    yield made
    timer.join()


async def in_a_task(speech):
    return await asyncio.create_task(speech)


async def ensured(speech):
    return await asyncio.ensure_future(speech)


async def in_time(speech):
    return await asyncio.wait_for(speech, SOON_S)


async def gathered(speech):
    first, second = await asyncio.gather(speech, speech)
    assert first is second
    return first


async def as_completed(speech):
    (done,) = asyncio.as_completed([speech])
    return await done


async def several_tasks(speech):
    return {task.result() for task in (await asyncio.wait(
        [asyncio.create_task(speech) for _ in range(3)]
    ))[0]}.pop()  # fmt: skip


async def in_a_group(speech):
    if sys.version_info < (3, 11):
        return await speech
    async with asyncio.TaskGroup() as group:
        task = group.create_task(speech)
    return task.result()


async def shielded(speech):
    return await asyncio.shield(speech)


@pytest.mark.parametrize(
    "way",
    [in_a_task, ensured, in_time, gathered, as_completed, several_tasks, in_a_group, shielded],
    ids=lambda way: way.__name__,
)
def test_it_can_be_handed_to_asyncio_in_every_way(way, speech):
    """Tasks, groups, deadlines: as a coroutine can."""
    assert asyncio.run(way(speech)) is speech
    assert speech.state == "said"


def test_it_can_be_run_itself(speech):
    """`asyncio.run(speech)`, and once more when it is done."""
    assert asyncio.run(speech) is speech
    assert asyncio.run(speech) is speech


def test_a_failure_reaches_the_task():
    """As the error that it is."""

    async def main():
        handle = Handle()
        task = asyncio.create_task(handle)
        await asyncio.sleep(0)
        handle.fail(SessionClosed("Over."))
        with pytest.raises(SessionClosed, match="Over"):
            await task

    asyncio.run(main())


def test_a_task_that_is_cancelled_ends_nothing_for_others():
    """Who gives up waiting gives up waiting."""

    async def main():
        handle = Handle()
        given_up, waiting = asyncio.create_task(handle), asyncio.create_task(handle)
        await asyncio.sleep(0)
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(handle, 0.01)
        assert not handle.done
        handle.finish(7)
        assert await waiting == 7
        assert not handle._turns

    asyncio.run(main())


def test_wait_ends_at_once_when_it_is_done_and_keeps_its_deadline():
    """It looks around in slices, which nobody notices."""
    took = []
    for _ in range(5):  # a busy machine may be late with one
        handle = Handle()
        later(lambda handle=handle: handle.finish(7))
        began = time.monotonic()
        assert handle.wait() == 7
        took.append(time.monotonic() - began)
    assert min(took) < SLICE_S
    with pytest.raises(TimeoutError, match="goes on"):
        Handle().wait(0.0)
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        Handle().wait(0.05)
    assert 0.04 < time.monotonic() - began < SOON_S


def interrupted(speech, monkeypatch):
    """Have Ctrl-C come while it is waited for."""

    def look(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(Handle, "done", property(look))
    with pytest.raises(KeyboardInterrupt):
        speech.wait()


def test_ctrl_c_in_wait_interrupts_that_speech(monkeypatch):
    """And is raised."""
    names = []
    interrupted(Speech(Utterance("s7", "Hello."), names.append, 0.0), monkeypatch)
    assert names == ["s7"]


def test_ctrl_c_is_raised_also_where_the_speech_cannot_be_interrupted(monkeypatch):
    """Its session is gone: there is nothing to silence."""

    def interrupt(name):
        raise SessionClosed("Over.")

    interrupted(Speech(Utterance("s7", "Hello."), interrupt, 0.0), monkeypatch)


def test_only_the_first_end_counts():
    """Whatever else is told afterwards."""
    handle = Handle()
    handle.fail(SpeechFailed("No."))
    handle.finish(7)
    handle.fail(SessionClosed("Over."))
    assert isinstance(handle.error, SpeechFailed)
    with pytest.raises(SpeechFailed):
        handle.wait()


def test_a_loop_of_another_kind_is_told_how_to_wait():
    """As trio's, which drives what it awaits by itself."""

    async def wait(handle):
        await handle

    with pytest.raises(HostError, match=r"to_thread\.run_sync"):
        wait(Handle()).send(None)
