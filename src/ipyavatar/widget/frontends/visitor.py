"""Where a kernel has one visitor, and nobody tells when that one has left."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

SILENT_S = 20.0
"""A page that shows an avatar says something every second: one that is silent so long is gone."""


class Timer(threading.Timer):
    """One that does not keep the program from ending."""

    daemon = True


class Visitor:
    """Stops a visitor's avatars when no page of theirs has been heard for a while.

    Whoever comes back, from a laptop that was closed, starts them again.

    Args:
        clock: Monotonic seconds.
        make_timer: Makes what calls after so many seconds, as `threading.Timer`.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        make_timer: Callable[..., threading.Timer] = Timer,
    ) -> None:
        self._clock = clock
        self._make_timer = make_timer
        self._lock = threading.Lock()  # pages' messages come on any thread
        self._stops: list[Callable[[], None]] = []
        self._heard_at = 0.0
        self._waits = False

    def adopt(self, stop: Callable[[], None]) -> None:
        """Have `stop` called when the visitor has left."""
        with self._lock:
            self._stops.append(stop)

    def hear(self) -> None:
        """A page has said something."""
        with self._lock:
            self._heard_at = self._clock()
            if not self._waits:
                self._wait(SILENT_S)

    def _wait(self, seconds: float) -> None:
        self._waits = True
        self._make_timer(seconds, self._look).start()

    def _look(self) -> None:
        with self._lock:
            left_s = self._heard_at + SILENT_S - self._clock()
            if left_s > 0:
                self._wait(left_s)
                return
            self._waits = False
            stops = self._stops.copy()
        for stop in stops:
            stop()
