"""A widget that can be stopped and closed, and nothing else."""

from __future__ import annotations

import threading


class Closable:
    """Tells what was done."""

    comm = None

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self.closed = threading.Event()

    def stop(self) -> None:
        """End its session."""
        self.stopped.set()

    def close(self) -> None:
        """End it."""
        self.closed.set()
