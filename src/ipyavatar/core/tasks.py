"""Tasks with an owner, and waiting for one thing or a deadline: each in one place."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from .clock import Clock
from .log import get_logger

log = get_logger(__name__)

T = TypeVar("T")


class TaskSet:
    """The background tasks of one owner. What one of them raises is logged and ends nothing else.

    Belongs to one loop. `close()` is idempotent; a task started after it is cancelled at once.
    """

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, work: Coroutine[Any, Any, T], name: str = "") -> asyncio.Task[T]:
        """Run `work` in the background; the task may be awaited or cancelled by whoever asked."""
        task = asyncio.get_running_loop().create_task(_contain(work), name=name or None)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)
        # Cancelled before its first step it would never be awaited, and Python would say so.
        task.add_done_callback(lambda _: work.close())
        if self._closed:
            task.cancel()
        return task

    async def join(self) -> None:
        """Wait until each has ended by itself."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def cancel(self) -> None:
        """Cancel all, and wait until each has ended. Others may be started after."""
        current = asyncio.current_task()
        tasks = [task for task in self._tasks if task is not current]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self) -> None:
        """Cancel all, wait for them, and take no more."""
        self._closed = True
        await self.cancel()

    def _on_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("A task of %s failed", self._owner, exc_info=error)


async def _contain(work: Coroutine[Any, Any, T]) -> T:
    try:
        return await work
    except (SystemExit, KeyboardInterrupt) as error:
        # These two end the loop, and with it everything that runs on it.
        raise RuntimeError(f"{type(error).__name__} in a background task") from error


async def run_apart(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Run `work` to its end, and return the task, which is done.

    Keeps two cancellations apart: one inside of `work` (a library's, or that of an interrupted
    speech) is a way for it to end; one of the caller cancels it, is waited for, and goes on.
    """
    task = asyncio.get_running_loop().create_task(_contain(work))
    task.add_done_callback(lambda _: work.close())
    return await settle(task)


def failure_of(task: asyncio.Task[Any]) -> BaseException | None:
    """Why it failed, a cancellation of its own included; None when it did not."""
    return asyncio.CancelledError("It was cancelled.") if task.cancelled() else task.exception()


async def settle(task: asyncio.Task[T]) -> asyncio.Task[T]:
    """The same for a task that is there already."""
    try:
        await asyncio.wait({task})
    except asyncio.CancelledError:
        task.cancel()
        await asyncio.wait({task})
        raise
    return task


async def wait_until(clock: Clock, deadline: float, event: asyncio.Event) -> bool:
    """Wait until `event` is set, or until `deadline` of `clock`; returns whether it is set."""
    waiting = [
        asyncio.ensure_future(event.wait()),
        asyncio.ensure_future(clock.sleep_until(deadline)),
    ]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    return event.is_set()
