"""Where pages reach this process past the kernel: a WebSocket on loopback, for invited pages alone.

A notebook server that proxies ports (jupyter-server-proxy) leads a page here. Whoever else finds
the port has no invitation: its token goes to one page, by widget message, is good for one
connection and for half a minute, and ends with what it was made for.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.clock import Clock
from ..core.decode import decode_json
from ..core.secret import Secret
from ..errors import MalformedData, MediaError
from ..protocol.frames import OpenSocket

if TYPE_CHECKING:
    from .socket_connection import SocketConnection

    OnOpen = Callable[[SocketConnection], None]

ADDRESS = "127.0.0.1"
"""By this, and not as `localhost`: at its other address somebody else could listen."""

INVITED_S = 30.0
"""A page comes within this, or asks again."""

MOST_UNKNOWN = 32
"""Connections that have not said who they are, at a time; and what the system keeps waiting."""

MOST_TRIES = 3
"""So many wrong tokens for a page end its invitation."""

POLICY_VIOLATION = 1008
"""What RFC 6455 calls it."""


Listen = Callable[[Callable[[], asyncio.Protocol]], Awaitable[asyncio.Server]]


async def listen_on_loopback(make: Callable[[], asyncio.Protocol]) -> asyncio.Server:
    """At a free port; nothing but this machine reaches it.

    Raises:
        OSError: There is none to be had.
    """
    loop = asyncio.get_running_loop()
    return await loop.create_server(make, ADDRESS, 0, backlog=MOST_UNKNOWN)


@dataclass
class _Invitation:
    token: str
    origin: str
    until: float
    on_open: OnOpen
    tries: int = 0


class SocketServer:
    """Of one process. Listens from the first invitation on, until `close()`. Used on one loop.

    Args:
        clock: Time.
        listen: Listens, and makes a protocol for each client; on loopback when None.
    """

    def __init__(self, clock: Clock, listen: Listen | None = None) -> None:
        self._clock = clock
        self._listen_for = listen or listen_on_loopback
        self._starting: asyncio.Task[asyncio.Server] | None = None
        self._closed = False
        self._invitations: dict[str, _Invitation] = {}
        self._unknown: set[SocketConnection] = set()
        self._known: set[SocketConnection] = set()

    async def invite(self, peer: str, origin: str, on_open: OnOpen) -> tuple[int, Secret]:
        """Let the page that has the subscription `peer` in, once.

        One that asks again gets the same token: it may be on its way with it.

        Args:
            peer: The subscription.
            origin: Where that page comes from.
            on_open: Gets its connection.

        Returns:
            The port and the token.

        Raises:
            MediaError: There is no port to be had, or it is closed.
        """
        self._check_open()
        if self._starting is None:
            self._starting = asyncio.get_running_loop().create_task(self._listen())
        try:
            server = await asyncio.shield(self._starting)
        except OSError as error:
            self._starting = None
            raise MediaError(
                f"No port could be opened for the page: {error.strerror}.",
                "It goes on by widget messages.",
            ) from error
        self._check_open()  # it may have been closed meanwhile
        now = self._clock.now()
        old = [name for name, one in self._invitations.items() if one.until < now]
        for name in old:
            del self._invitations[name]
        known = self._invitations.get(peer)
        token = known.token if known is not None else secrets.token_urlsafe(32)
        self._invitations[peer] = _Invitation(token, origin, now + INVITED_S, on_open)
        return int(server.sockets[0].getsockname()[1]), Secret(token)

    def withdraw(self, peer: str) -> None:
        """That page is not expected any more."""
        self._invitations.pop(peer, None)

    async def close(self) -> None:
        """End all connections, and listen no more: from now on nobody is invited."""
        self._closed = True
        self._invitations.clear()
        if self._starting is not None:
            starting, self._starting = self._starting, None
            await asyncio.wait({starting})
            if starting.exception() is None:
                starting.result().close()
        for connection in [*self._unknown, *self._known]:
            connection.close()

    def _check_open(self) -> None:
        if self._closed:
            raise MediaError(
                "No page is let in any more: its host ends.", "Start the avatar again."
            )

    async def _listen(self) -> asyncio.Server:
        from .socket_connection import SocketConnection  # late: most hosts never need it

        return await self._listen_for(lambda: SocketConnection(self))

    # ---- connections (`SocketOwner`) ----------------------------------------------------------

    def admit(self, connection: SocketConnection) -> bool:
        """Somebody has connected."""
        if self._closed or len(self._unknown) >= MOST_UNKNOWN:
            return False
        self._unknown.add(connection)
        return True

    def introduce(self, connection: SocketConnection, text: str) -> None:
        """The first that a connection says is whose it is, and proves it."""
        invitation = self._accept(text, connection.origin)
        if invitation is None:
            connection.close(POLICY_VIOLATION)
            return
        self._unknown.discard(connection)
        self._known.add(connection)
        invitation.on_open(connection)

    def forget(self, connection: SocketConnection) -> None:
        """It is over."""
        self._unknown.discard(connection)
        self._known.discard(connection)

    def _accept(self, text: str, origin: str) -> _Invitation | None:
        try:
            said: OpenSocket = decode_json(text, OpenSocket)
        except MalformedData:
            return None
        invitation = self._invitations.get(said.peer)
        if invitation is None or invitation.until < self._clock.now():
            return None
        # A browser says where its page comes from, whatever that page would like.
        expected = not origin or origin == invitation.origin
        if expected and hmac.compare_digest(said.token.encode(), invitation.token.encode()):
            return self._invitations.pop(said.peer)
        invitation.tries += 1
        if invitation.tries >= MOST_TRIES:
            self.withdraw(said.peer)
        return None
