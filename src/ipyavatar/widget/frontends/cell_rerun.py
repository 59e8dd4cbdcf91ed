"""Running a cell again makes a new avatar: the one its last run made is closed.

Jupyter tells nobody that an output is gone, and keeps every widget alive; without this, each run
of a cell would leave an avatar behind that goes on until the kernel ends.
"""

from __future__ import annotations

import contextlib
import weakref
from typing import Any, Protocol

from IPython.core.getipython import get_ipython


class Closable(Protocol):
    """What can be replaced."""

    def close(self) -> None:
        """End it."""


_made: dict[str, tuple[str, weakref.WeakSet[Any]]] = {}  # cell id -> (run id, what that run made)


def replace_in_cell(new: Closable) -> None:
    """Close what an earlier run of the running cell made, and remember `new` as of this run."""
    cell, run = _running_cell()
    if not cell:
        return
    last_run, made = _made.get(cell, ("", weakref.WeakSet()))
    if last_run != run:
        for old in list(made):
            with contextlib.suppress(Exception):  # an old one's trouble must not stop the new one
                old.close()
        made = weakref.WeakSet()
        _made[cell] = (run, made)
    made.add(new)


def _running_cell() -> tuple[str, str]:
    """Ids of the cell that is running and of this run; empty where the front end tells none."""
    shell = get_ipython()
    if shell is None or not hasattr(shell, "get_parent"):
        return "", ""
    parent = shell.get_parent() or {}
    cell = (parent.get("metadata") or {}).get("cellId") or ""
    return str(cell), str((parent.get("header") or {}).get("msg_id", ""))
