"""The last resort: whatever hangs, the process ends by a time that is set."""

from __future__ import annotations

import os
import queue
from collections.abc import Callable

from ..core.system_time import SystemTime
from ..core.threads import GuardedThread


class LastResort:
    """Ends this process, from a thread that is there before it is needed.

    At the end it may be too late for one: with the user's threads and processes at their limit
    none can be started, and what has to be stopped then is paid for.

    Args:
        end: Ends the process with a code.
    """

    def __init__(self, end: Callable[[int], object] = os._exit) -> None:
        self._end = end
        self._times: queue.SimpleQueue[float] = queue.SimpleQueue()
        thread = GuardedThread(target=self._run, name="ipyavatar-last-resort", daemon=True)
        thread.start()

    def end_within(self, seconds: float) -> None:
        """It ends by then, or by an earlier time that was set before."""
        self._times.put(SystemTime.monotonic() + seconds)

    def _run(self) -> None:
        time = self._times.get()
        while (left := time - SystemTime.monotonic()) > 0:
            try:
                time = min(time, self._times.get(timeout=left))
            except queue.Empty:
                continue
        self._end(1)
