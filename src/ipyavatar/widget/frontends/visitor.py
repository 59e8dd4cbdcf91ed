"""Where a kernel has one visitor, and nobody tells when that one has left."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable

from ...core.system_time import SystemTime

SILENT_S = 20.0
"""A page that is silent so long is gone: it is asked when half of that has passed, and answers even
where it has nothing to say, as with a quiet avatar, or in a tab that nobody sees."""

LEFT_S = 6.0
"""One that has hung up, as a page does when it is left, is gone sooner: loaded anew, or with
another connection in place of one that broke, it says something within this."""


class Timer(threading.Timer):
    """One that does not keep the program from ending."""

    daemon = True


class Visitor:
    """Ends a visitor's avatars when no page of theirs has been heard for a while.

    Whoever comes back, from a laptop that was closed or by a page that loaded for long, finds them
    again: they go on when somebody looks, or has them speak. Paid ones are stopped.

    Args:
        clock: Monotonic seconds.
        make_timer: Makes what calls after so many seconds, as `threading.Timer`.
    """

    def __init__(
        self,
        clock: Callable[[], float] = SystemTime.monotonic,
        make_timer: Callable[..., threading.Timer] = Timer,
    ) -> None:
        self._clock = clock
        self._make_timer = make_timer
        self._lock = threading.Lock()  # pages' messages come on any thread
        self._avatars: list[tuple[Callable[[], None], Callable[[], None]]] = []
        self._ask_at = self._until = 0.0  # a page has to say something
        self._turn = 0  # counts timers: an older one is of no use
        self._waits = False

    def adopt(self, stop: Callable[[], None], ask: Callable[[], None]) -> None:
        """Have `stop` called when the visitor has left; `ask` has a page say something."""
        with self._lock:
            self._avatars.append((stop, ask))

    def hear(self, *, leaving: bool = False) -> None:
        """A page has said something: that it hangs up, where it is `leaving`."""
        with self._lock:
            now = self._clock()
            wait_s = LEFT_S if leaving else SILENT_S
            self._ask_at, self._until = now + wait_s / 2, now + wait_s
            if leaving or not self._waits:
                self._wait(self._ask_at)

    def _wait(self, until: float) -> None:
        self._waits = True
        self._turn += 1
        look = functools.partial(self._look, self._turn)
        self._make_timer(until - self._clock(), look).start()

    def _look(self, turn: int) -> None:
        with self._lock:
            if turn != self._turn:
                return
            now = self._clock()
            if now < self._ask_at:
                self._wait(self._ask_at)
                return
            left = now >= self._until
            if left:
                self._waits = False
            else:
                self._wait(self._until)
            calls = [stop if left else ask for stop, ask in self._avatars]
        for call in calls:
            call()
