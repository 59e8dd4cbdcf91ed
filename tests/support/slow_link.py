"""A line between two network namespaces, as a program: it is slow, loses, and lets little pass.

It makes a TUN interface for each end and carries the packets between them itself. `tc netem` would
do that as well, but many kernels come without it, containers' above all; this needs nothing but
/dev/net/tun. For each line that it reads it takes over the settings in it (JSON, may be `{}`) and
answers with what it has counted; when its input ends, so does it.

    python -m tests.support.slow_link NAMESPACE=INTERFACE NAMESPACE=INTERFACE
"""

from __future__ import annotations

import asyncio
import collections
import fcntl
import json
import os
import random
import struct
import subprocess
import sys
from dataclasses import dataclass, field, fields

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000

PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp"}

LONGEST_QUEUE_S = 0.4
"""What waits for longer to be sent is dropped, as by `tbf`."""


@dataclass
class Settings:
    """What the line is like.

    Attributes:
        port: The only one that anything passes to, by TCP.
        delay_s: How long a packet takes, one way.
        bits_per_s: How much passes in either direction.
        loss: The part of packets that gets lost.
    """

    port: int = 0
    delay_s: float = 0.0
    bits_per_s: float = 1e9
    loss: float = 0.0

    def change(self, values: dict[str, float]) -> None:
        for name in {one.name for one in fields(self)} & values.keys():
            setattr(self, name, values[name])


@dataclass
class End:
    """One side: its interface, and when what was sent to it so far has left the queue."""

    file: int
    free_at: float = 0.0


@dataclass
class Line:
    """Carries packets from one end to the other."""

    ends: tuple[End, End]
    settings: Settings = field(default_factory=Settings)
    counts: collections.Counter[str] = field(default_factory=collections.Counter)
    chance: random.Random = field(default_factory=lambda: random.Random(12))

    def read(self, source: End, target: End) -> None:
        """Take what `source` has sent, and bring it to `target` in due time."""
        packet = os.read(source.file, 65536)
        if packet[0] >> 4 != 4:
            return  # IPv6, which finds its own neighbours and nothing else
        if not self._may_pass(packet):
            self.counts["refused " + PROTOCOLS.get(packet[9], "other")] += 1
            return
        loop, settings = asyncio.get_running_loop(), self.settings
        start = max(loop.time(), target.free_at)
        if self.chance.random() < settings.loss:
            self.counts["lost"] += 1
        elif start - loop.time() > LONGEST_QUEUE_S:
            self.counts["too many"] += 1
        else:
            self.counts["passed"] += 1
            self.counts["bytes"] += len(packet)
            target.free_at = start + len(packet) * 8 / settings.bits_per_s
            loop.call_at(target.free_at + settings.delay_s, os.write, target.file, packet)

    def _may_pass(self, packet: bytes) -> bool:
        header = (packet[0] & 15) * 4
        ports = struct.unpack_from("!HH", packet, header) if len(packet) >= header + 4 else ()
        return packet[9] == 6 and self.settings.port in ports


def make_end(namespace: str, interface: str) -> End:
    """A TUN interface of this name in a namespace; it goes with this process."""
    file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(file, TUNSETIFF, struct.pack("16sH22x", interface.encode(), IFF_TUN | IFF_NO_PI))
    subprocess.run(["ip", "link", "set", interface, "netns", namespace], check=True)
    return End(file)


async def carry(line: Line) -> None:
    loop, (one, other) = asyncio.get_running_loop(), line.ends
    loop.add_reader(one.file, line.read, one, other)
    loop.add_reader(other.file, line.read, other, one)
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while order := await orders.readline():
        line.settings.change(json.loads(order))
        print(json.dumps(line.counts), flush=True)


if __name__ == "__main__":
    first, second = (argument.split("=") for argument in sys.argv[1:])
    asyncio.run(carry(Line((make_end(*first), make_end(*second)))))
