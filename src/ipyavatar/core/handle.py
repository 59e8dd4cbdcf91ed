"""A result that can be waited for on any thread and awaited on any loop."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import weakref
from collections.abc import Callable, Coroutine, Generator, Iterator
from typing import Any, Generic, TypeVar, cast

from ..errors import AvatarError, HostError, InvalidArgument, describe
from .live_object import LiveObject
from .near_miss import GuessesNames
from .own_process import OwnProcess
from .secret import hide_key
from .serving import refuse_to_wait
from .system_time import SystemTime
from .uninterrupted import SLICE_S
from .validate import number_of
from .waiting import LET_IN_EVERY_S, what_to_let_in

T = TypeVar("T")


class Handle(LiveObject, GuessesNames, Coroutine[Any, Any, T], Generic[T]):
    """What every verb returns: done later, by another thread, exactly once.

    It never waits for a message that only the browser could send while a cell runs, so `wait()`
    in a cell does not deadlock. It can be awaited as often as one likes, and is a coroutine to
    `asyncio.create_task`, `asyncio.run` and all else that wants one.
    """

    def __init__(self) -> None:
        self._process = OwnProcess()
        # No lock is shared: Ctrl-C in who waits could leave it taken, and who ends the handle would
        # hang. What lists do is C, and done at one stroke.
        self._outcome: tuple[T | None, AvatarError | None] | None = None
        self._ends = [None]  # whoever takes it out is the one that ends it
        self._waiting: list[Callable[[], None]] = []
        self._kept: object = None
        self._turns: weakref.WeakKeyDictionary[asyncio.Task[Any], Generator[Any, Any, T]]
        self._turns = weakref.WeakKeyDictionary()

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
        return self._outcome is not None

    @property
    def error(self) -> AvatarError | None:
        """Why it ended badly; None while it runs or when it ended well."""
        return None if self._outcome is None else self._outcome[1]

    def wait(self, timeout: float | None = None) -> T:
        """Block this thread until it is done.

        Args:
            timeout: Seconds to wait at most; None waits as long as it takes.

        Raises:
            TimeoutError: It was not done in time; it goes on all the same.
            AvatarError: It ended badly.
            HostError: This is a thread that brings its end: the wait would have none.
            InvalidArgument: `timeout` is no number of seconds.
        """
        timeout = hide_key(timeout)
        seconds = _seconds(timeout)
        if not self.done:
            refuse_to_wait()
        deadline = None if seconds is None else SystemTime.monotonic() + seconds
        let_in = what_to_let_in()
        slice_s = SLICE_S if let_in is None else LET_IN_EVERY_S
        woken = threading.Lock()
        woken.acquire()
        with self._woken(woken.release):
            while not self.done:
                left = slice_s if deadline is None else deadline - SystemTime.monotonic()
                if left <= 0:
                    what = f"Not done within {timeout} s; it goes on in the background."
                    raise TimeoutError(what)
                woken.acquire(timeout=min(left, slice_s))
                if let_in is not None:
                    let_in()
        return self._result()

    def finish(self, result: T) -> None:
        """End well. Only the first end counts."""
        self._end((result, None))

    def fail(self, error: AvatarError) -> None:
        """End badly. Only the first end counts."""
        self._end((None, error))

    def keep(self, what: object) -> None:
        """Hold `what`, which brings its end, until then: whoever waits need not."""
        self._kept = what
        if self.done:
            self._kept = None

    def follow(self, other: Handle[T]) -> None:
        """End as `other` does."""

        def end() -> None:
            if other._outcome is not None:
                self._end(other._outcome)

        self.keep(other)
        other._waiting.append(end)
        end()  # it may have ended before

    def _end(self, outcome: tuple[T | None, AvatarError | None]) -> None:
        try:
            self._ends.pop()
        except IndexError:
            return  # it has ended before
        self._outcome = outcome
        self._kept = None
        while self._waiting:
            with contextlib.suppress(IndexError):  # who waited has just given up
                self._waiting.pop(0)()

    @contextlib.contextmanager
    def _woken(self, wake: Callable[[], None]) -> Iterator[None]:
        """Have `wake` called at the end, if that is still to come; whoever waits looks first.

        Raises:
            HostError: This is a forked child, and nothing comes any more.
        """
        if not self.done:
            self._process.check()
        self._waiting.append(wake)
        try:
            yield
        finally:
            with contextlib.suppress(ValueError):  # it was called
                self._waiting.remove(wake)

    def _result(self) -> T:
        result, error = cast("tuple[T, AvatarError | None]", self._outcome)
        if error is not None:
            raise error
        return result

    # ---- a coroutine, each time that somebody awaits it ----------------------------------------

    def __await__(self) -> Generator[Any, Any, T]:
        if not self.done:
            loop = _running_loop()
            end = loop.create_future()

            def wake() -> None:
                with contextlib.suppress(RuntimeError):  # its loop has ended
                    loop.call_soon_threadsafe(_set, end)

            with self._woken(wake):
                if not self.done:
                    yield from end
        return self._result()

    def send(self, value: Any) -> Any:
        """A task takes a step; users await."""
        return self._step(lambda turn: turn.send(value))

    def throw(self, *error: Any) -> Any:
        """A task is cancelled; users await."""
        return self._step(lambda turn: turn.throw(*error))

    def close(self) -> None:
        """A task ends; nothing else does."""

    def _step(self, take: Any) -> Any:
        """Several tasks may drive one handle: each has its own turn."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("A handle is awaited, or waited for with wait().")
        turn = self._turns.get(task) or self.__await__()
        self._turns[task] = turn
        try:
            return take(turn)
        except BaseException:  # also its result, as a StopIteration
            self._turns.pop(task, None)
            raise


def _running_loop() -> asyncio.AbstractEventLoop:
    """The loop of who awaits.

    Raises:
        HostError: It is none of asyncio's.
    """
    try:
        return asyncio.get_running_loop()
    except RuntimeError as error:
        what = "A handle is awaited on a loop of asyncio, and none runs here."
        fix = "Wait with wait(); with trio: await trio.to_thread.run_sync(handle.wait)."
        raise HostError(what, fix) from error


def _set(end: asyncio.Future[None]) -> None:
    if not end.done():
        end.set_result(None)


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
        raise InvalidArgument(f"wait({describe(timeout)}) cannot work.", fix)
    return None if seconds > threading.TIMEOUT_MAX else seconds
