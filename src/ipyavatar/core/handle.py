"""A result that can be waited for on any thread and awaited on any loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator
from typing import Generic, TypeVar

from ..errors import AvatarError

T = TypeVar("T")


class Handle(Generic[T]):
    """What every verb returns: done later, by another thread, exactly once.

    It never waits for a message that only the browser could send while a cell runs, so `wait()`
    in a cell does not deadlock.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._callbacks: list[Callable[[], None]] = []
        self._result: T | None = None
        self._error: AvatarError | None = None

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return self._done.is_set()

    @property
    def error(self) -> AvatarError | None:
        """Why it ended badly; None while it runs or when it ended well."""
        return self._error

    def wait(self, timeout: float | None = None) -> T:
        """Block this thread until it is done.

        Args:
            timeout: Seconds to wait at most; None waits as long as it takes.

        Raises:
            TimeoutError: It was not done in time; it goes on all the same.
            AvatarError: It ended badly.
        """
        if not self._done.wait(timeout):
            raise TimeoutError(f"Not done within {timeout} s; it goes on in the background.")
        return self._outcome()

    def __await__(self) -> Generator[object, None, T]:
        if not self.done:
            loop = asyncio.get_running_loop()
            event = asyncio.Event()

            def wake() -> None:
                # The loop may be closed by the time we end: then nobody is waiting there.
                if not loop.is_closed():
                    loop.call_soon_threadsafe(event.set)

            self._when_done(wake)
            yield from event.wait().__await__()
        return self._outcome()

    def finish(self, result: T) -> None:
        """End well. Only the first end counts."""
        self._end(result, None)

    def fail(self, error: AvatarError) -> None:
        """End badly. Only the first end counts."""
        self._end(None, error)

    def _when_done(self, callback: Callable[[], None]) -> None:
        with self._lock:
            if not self._done.is_set():
                self._callbacks.append(callback)
                return
        callback()

    def _end(self, result: T | None, error: AvatarError | None) -> None:
        with self._lock:
            if self._done.is_set():
                return
            self._result, self._error = result, error
            self._done.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def _outcome(self) -> T:
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]  # set together with `_done`
