"""A thread that makes calls in order, one for each process: a forked child gets its own."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable

from .own_process import OwnProcess
from .threads import GuardedThread


class OwnThread:
    """Starts with the first call, and has no end: it waits for nothing but the next one.

    Args:
        name: Of the thread.
        around: The calls are made within this.
    """

    def __init__(
        self,
        name: str,
        around: Callable[[], contextlib.AbstractContextManager[None]] = contextlib.nullcontext,
    ) -> None:
        self._name = name
        self._around = around
        self._thread: _Thread | None = None

    @property
    def waiting(self) -> int:
        """So many calls wait behind the one that is being made."""
        return 0 if self._thread is None else self._thread.queue.qsize()

    @property
    def runs(self) -> bool:
        """Whether it has begun, in this process."""
        return self._thread is not None and not self._thread.process.left

    @property
    def current(self) -> bool:
        """Whether this is that thread."""
        return self._thread is not None and self._thread.ident == threading.get_ident()

    def put(self, call: Callable[[], object]) -> None:
        """Have `call` made after those before. It must not raise.

        Signals, finalizers and log handlers may come between any two lines of this: putting is C.

        Raises:
            RuntimeError: No thread can be started any more: the program ends.
        """
        thread = self._thread
        if thread is None or thread.process.left:
            thread = self._thread = _Thread(self._name, self._around)
        thread.queue.put(call)


class _Thread:
    def __init__(
        self, name: str, around: Callable[[], contextlib.AbstractContextManager[None]]
    ) -> None:
        self.process = OwnProcess()
        self.queue: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._around = around
        thread = GuardedThread(target=self._run, name=name, daemon=True)
        thread.start()
        self.ident = thread.ident

    def _run(self) -> None:
        with self._around():
            while True:
                self.queue.get()()
