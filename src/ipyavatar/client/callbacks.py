"""Where users' callbacks run: outside our locks, on a thread of their own.

A callback may wait, take a lock, or raise; nothing but the callbacks behind it waits for it.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable

from ..core.guard import Guard
from ..core.log import get_logger
from ..core.threads import GuardedThread
from ..core.uninterrupted import run_uninterrupted

log = get_logger("ipyavatar")

IDLE_S = 5.0
"""The thread ends after so long without a call; the next call starts another."""

_program_ends = threading.Event()


def end_callbacks() -> None:
    """The program ends: no callback is called from now on. What they ask for cannot be had."""
    _program_ends.set()


MOST_WAITING = 10_000
"""So many calls wait behind one that never returns; of more, the oldest are dropped."""


class CallbackThread:
    """Calls what it is given, in order, on one daemon thread that starts with the first call."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._changed = threading.Condition()
        self._calls: deque[Callable[[], object]] = deque()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._dropped = 0
        self._guard = Guard("A callback of yours failed; the avatar goes on", log)

    def submit(self, call: Callable[[], object]) -> None:
        """Have `call` called soon; after `close()` nothing is taken any more."""
        run_uninterrupted(lambda: self._submit(call))

    def _submit(self, call: Callable[[], object]) -> None:
        dropped = None  # until the lock is given back: its finalizer may be the user's
        with self._changed:
            if self._closed or _program_ends.is_set():
                return
            if len(self._calls) == MOST_WAITING:
                dropped = self._calls.popleft()
                self._dropped += 1
            self._calls.append(call)
            self._changed.notify()
            if self._thread is None:
                self._thread = GuardedThread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
        del dropped

    def close(self) -> None:
        """Call what was submitted, then end; idempotent.

        It is not waited for: a callback may take as long as it likes, and may be who closes.
        """
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _run(self) -> None:
        while (call := self._next()) is not None:
            self._guard.run(call)
            call = None
            self._say_what_was_dropped()

    def _next(self) -> Callable[[], object] | None:
        """The next call; None when there is none for a while, or never again."""
        with self._changed:
            self._changed.wait_for(lambda: self._calls or self._closed, IDLE_S)
            if self._calls and not _program_ends.is_set():
                return self._calls.popleft()
            self._thread = None
            return None

    def _say_what_was_dropped(self) -> None:
        with self._changed:
            dropped, self._dropped = self._dropped, 0
        if dropped:
            with contextlib.suppress(Exception):
                log.warning("A callback of yours took so long that %d calls were dropped", dropped)
