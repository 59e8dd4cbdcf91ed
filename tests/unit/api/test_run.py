"""`ipyavatar.run()`: a coroutine to its end, in a script and in a cell; and nothing is changed."""

import asyncio
import gc
import sys
import threading

import pytest

import ipyavatar
from ipyavatar.api.run import _changed_places
from ipyavatar.core.handle import Handle
from ipyavatar.errors import AvatarError, InvalidArgument


async def add(a, b):
    await asyncio.sleep(0)
    return a + b


def snapshot(loop):
    """All that could be changed, by name."""
    return [(place, dict(vars(place))) for place in _changed_places(loop)]


def in_a_cell(code):
    """Run `code` as a cell does: within a running loop; what is changed after it is a failure."""
    loop = asyncio.new_event_loop()
    before = snapshot(loop)

    async def cell():
        return code()

    try:
        return loop.run_until_complete(cell())
    finally:
        after = snapshot(loop)
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
        for (place, had), (_, has) in zip(before, after, strict=True):
            changed = {n for n in had.keys() | has.keys() if had.get(n) is not has.get(n)}
            assert not changed, f"{place}: {changed}"


def test_in_a_cell_nothing_is_changed_when_it_returns():
    """Nor is it needed that a loop is free."""
    assert in_a_cell(lambda: ipyavatar.run(add(1, 2))) == 3


def test_it_is_applied_meanwhile():
    """Else the test above would prove nothing."""

    def code():
        async def look():
            return hasattr(asyncio, "_nest_patched")

        return ipyavatar.run(look()), hasattr(asyncio, "_nest_patched")

    assert in_a_cell(code) == (True, False)


def test_an_exception_in_it_leaves_nothing_changed_either():
    """Ctrl-C and the like included."""
    for error in (ValueError("x"), KeyboardInterrupt()):

        async def fail(error=error):
            await asyncio.sleep(0)
            raise error

        with pytest.raises(type(error)):
            in_a_cell(lambda fail=fail: ipyavatar.run(fail()))
    gc.collect()  # asyncio tells of the task that Ctrl-C ended, and no other test hears of it


def test_runs_within_runs():
    """The innermost takes nothing away from those around it."""

    async def outer():
        await asyncio.sleep(0)
        inner = ipyavatar.run(add(1, 2))
        await asyncio.sleep(0)
        return inner + ipyavatar.run(add(3, 4))

    assert in_a_cell(lambda: ipyavatar.run(outer())) == 10


def test_runs_of_two_threads_that_overlap():
    """What one of them needs is there until it is through."""
    inside, leave = threading.Event(), threading.Event()
    found = []

    def other():
        async def hold():
            inside.set()
            await asyncio.to_thread(leave.wait, 10)
            return await add(5, 5)

        async def main():
            return ipyavatar.run(hold())

        found.append(asyncio.run(main()))

    def code():
        thread.start()
        assert inside.wait(10)
        result = ipyavatar.run(add(1, 2))
        leave.set()
        thread.join(10)
        return result

    thread = threading.Thread(target=other)
    assert in_a_cell(code) == 3
    assert found == [10]


def test_a_task_begun_in_it_goes_on_after_it():
    """By the loop that it began on."""
    loop, done = asyncio.new_event_loop(), []

    async def background():
        await asyncio.sleep(0.02)
        done.append(True)

    async def begin():
        return asyncio.get_running_loop().create_task(background())

    async def cell():
        task = ipyavatar.run(begin())
        assert not task.done()
        await task

    loop.run_until_complete(cell())
    loop.close()
    assert done


def test_in_a_script_it_has_a_loop_of_its_own():
    """In any thread; the loop that was set stays set."""
    mine = asyncio.new_event_loop()
    asyncio.set_event_loop(mine)
    try:
        assert ipyavatar.run(add(1, 2)) == 3
        if sys.version_info >= (3, 11):
            assert asyncio.get_event_loop_policy().get_event_loop() is mine
    finally:
        asyncio.set_event_loop(None)
        mine.close()
    found = []
    thread = threading.Thread(target=lambda: found.append(ipyavatar.run(add(1, 2))))
    thread.start()
    thread.join(10)
    assert found == [3]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="asyncio.run takes no loop_factory there")
def test_asyncio_run_takes_a_loop_factory_afterwards():
    """It is Python's own again."""
    in_a_cell(lambda: ipyavatar.run(add(1, 2)))
    assert asyncio.run(add(1, 2), loop_factory=asyncio.new_event_loop) == 3


def test_a_handle_can_be_run():
    """Whatever can be awaited."""
    assert ipyavatar.run(Handle.finished(7)) == 7
    assert in_a_cell(lambda: ipyavatar.run(Handle.finished(7))) == 7


def test_a_loop_it_does_not_know_is_an_error_of_ours():
    """Such as uvloop's; and nothing is changed."""

    class Foreign(asyncio.AbstractEventLoop):
        def get_debug(self):
            return False

    loop = Foreign()
    before = snapshot(loop)
    asyncio.events._set_running_loop(loop)
    try:
        with pytest.raises(AvatarError, match="Foreign"):
            ipyavatar.run(add(1, 2))
    finally:
        asyncio.events._set_running_loop(None)
    assert [(place, had) for place, had in snapshot(loop)] == before


@pytest.mark.parametrize("value", [3, None, print])
def test_what_cannot_be_awaited_is_refused(value):
    """A function that was not called is what one forgets."""
    with pytest.raises(InvalidArgument, match=r"Call the async function: run\(main\(\)\)"):
        ipyavatar.run(value)
