"""Calls that run to their end, whatever signals the main thread gets meanwhile.

Python runs the handlers of signals on the main thread, between any two lines: Ctrl-C, a timer that
raises, a handler that calls our verbs itself. What changes something there can be left half done,
or be met half done. So the main thread has such calls made by another thread, and only waits.

These functions hide themselves (`__tracebackhide__`) from tracebacks in notebooks: between a user's
line and ours that raises they say nothing.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import sys
import threading
from collections.abc import Callable
from typing import Concatenate, Generic, ParamSpec, Protocol, TypeVar

from .own_process import OwnLock
from .own_thread import OwnThread
from .serving import serving

SLICE_S = 0.2
"""Who waits looks around this often: on Windows Ctrl-C is not heard while a thread waits."""

_verbs = OwnThread("ipyavatar-verbs", serving)

R = TypeVar("R")
P = ParamSpec("P")


class HasLock(Protocol):
    """Has a lock of its own."""

    _lock: OwnLock


S = TypeVar("S", bound=HasLock)


def run_uninterrupted(call: Callable[[], R]) -> R:
    """Make `call`, to its end. What it raises is raised here.

    Ctrl-C is raised here as well, at once; then `call` goes on by itself.
    """
    __tracebackhide__ = True
    if threading.get_ident() != threading.main_thread().ident or sys.is_finalizing():
        return call()
    job = _Job(call)
    try:
        _verbs.put(job.run)
    except RuntimeError:  # no thread can be started any more: the program ends
        return call()
    return job.wait()


def run_later(call: Callable[[], object]) -> None:
    """Have `call` made by the thread for such calls, after those that are under way.

    It must not raise. Where the program ends, and no thread can be started, it is not made.
    """
    with contextlib.suppress(RuntimeError):
        _verbs.put(call)


def locked(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """Have a method run under the lock of its object, uninterrupted.

    On the main thread nothing ever holds such a lock: a handler of signals that calls a verb waits
    for nothing that it holds up itself.
    """

    @functools.wraps(method)
    def call(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        __tracebackhide__ = True
        self._lock.check()  # before anything is begun in a forked child

        def run() -> R:
            __tracebackhide__ = True
            with self._lock, serving():
                return method(self, *args, **kwargs)

        return run_uninterrupted(run)

    return call


class _Job(Generic[R]):
    """One call, and what came of it. Waiting for it takes no lock that others need."""

    def __init__(self, call: Callable[[], R]) -> None:
        self._call: Callable[[], R] | None = call
        self._context = contextvars.copy_context()
        self._result: R | None = None
        self._error: BaseException | None = None
        self._over = threading.Lock()
        self._over.acquire()

    def run(self) -> None:
        """Make the call. When its end is told, nothing it was made of is held here any more."""
        __tracebackhide__ = True
        call, self._call = self._call, None
        assert call is not None  # noqa: S101  # it is run once
        try:
            self._result = self._context.run(call)
        except BaseException as error:
            self._error = error
        finally:
            del call
            self._over.release()

    def wait(self) -> R:
        """Wait for its end."""
        __tracebackhide__ = True
        while not self._over.acquire(timeout=SLICE_S):
            pass
        (result, self._result), (error, self._error) = (self._result, None), (self._error, None)
        if error is None:
            return result  # type: ignore[return-value]
        try:
            raise error
        finally:
            del error  # its traceback holds this frame
