"""Accepts connections on one socket, also when descriptors run out.

asyncio's own servers count a client only after its TLS handshake, and without descriptors try, and
log, a hundred times a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections import deque
from collections.abc import Callable
from typing import Any

from ..core.log import get_logger
from ..core.tasks import TaskSet

log = get_logger(__name__)

HANDSHAKE_S = 10.0
MAX_HANDSHAKES = 100
PAUSE_S = 0.5
"""After an accept that failed."""


class Acceptor:
    """`close()` and `wait_closed()` are those of asyncio's servers."""

    def __init__(
        self,
        listener: socket.socket,
        make_protocol: Callable[[], asyncio.Protocol],
        ssl_context: ssl.SSLContext | None,
    ) -> None:
        listener.setblocking(False)
        self._listener = listener
        self._make_protocol = make_protocol
        self._ssl = ssl_context
        self._handshakes: deque[asyncio.Task[None]] = deque()
        self._tasks = TaskSet("acceptor")
        self._accepting = self._tasks.start(self._accept())

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                client, _ = await loop.sock_accept(self._listener)
            except ConnectionError:
                continue  # it went before we came
            except OSError as error:
                # Without descriptors this comes although nobody may be waiting.
                log.warning("No connection can be accepted at the moment: %s", error.strerror)
                await asyncio.sleep(PAUSE_S)
                continue
            self._start(client)

    def _start(self, client: socket.socket) -> None:
        while self._handshakes and self._handshakes[0].done():
            self._handshakes.popleft()
        if len(self._handshakes) >= MAX_HANDSHAKES:
            self._handshakes.popleft().cancel()
        self._handshakes.append(self._tasks.start(self._connect(client)))

    async def _connect(self, client: socket.socket) -> None:
        options: dict[str, Any] = {"ssl": self._ssl}
        if self._ssl is not None:
            options["ssl_handshake_timeout"] = HANDSHAKE_S
        connected = False
        try:
            # A handshake that fails, or takes too long, is the client's affair.
            with contextlib.suppress(OSError, asyncio.TimeoutError):
                loop = asyncio.get_running_loop()
                await loop.connect_accepted_socket(self._make_protocol, client, **options)
                connected = True
        finally:
            if not connected:
                client.close()

    def close(self) -> None:
        """Accept no more."""
        self._accepting.cancel()

    async def wait_closed(self) -> None:
        """Until nothing of it runs."""
        await self._tasks.close()
