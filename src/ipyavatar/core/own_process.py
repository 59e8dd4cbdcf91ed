"""Objects that work only in the process that made them: a fork copies them without their threads.

What waits in a forked child for a thread of its parent waits for ever, and a lock that such a
thread held when the process was forked is never given back. So nothing there waits: it says so.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

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
    """A lock that is taken again by who has it, and that raises in a forked child.

    What takes it and gives it back is C: in a method of Python's, Ctrl-C could come between the
    taking and the first line of the body, and the lock would be held for ever.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._process = OwnProcess()

    @property
    def left(self) -> bool:
        """Whether this is a forked child of the process it was made in."""
        return self._process.left

    def check(self) -> None:
        """Raise in a forked child.

        Raises:
            HostError: This is one.
        """
        self._process.check()

    @property
    def __enter__(self) -> Callable[[], bool]:
        """Take it; looking this up raises in a forked child, before anything is taken."""
        self._process.check()
        return self._lock.__enter__

    @property
    def __exit__(self) -> Callable[..., None]:  # noqa: PLE0302  # what it gives takes the three
        """Give it back."""
        return self._lock.__exit__
