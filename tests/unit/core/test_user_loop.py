"""The loop for what is async in users' code."""

import asyncio
import threading

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
