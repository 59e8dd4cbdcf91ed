"""What a thread does while it waits: a kernel's main thread lets in what its cell holds up."""

from __future__ import annotations

import threading
from collections.abc import Callable

LET_IN_EVERY_S = 0.02


class _WhileWaiting:
    """One for the process."""

    def __init__(self) -> None:
        self.let_in: Callable[[], object] | None = None


_here = _WhileWaiting()


def let_in_while_waiting(let_in: Callable[[], object]) -> None:
    """Have `let_in` called on the main thread, again and again, while that waits for a handle."""
    _here.let_in = let_in


def what_to_let_in() -> Callable[[], object] | None:
    """The same for who is about to wait; None on any other thread."""
    main = threading.current_thread() is threading.main_thread()
    return _here.let_in if main else None
