"""A transport in memory, and what makes them: a test says when one dies, or cannot be made."""

from __future__ import annotations

import threading

from ipyavatar.errors import HostError


class FakeTransport:
    """Implements `Transport`.

    Attributes:
        sent: Commands, in order.
        closed: Whether it was closed.
        dead: Whether it has died.
    """

    def __init__(self, pid, on_event, on_lost):
        self.pid = pid
        self.on_event = on_event
        self._on_lost = on_lost
        self.sent = []
        self.closed = False
        self.dead = False

    def send(self, command):
        self.sent.append(command)

    def close(self):
        self.closed = True

    def die(self, what="It died.", **more):
        """Its thread reports the loss."""
        self.dead = True
        self._on_lost(what, **more)


class FakeTransports:
    """Makes them: `HostClient(kind, connect=FakeTransports())`.

    Attributes:
        made: All there ever were.
        broken: Whether making one fails.
        starting: Set while one is being made.
        go_on: Making one waits for this.
    """

    def __init__(self):
        self.made = []
        self.broken = False
        self.starting = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self, on_event, on_lost):
        self.starting.set()
        assert self.go_on.wait(10)
        if self.broken:
            raise HostError("It cannot be started.")
        self.made.append(FakeTransport(100 + len(self.made), on_event, on_lost))
        return self.made[-1]

    @property
    def last(self):
        return self.made[-1]

    @property
    def left_behind(self):
        """Those that live and that nobody has closed."""
        return [one for one in self.made if not one.dead and not one.closed]
