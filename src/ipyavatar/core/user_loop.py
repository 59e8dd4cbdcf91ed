"""A loop for what is async in users' functions and iterators: never one of ours.

One for all of them, since clients that they keep belong to a loop; one that something blocks is
left behind, and another takes its place.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from .loops import new_user_loop
from .threads import GuardedThread

R = TypeVar("R")

TURN_S = 1.0
"""A loop that does nothing for so long is blocked, and another one takes its place."""


class UserLoop:
    """Runs coroutines on a daemon thread that starts with the first.

    Args:
        name: The thread's.
        turn_s: A loop that does nothing for so long is blocked.
    """

    def __init__(self, name: str, turn_s: float = TURN_S) -> None:
        self._name = name
        self._turn_s = turn_s
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, work: Coroutine[Any, Any, R]) -> concurrent.futures.Future[R]:
        """Begin `work`; what comes of it is in the future. Waits, where the loop is blocked."""
        with self._lock:
            if self._loop is None or not self._turns(self._loop):
                self._loop = new_user_loop()
                GuardedThread(target=_run, args=(self._loop,), name=self._name, daemon=True).start()
            return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _turns(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Whether it goes on; False when something blocks it."""
        turned = threading.Event()
        loop.call_soon_threadsafe(turned.set)
        return turned.wait(self._turn_s)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    """Turn it for ever: `sys.exit()` in one coroutine stops a loop, and ends that one alone."""
    while True:
        with contextlib.suppress(SystemExit, KeyboardInterrupt):
            loop.run_forever()
