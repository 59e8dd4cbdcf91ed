"""Loops of ours do not ask the program's policy."""

import asyncio
import gc
import socket
import sys
import threading
import warnings

import pytest

from ipyavatar.core.loops import complete_on_new_loop, new_loop, new_user_loop

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)

    class Policy(asyncio.DefaultEventLoopPolicy):
        """Has no loops."""

        asked = 0

        def new_event_loop(self):
            Policy.asked += 1
            raise RuntimeError("no loops here")


@pytest.fixture
def policy():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        before = asyncio.get_event_loop_policy()
        Policy.asked = 0
        asyncio.set_event_loop_policy(Policy())
        yield
        asyncio.set_event_loop_policy(before)


def test_ours_are_made_without_it(policy):
    loop = new_loop()
    assert loop.run_until_complete(asyncio.sleep(0, "done")) == "done"
    loop.close()
    assert Policy.asked == 0


def test_users_have_theirs_or_one_that_works(policy):
    loop = new_user_loop()
    assert loop.run_until_complete(asyncio.sleep(0, "done")) == "done"
    loop.close()
    assert Policy.asked == 1


def test_what_is_run_to_its_end_leaves_nothing_behind(policy):
    """Its result, its error; tasks, generators and the worker are ended."""
    ended = []

    async def rest():
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("task")

    async def work():
        task = asyncio.ensure_future(rest())
        await asyncio.sleep(0)
        assert not task.done()
        return await asyncio.to_thread(threading.current_thread)

    async def fail():
        raise KeyError("mine")

    assert complete_on_new_loop(work()).name == "ipyavatar-call"
    assert ended == ["task"]
    with pytest.raises(KeyError, match="mine"):
        complete_on_new_loop(fail())


def test_one_that_cannot_be_made_prints_nothing_as_it_goes(monkeypatch):
    """Whoever asked for it has the error."""

    def refuse(*_):
        raise RuntimeError("sockets are off")

    shown = []
    monkeypatch.setattr(sys, "unraisablehook", shown.append)
    monkeypatch.setattr(socket, "socketpair", refuse)
    with pytest.raises(RuntimeError, match="sockets are off"):
        new_loop()
    gc.collect()
    assert shown == []
