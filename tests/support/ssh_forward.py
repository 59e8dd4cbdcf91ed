"""What `ssh -L` does: a port of one machine leads to one of another, over one connection.

    python -m tests.support.ssh_forward serve ADDRESS PORT
    python -m tests.support.ssh_forward forward ADDRESS PORT TO_ADDRESS TO_PORT

Either says `ready`, and ends with its input.
"""

from __future__ import annotations

import asyncio
import sys

import asyncssh


class Guests(asyncssh.SSHServer):
    """Lets everybody in, and connects them with whatever they ask for."""

    def begin_auth(self, username: str) -> bool:
        return False

    def connection_requested(self, *wanted: object) -> bool:
        return True


async def run(what: str, address: str, port: str, *target: str) -> None:
    if what == "serve":
        key = asyncssh.generate_private_key("ssh-ed25519")
        await asyncssh.listen(address, int(port), server_factory=Guests, server_host_keys=[key])
    else:
        connection = await asyncssh.connect(address, int(port), known_hosts=None, username="guest")
        await connection.forward_local_port("127.0.0.1", int(target[1]), target[0], int(target[1]))
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:]))
