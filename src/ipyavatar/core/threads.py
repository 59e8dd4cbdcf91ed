"""Threads of ours: hooks of the program's for threads cannot end them.

`threading.settrace()` and `setprofile()`, as debuggers and profilers use them, set what is called
in every new thread. A hook that raises would end a thread before its first line, and everybody
who waits for it would wait for ever. So ours get it guarded: it works there as elsewhere, until it
raises.
"""

from __future__ import annotations

import contextlib
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..errors import HostError

LOOK_S = 0.1

_LOCAL = threading.local
"""That of the beginning: what takes the place of threads (gevent, eventlet) replaces it, too."""

Hook = Callable[[Any, str, Any], Any]


class GuardedThread(threading.Thread):
    """A thread as any other, but for what this module says."""

    def start(self) -> None:
        """Start it; where hooks are set, it has them when this returns."""
        with guarded_hooks() as guarded:
            if not guarded:
                super().start()
                return
            run, runs = self.run, threading.Event()

            def begin() -> None:
                runs.set()
                run()

            self.run = begin  # type: ignore[method-assign]
            super().start()
            while not runs.wait(LOOK_S) and self.is_alive():
                pass


def refuse_mixed_threads(
    local: type | None = None,
    simple_queue: type | None = None,
    popen: type | None = None,
    first: type = _LOCAL,
) -> None:
    """Raise where gevent or eventlet has replaced a part of what we run on: we would wait for ever.

    Args:
        local: `threading.local`, as it is now.
        simple_queue: `queue.SimpleQueue`, as it is now.
        popen: `subprocess.Popen`, as it is now.
        first: `threading.local`, as this package has found it.

    Raises:
        HostError: It has.
    """
    local, simple_queue = local or threading.local, simple_queue or queue.SimpleQueue
    popen = popen or subprocess.Popen
    first_line = "Have all of it replaced, in the first line of the program, or nothing."
    if local is not first:
        raise HostError("Threads were replaced after ipyavatar was imported.", first_line)
    green = local.__module__ != "_thread"
    # Python's own queue in C holds up all that take turns in a thread; gevent's knows no others.
    if simple_queue.__module__.startswith("_queue" if green else "gevent"):
        what = "Of threads and queues one was replaced (gevent, eventlet), and the other was not."
        raise HostError(what, first_line)
    if green and popen.__module__ == "subprocess":
        what = "Threads were replaced (gevent, eventlet), and processes were not."
        raise HostError(what, first_line)


def guarded_executor(workers: int, name: str) -> ThreadPoolExecutor:
    """An executor whose threads are as those of `GuardedThread`."""
    executor = ThreadPoolExecutor(workers, thread_name_prefix=name)
    with guarded_hooks() as guarded:
        if guarded:  # else its threads start when they are needed
            together = threading.Barrier(workers + 1)
            for _ in range(workers):
                executor.submit(together.wait)
            together.wait()
    return executor


@contextlib.contextmanager
def guarded_hooks() -> Iterator[bool]:
    """While this lasts, threads start with hooks that cannot end them; False where there are none.

    The functions that set them are the only way there is, so threads of others that begin just
    then get them guarded, too.
    """
    if threading.gettrace() is None and threading.getprofile() is None:
        yield False
        return
    _count_users(1)
    try:
        yield True
    finally:
        _count_users(-1)


def _count_users(more: int) -> None:
    """Guard the hooks for the first, and put them back after the last."""
    with _lock:
        _Guarded.users += more
        for get, change, end in _HOOKS:
            hook = get()
            if _Guarded.users and hook is not None and not isinstance(hook, _Guarded):
                change(_Guarded(hook, end))
            elif not _Guarded.users and isinstance(hook, _Guarded):  # nobody set another one
                change(hook.hook)


class _Guarded:
    """A hook that is not called any more in a thread in which it has raised."""

    users = 0

    def __init__(self, hook: Hook, end: Callable[[None], object]) -> None:
        self.hook = hook
        self._end = end

    def __call__(self, frame: Any, event: str, arg: Any) -> Any:
        try:
            return self.hook(frame, event, arg)
        except BaseException:
            self._end(None)
            return None


_HOOKS: tuple[tuple[Callable[[], Any], Callable[[Any], None], Callable[[None], object]], ...] = (
    (threading.gettrace, threading.settrace, sys.settrace),
    (threading.getprofile, threading.setprofile, sys.setprofile),
)
"""Of new threads: what tells them and sets them; and what ends them in the thread that calls it."""

_lock = threading.RLock()  # a finalizer may come in between
