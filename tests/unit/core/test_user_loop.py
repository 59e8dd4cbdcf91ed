"""The loop for what is async in users' code."""

import asyncio
import threading

import pytest

from ipyavatar.core.user_loop import UserLoop


def test_what_is_started_runs_on_one_thread_of_its_own():
    loops, names = set(), set()

    async def note():
        loops.add(asyncio.get_running_loop())
        names.add(threading.current_thread().name)

    user_loop = UserLoop("users")
    for _ in range(3):
        user_loop.start(note()).result(10)
    assert len(loops) == 1
    assert names == {"users"}


def test_a_blocked_loop_is_replaced():
    """What somebody blocks holds up nobody else."""
    begun, let_go = threading.Event(), threading.Event()

    async def block():
        begun.set()
        let_go.wait(30)

    async def work():
        pass

    user_loop = UserLoop("users")
    blocking = user_loop.start(block())
    assert begun.wait(10)
    user_loop.start(work()).result(10)
    assert not blocking.done()
    let_go.set()
    blocking.result(10)


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_who_exits_ends_alone(kind):
    """What is beside it goes on, and both are answered."""
    go_on = asyncio.Event()

    async def leaves():
        raise kind

    async def waits():
        await go_on.wait()
        return "done"

    user_loop = UserLoop("users")
    waiting = user_loop.start(waits())
    with pytest.raises(kind):
        user_loop.start(leaves()).result(10)

    async def let_go():
        go_on.set()

    user_loop.start(let_go()).result(10)
    assert waiting.result(10) == "done"
