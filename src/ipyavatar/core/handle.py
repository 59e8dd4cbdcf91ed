"""A result that can be waited for on any thread and awaited on any loop."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
from collections.abc import Callable, Generator
from typing import Any, Generic, TypeVar

from ..errors import AvatarError, InvalidArgument
from .live_object import LiveObject
from .validate import number_of

T = TypeVar("T")


class Handle(LiveObject, Generic[T]):
    """What every verb returns: done later, by another thread, exactly once.

    It never waits for a message that only the browser could send while a cell runs, so `wait()`
    in a cell does not deadlock.
    """

    def __init__(self) -> None:
        self._future: concurrent.futures.Future[T] = concurrent.futures.Future()
        # A running future cannot be cancelled: one who gives up waiting ends nothing for others.
        self._future.set_running_or_notify_cancel()

    def __repr__(self) -> str:
        state = "waiting" if not self.done else "done" if self.error is None else "failed"
        return f"<{type(self).__name__}: {state}>"

    @classmethod
    def finished(cls, result: T) -> Handle[T]:
        """One that has ended well already."""
        handle = cls()
        handle.finish(result)
        return handle

    @classmethod
    def failed(cls, error: AvatarError) -> Handle[T]:
        """One that has ended badly already."""
        handle = cls()
        handle.fail(error)
        return handle

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return self._future.done()

    @property
    def error(self) -> AvatarError | None:
        """Why it ended badly; None while it runs or when it ended well."""
        if not self._future.done():
            return None
        error = self._future.exception()
        return error if isinstance(error, AvatarError) else None

    def wait(self, timeout: float | None = None) -> T:
        """Block this thread until it is done.

        Args:
            timeout: Seconds to wait at most; None waits as long as it takes.

        Raises:
            TimeoutError: It was not done in time; it goes on all the same.
            AvatarError: It ended badly.
            InvalidArgument: `timeout` is no number of seconds.
        """
        try:
            return self._future.result(_seconds(timeout))
        except concurrent.futures.TimeoutError:  # another class before Python 3.11
            raise TimeoutError(
                f"Not done within {timeout} s; it goes on in the background."
            ) from None

    def __await__(self) -> Generator[Any, None, T]:
        return asyncio.wrap_future(self._future).__await__()

    def finish(self, result: T) -> None:
        """End well. Only the first end counts."""
        self._end(lambda: self._future.set_result(result))

    def fail(self, error: AvatarError) -> None:
        """End badly. Only the first end counts."""
        self._end(lambda: self._future.set_exception(error))

    def _end(self, end: Callable[[], None]) -> None:
        with contextlib.suppress(concurrent.futures.InvalidStateError):  # it has ended before
            end()


def _seconds(timeout: object) -> float | None:
    """`timeout` as a lock takes it: infinity and what is longer than a lock can wait are for ever.

    Raises:
        InvalidArgument: It is no number of seconds.
    """
    if timeout is None:
        return None
    seconds = number_of(timeout)
    if seconds is None:
        fix = "Give seconds, or None to wait for as long as it takes."
        raise InvalidArgument(f"wait({timeout!r:.80}) cannot work.", fix)
    return None if seconds > threading.TIMEOUT_MAX else seconds
