"""A widget that can be asked, stopped and closed, and nothing else."""

from __future__ import annotations

import threading

from ipyavatar.protocol.page import Sync


class Closable:
    """Tells what was done."""

    comm = None

    def __init__(self, status: str = "live") -> None:
        self.status = status
        self.sent: list[Sync] = []
        self.stopped = threading.Event()
        self.closed = threading.Event()

    def send_to_pages(self, message: Sync) -> None:
        """Send this to its pages."""
        self.sent.append(message)

    @property
    def session(self) -> Closable:
        """Its session, which is the same here."""
        return self

    def rest(self) -> None:
        """End it until somebody comes back."""
        self.stopped.set()

    def close(self) -> None:
        """End it."""
        self.closed.set()
