"""Which of the user's TURN servers relays for this machine.

aiortc takes one server, and says nothing when that one does not answer or refuses us. So each is
tried before, all at once, and the first that gives us an address is taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from aioice import turn
from aiortc import RTCIceServer
from aiortc.rtcicetransport import parse_stun_turn_uri

from ..core.log import get_logger
from ..core.secret import one_line
from ..protocol.options import IceServer

log = get_logger(__name__)

FIND_S = 3.0
"""A page waits 8 s for its answer; a server that has not answered by then does not serve us."""


class RelayFinder:
    """Looks for a server when the first page needs one, and keeps what it has found.

    Args:
        servers: The user's, checked.
        find_s: Seconds in which a server has to answer.
    """

    def __init__(self, servers: Sequence[IceServer], find_s: float = FIND_S) -> None:
        self._candidates = [(url, server) for server in servers for url in server.urls]
        self._find_s = find_s
        self._found: RTCIceServer | None = None
        self._looking: asyncio.Task[RTCIceServer | None] | None = None

    async def find(self) -> list[RTCIceServer]:
        """What a connection of ours is made with: the server that relays, else the STUN servers.

        Pages that ask at the same time wait for the same answer.
        """
        if self._found is None:
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look())
            self._found = await asyncio.shield(self._looking)
        if self._found is not None:
            return [self._found]
        return [RTCIceServer(url) for url, _ in self._candidates if url.startswith("stun:")]

    async def close(self) -> None:
        """Look no longer."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait({self._looking})

    async def _look(self) -> RTCIceServer | None:
        tries: dict[asyncio.Task[RTCIceServer], str] = {}
        for url, server in self._candidates:
            if url.startswith("turn"):
                tries[asyncio.create_task(try_relay(url, server))] = url
        if not tries:
            return None
        try:
            found = await _first_result(set(tries), self._find_s)
            if found is None:
                reasons = [f"{url}: {_reason(task)}" for task, url in tries.items()]
                log.warning("No TURN server relays for this machine: %s", "; ".join(reasons))
            return found
        finally:
            for task in tries:
                task.cancel()
            await asyncio.gather(*tries, return_exceptions=True)


async def _first_result(
    tasks: set[asyncio.Task[RTCIceServer]], within_s: float
) -> RTCIceServer | None:
    """The result of the first that does not fail; None where there is none in time."""
    loop = asyncio.get_running_loop()
    deadline, pending = loop.time() + within_s, tasks
    while pending and (left_s := deadline - loop.time()) > 0:
        done, pending = await asyncio.wait(
            pending, timeout=left_s, return_when=asyncio.FIRST_COMPLETED
        )
        for task in done:
            if task.exception() is None:
                return task.result()
    return None


async def try_relay(url: str, server: IceServer) -> RTCIceServer:
    """Have the server of `url` give us an address, and give it back.

    Raises:
        ValueError: aiortc cannot use such an address (one with an IPv6 address in it).
        OSError: It is not reached.
        stun.TransactionError: It refuses, or does not answer.
    """
    where: dict[str, Any] = parse_stun_turn_uri(url)
    # The servers' own type shows what it holds; nothing prints it.
    usable = RTCIceServer(url, server.username.reveal() or None, server.credential.reveal() or None)
    transport, _ = await turn.create_turn_endpoint(
        asyncio.DatagramProtocol,
        (where["host"], where["port"]),
        username=usable.username,
        password=usable.credential,
        ssl=where["scheme"] == "turns",
        transport=where["transport"],
    )
    transport.close()
    return usable


def _reason(task: asyncio.Task[RTCIceServer]) -> str:
    """Why a server does not serve us."""
    if not task.done():
        return "no answer"
    error = task.exception()
    return "no answer" if error is None else describe_failure(error)


def describe_failure(error: BaseException) -> str:
    """Why a server does not serve us, in a few words."""
    if isinstance(error, (asyncio.TimeoutError, TimeoutError)):
        return "no answer"
    return one_line(str(error), ()) or type(error).__name__
