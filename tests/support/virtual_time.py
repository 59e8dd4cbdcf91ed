"""An event loop whose clock jumps to the next timer: no test of ours waits for real time."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar

T = TypeVar("T")

IDLE_S = 10.0
"""Where only a thread can go on the loop waits for it this long, then the test is stuck."""


class _JumpingSelector(selectors.DefaultSelector):
    """Instead of waiting for `timeout`, moves the clock on by it.

    While a thread works for the loop the time stands still: how fast it is would else decide what
    time it is when it has done.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.jobs = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready:
            return ready
        if timeout is None or (self.jobs and timeout > 0):
            ready = super().select(IDLE_S)
            if not ready:
                raise RuntimeError("Nothing can happen any more: no thread reports.")
            return ready
        self.now += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop on virtual time, which starts at 0."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now

    def run_in_executor(
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        future = super().run_in_executor(executor, func, *args)
        self._jumping.jobs += 1
        future.add_done_callback(self._note_done)
        return future

    def _note_done(self, future: asyncio.Future[Any]) -> None:
        self._jumping.jobs -= 1


class VirtualClock:
    """The `Clock` of the loop that runs."""

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep_until(self, deadline: float) -> None:
        delay = deadline - self.now()
        if delay > 0:
            await asyncio.sleep(delay)


def run_virtual(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run `coroutine` on virtual time; fails when it leaves tasks behind."""
    loop = VirtualLoop()
    try:
        result = loop.run_until_complete(coroutine)
        loop.run_until_complete(asyncio.sleep(0))
        left = asyncio.all_tasks(loop)
        assert not left, f"tasks left behind: {left}"
        return result
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
