"""Where nobody may wait: on the threads that bring what is waited for, and under our locks.

Users' code gets there all the same, by ways that Python has: finalizers of what is thrown away
there, handlers of log records, methods that a class of theirs overrides.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from ..errors import HostError


class _Here(threading.local):
    depth = 0


_here = _Here()


@contextlib.contextmanager
def serving() -> Iterator[None]:
    """Others wait for what this thread does meanwhile."""
    _here.depth += 1
    try:
        yield
    finally:
        _here.depth -= 1


def is_serving() -> bool:
    """Whether others wait for this thread now."""
    return _here.depth > 0


def refuse_to_wait() -> None:
    """Raise where a wait would never end.

    Raises:
        HostError: Others wait for this thread.
    """
    if is_serving():
        name = threading.current_thread().name
        what = f"wait() cannot work here: all avatars wait for this thread ({name})."
        fix = "Leave out the wait(), or do this in an observer or a thread of your own."
        raise HostError(what, fix)


def refuse_to_make() -> None:
    """Raise in the middle of a change of ours: what is made there would need it to be over.

    Raises:
        HostError: A finalizer, which runs anywhere, is about to make an avatar.
    """
    if is_serving():
        name = threading.current_thread().name
        what = f"No avatar can be made here: others wait for this thread ({name})."
        raise HostError(what, "Do it in an observer or a thread of your own.")
