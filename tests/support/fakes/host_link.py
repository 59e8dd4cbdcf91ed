"""What fakes of the way to a host have in common: queues that a test moves on, and its loss."""

from __future__ import annotations

from collections import deque
from typing import Any

from ipyavatar.errors import HostError
from ipyavatar.protocol import host as m


class FakeHostLink:
    """Implements `HostLink`; a subclass carries commands out.

    Attributes:
        commands: Sent and not carried out yet, as `pack` made them.
        events: Told and not delivered yet.
    """

    def __init__(self) -> None:
        self.pid = 1
        self.generation = 0
        self.alive = False
        self.given_up = False
        self.listeners: dict[str, Any] = {}
        self.commands: deque[Any] = deque()
        self.events: deque[Any] = deque()
        self.on_send = lambda command: None
        self.begin()

    def begin(self) -> None:
        """There is a host, the first or another one."""
        self.alive = True
        self.generation += 1

    def pack(self, command: m.Command) -> Any:
        """A command as it travels."""
        return command

    # ---- HostLink ---------------------------------------------------------------------------

    def attach(self, session: str, listener: Any) -> None:
        self.listeners[session] = listener

    def detach(self, session: str) -> None:
        self.listeners.pop(session, None)

    def revive(self) -> None:
        if self.given_up:
            self.given_up = False
            self.begin()

    def send(self, command: m.Command) -> int:
        self.on_send(command)
        if self.alive:
            self.commands.append(self.pack(command))
        return self.generation

    # ---- what a test does -------------------------------------------------------------------

    def die(self) -> None:
        """All that is on its way is lost."""
        self.alive = False
        self.commands.clear()
        self.events.clear()
        for listener in list(self.listeners.values()):
            listener.on_disconnect(self.generation, "It died.")

    def come_back(self) -> None:
        """There is another one."""
        self.begin()
        for listener in list(self.listeners.values()):
            listener.on_reconnect(self.generation)

    def give_up(self) -> None:
        """There will be no other."""
        self.given_up = True
        for listener in list(self.listeners.values()):
            listener.on_failure(self.generation, HostError("It died too often."))
