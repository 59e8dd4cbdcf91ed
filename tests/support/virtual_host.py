"""The real host on virtual time, behind the kernel's own seam, with the twin as its services.

What a session sends is encoded and decoded as on the pipe. A test moves commands and events on, and
kills the host, as `tests.support.fakes.memory_host` has it; but sessions, leases, ledger, drivers
and clients are the real ones.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from ipyavatar.errors import HostError
from ipyavatar.host.host import Host
from ipyavatar.protocol import host as m
from ipyavatar.providers.registry import options_type
from tests.support.paid import World


class VirtualHost:
    """Implements `HostLink`. All but `send` is called while its loop does not run, or on it.

    Attributes:
        commands: Sent and not carried out yet.
        events: Told and not delivered yet.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.pid = 1
        self.generation = 0
        self.alive = False
        self.given_up = False
        self.listeners: dict[str, Any] = {}
        self.commands: deque[bytes] = deque()
        self.events: deque[bytes] = deque()
        self.on_send = lambda command: None
        self._begin()

    # ---- HostLink ---------------------------------------------------------------------------

    def attach(self, session: str, listener: Any) -> None:
        self.listeners[session] = listener

    def detach(self, session: str) -> None:
        self.listeners.pop(session, None)

    def revive(self) -> None:
        if self.given_up:
            self.given_up = False
            self.world.new_process()
            self._begin()

    def send(self, command: m.Command) -> int:
        self.on_send(command)
        if self.alive:
            self.commands.append(m.encode(command))
        return self.generation

    # ---- what a test does -------------------------------------------------------------------

    async def carry_out(self, number: int = 1_000_000) -> None:
        """So many commands arrive, and what can happen at once, happens."""
        while self.alive and self.commands and number > 0:
            number -= 1
            body = self.commands.popleft()[4:]
            self.host.handle(m.decode_command(body, options_type))
            await asyncio.sleep(0)

    def deliver(self, number: int = 1_000_000) -> int:
        """So many events arrive; returns how many did."""
        count = 0
        while self.events and count < number:
            count += 1
            event = m.decode_event(self.events.popleft()[4:])
            if (listener := self.listeners.get(event.session)) is not None:
                listener.on_event(event)
        return count

    def die(self) -> None:
        """All that is on its way is lost. The loop that it ran on must not run any more."""
        self.alive = False
        self.commands.clear()
        self.events.clear()
        for listener in list(self.listeners.values()):
            listener.on_disconnect(self.generation, "It died.")

    def come_back(self) -> None:
        """There is another one."""
        self.world.new_process()
        self._begin()
        for listener in list(self.listeners.values()):
            listener.on_reconnect(self.generation)

    def give_up(self) -> None:
        """There will be no other."""
        self.given_up = True
        for listener in list(self.listeners.values()):
            listener.on_failure(self.generation, HostError("It died too often."))

    # ---- inside -----------------------------------------------------------------------------

    def _begin(self) -> None:
        self.host = make_host(self.world, self._emit, self.generation + 1)
        self.alive = True
        self.generation += 1

    def _emit(self, event: m.Event, generation: int) -> None:
        if self.alive and generation == self.generation:  # a dead one says nothing
            self.events.append(m.encode(event))


def make_host(world: World, emit: Any, generation: int) -> Host:
    """A host whose services are the twin, whose ledger and time are the world's."""
    host = Host(lambda event: emit(event, generation), world.clock)
    host._paid, host._factory, host._cleaner = world.paid, world.factory, world.cleaner
    return host
