"""Event loops of ours: the program's policy has no say in them."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

from .daemon_executor import DaemonExecutor
from .system_time import SystemTime

T = TypeVar("T")


if sys.platform == "win32":
    _PlainLoop = asyncio.ProactorEventLoop
else:
    _PlainLoop = asyncio.SelectorEventLoop


class _Loop(_PlainLoop):
    """Its timers come also where the program has frozen time."""

    def __init__(self) -> None:
        try:
            super().__init__()
        except BaseException:
            self._closed = True  # half made it cannot be closed, and would print that as it goes
            raise

    def time(self) -> float:
        """Seconds of the system's monotonic clock."""
        return SystemTime.monotonic()


def new_loop() -> asyncio.AbstractEventLoop:
    """A loop of the kind that asyncio has by itself: a policy may raise, or make any other."""
    loop = _Loop()
    loop.set_default_executor(DaemonExecutor())
    return loop


def new_user_loop() -> asyncio.AbstractEventLoop:
    """A loop for users' coroutines: what they use may need that of their policy.

    One of ours where the policy raises.
    """
    with contextlib.suppress(Exception):
        return asyncio.new_event_loop()
    return new_loop()


def complete_on_new_loop(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run it to its end, as `asyncio.run` does, on a loop of ours."""
    loop = new_loop()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        with contextlib.closing(loop):
            loop.run_until_complete(_end_rest())


async def _end_rest() -> None:
    """Cancel what goes on there, and wait for it."""
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_asyncgens()
