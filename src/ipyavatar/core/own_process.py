"""Objects that work only in the process that made them: a fork copies them without their threads.

What waits in a forked child for a thread of its parent waits for ever, and a lock that such a
thread held when the process was forked is never given back. So nothing there waits: it says so.
"""

from __future__ import annotations

import os
import threading

from ..errors import HostError

INHERITED = "This avatar belongs to the process that this one was forked from."
FIX = "Make another one here, or use it in the process that made it."


class OwnProcess:
    """Remembers the process it was made in. Asks the system, for not every fork tells Python."""

    def __init__(self) -> None:
        self._pid = os.getpid()

    @property
    def left(self) -> bool:
        """Whether this is a forked child of the process it was made in."""
        return os.getpid() != self._pid

    def check(self) -> None:
        """Raise in a forked child.

        Raises:
            HostError: This is one.
        """
        if self.left:
            raise HostError(INHERITED, FIX)


class OwnLock:
    """A lock that is taken again by who has it, and that raises in a forked child."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._process = OwnProcess()

    @property
    def left(self) -> bool:
        """Whether this is a forked child of the process it was made in."""
        return self._process.left

    def __enter__(self) -> None:
        self._process.check()
        self._lock.acquire()

    def __exit__(self, *_error: object) -> None:
        self._lock.release()
