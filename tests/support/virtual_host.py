"""The real host on virtual time, behind the kernel's own seam, with the twin as its services.

What a session sends is encoded and decoded as on the pipe. A test moves commands and events on, and
kills the host, as in `tests.support.fakes.memory_host`; but sessions, leases, ledger, drivers
and clients are the real ones.
"""

from __future__ import annotations

import asyncio
from typing import Any

from ipyavatar.host.host import Host
from ipyavatar.protocol import host as m
from ipyavatar.protocol import host_codec
from ipyavatar.providers.registry import options_type
from tests.support.fakes.host_link import FakeHostLink
from tests.support.paid import World


class VirtualHost(FakeHostLink):
    """The link. All but `send` is called while its loop does not run, or on it."""

    def __init__(self, world: World) -> None:
        self.world = world
        super().__init__()

    def begin(self) -> None:
        if self.generation:
            self.world.new_process()
        self.host = make_host(self.world, self._emit, self.generation + 1)
        super().begin()

    def pack(self, command: m.Command) -> bytes:
        return host_codec.encode(command)

    async def carry_out(self, number: int = 1_000_000) -> None:
        """So many commands arrive, and what can happen at once, happens."""
        while self.alive and self.commands and number > 0:
            number -= 1
            body = self.commands.popleft()[4:]
            self.host.handle(host_codec.decode_command(body, options_type))
            await asyncio.sleep(0)

    def deliver(self, number: int = 1_000_000) -> int:
        """So many events arrive; returns how many did."""
        count = 0
        while self.events and count < number:
            count += 1
            event = host_codec.decode_event(self.events.popleft()[4:])
            if (listener := self.listeners.get(event.session)) is not None:
                listener.on_event(event)
        return count

    def _emit(self, event: m.Event, generation: int) -> None:
        if self.alive and generation == self.generation:  # a dead one says nothing
            self.events.append(host_codec.encode(event))


def make_host(world: World, emit: Any, generation: int) -> Host:
    """A host whose services are the twin, whose ledger and time are the world's."""
    host = Host(lambda event: emit(event, generation), world.clock)
    host._paid, host._factory, host._cleaner = world.paid, world.factory, world.cleaner
    return host
