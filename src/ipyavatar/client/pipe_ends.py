"""Pipes that a forked child does not keep: one that lives on would hide that the kernel ended.

A child that execs has none of them anyway (Python's pipes are closed by exec). One that C code
forks runs no hook; for that, and on Windows, the companion process watches its kernel as well.
"""

from __future__ import annotations

import contextlib
import os
import weakref
from collections.abc import Iterable
from typing import IO

_ends: weakref.WeakKeyDictionary[object, tuple[IO[bytes], ...]] = weakref.WeakKeyDictionary()


def leave_in_children(owner: object, pipes: Iterable[IO[bytes]]) -> None:
    """Close these ends in every child that is forked from now on, while `owner` lives."""
    _ends[owner] = tuple(pipes)


def _leave() -> None:
    """In the child: let go of the pipes, with no lock, and nothing that is written to them.

    The descriptors are not closed but lead nowhere: the file objects will close them once more,
    and by then the numbers could be another file's.
    """
    try:
        nowhere = os.open(os.devnull, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
    except OSError:
        return
    for pipes in list(_ends.values()):
        for pipe in pipes:
            with contextlib.suppress(OSError, ValueError):  # closed already
                os.dup2(nowhere, pipe.fileno(), inheritable=False)
    os.close(nowhere)


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(after_in_child=_leave)
