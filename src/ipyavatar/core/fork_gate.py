"""A fork of the program waits for what threads of ours load.

Whoever forks copies the locks that other threads hold just then, those of modules that are being
imported among them. In the child nobody gives them back, and it would wait there for ever: in our
code, or in its own, for a library that we were importing.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

WAIT_S = 20.0
"""A fork waits no longer: loading takes a second or two, or never ends."""

LOOK_EVERY_S = 0.002

HOLD_S = 0.1
"""Other threads wait so long for their turn, from the last look on to the fork."""

PACKAGE = __name__.partition(".")[0]


class ForkGate:
    """Holds up a fork while something is loaded.

    Args:
        wait_s: No longer than this.
        is_importing: Whether another thread of ours is in the middle of an import.
    """

    def __init__(
        self, wait_s: float = WAIT_S, is_importing: Callable[[], bool] | None = None
    ) -> None:
        self._wait_s = wait_s
        self._is_importing = is_importing or are_we_importing
        self._lock = threading.RLock()  # what is loaded may load something else, or fork
        self._forking = threading.local()

    @contextlib.contextmanager
    def loading(self) -> Iterator[None]:
        """While this lasts no other thread loads, and none forks. Imports alone need it not."""
        with self._lock:
            yield

    def before_fork(self) -> None:
        """Wait until nothing is being loaded."""
        end = time.monotonic() + self._wait_s
        if not self._lock.acquire(timeout=self._wait_s):
            return  # what never ends holds up no fork
        self._forking.interval = sys.getswitchinterval()
        # No thread gets its turn, and begins an import, between the last look and the fork. Those
        # that wait for their turn already have it while this one sleeps.
        sys.setswitchinterval(HOLD_S)
        time.sleep(LOOK_EVERY_S)
        while self._is_importing() and time.monotonic() < end:
            time.sleep(LOOK_EVERY_S)

    def after_fork_in_parent(self) -> None:
        """Let others load again."""
        if self._take_turns():
            self._lock.release()

    def after_fork_in_child(self) -> None:
        """Whoever held the lock is not there."""
        self._take_turns()
        self._lock = threading.RLock()

    def _take_turns(self) -> bool:
        """As before the fork; tells whether that waited."""
        interval = getattr(self._forking, "interval", None)
        if interval is None:
            return False
        self._forking.interval = None
        sys.setswitchinterval(interval)
        return True


def are_we_importing() -> bool:
    """Whether another thread that runs code of ours is in the middle of an import."""
    me = threading.get_ident()
    stacks = sys._current_frames()  # documented, in spite of its name
    return any(_is_ours_and_imports(top) for ident, top in stacks.items() if ident != me)


def _is_ours_and_imports(frame: FrameType | None) -> bool:
    ours = imports = False
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        ours = ours or name.partition(".")[0] == PACKAGE
        imports = imports or name == "importlib._bootstrap"
        frame = frame.f_back
    return ours and imports


_gate = ForkGate()
loading = _gate.loading

if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(
        before=_gate.before_fork,
        after_in_parent=_gate.after_fork_in_parent,
        after_in_child=_gate.after_fork_in_child,
    )
