"""Background tasks have an owner, and end nothing but themselves."""

import asyncio

import pytest

from ipyavatar.core.tasks import TaskSet, failure_of, run_apart


async def fail(error):
    raise error


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), ValueError("x")], ids=repr)
def test_what_a_task_raises_does_not_end_the_loop(error, caplog):
    """Not even what asyncio lets end it; it is logged, and others go on."""

    async def main():
        tasks = TaskSet("the test")
        tasks.start(fail(error))
        goes_on = tasks.start(asyncio.sleep(0.01, "goes on"))
        assert await goes_on == "goes on"
        await tasks.close()

    asyncio.run(main())
    assert "A task of the test failed" in caplog.text
    assert type(error).__name__ in caplog.text


def test_a_task_that_never_began_is_cancelled_in_silence():
    """No coroutine is left that nobody awaited."""

    async def main():
        tasks = TaskSet("the test")
        await tasks.close()
        task = tasks.start(asyncio.sleep(0))
        await asyncio.wait({task})
        assert task.cancelled()

    asyncio.run(main())


def test_a_cancellation_within_is_a_way_to_end():
    """A library's own; nobody cancelled who waits."""

    async def main():
        task = await run_apart(fail(asyncio.CancelledError()))
        assert isinstance(failure_of(task), asyncio.CancelledError)
        assert failure_of(await run_apart(asyncio.sleep(0))) is None
        assert isinstance(failure_of(await run_apart(fail(ValueError("x")))), ValueError)

    asyncio.run(main())


def test_a_cancellation_of_who_waits_ends_the_work_and_goes_on():
    """The work has ended by then."""
    ended = []

    async def work():
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    async def main():
        waiting = asyncio.create_task(run_apart(work()))
        await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert ended

    asyncio.run(main())
