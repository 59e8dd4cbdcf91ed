"""Responses that go wrong on purpose: the ASGI side of the faults."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

TRANSPORT = "ipyavatar.transport"
"""The ASGI extension under which `http_server` hands over the connection, to be reset."""


class ResetResponse(Response):
    """No response: the connection is reset.

    In process, where there is no connection, `ConnectionResetError` comes out of the app.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Reset the connection."""
        transport = scope.get("extensions", {}).get(TRANSPORT)
        if transport is None:
            raise ConnectionResetError("A fault of the twin resets this connection.")
        _reset(transport)
        await _wait_for_disconnect(receive)


class HalfResponse(Response):
    """Half of the body under the length of all of it, then the connection ends."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the first half and end the connection."""
        transport = scope.get("extensions", {}).get(TRANSPORT)
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        half = bytes(self.body[: len(self.body) // 2])
        await send({"type": "http.response.body", "body": half, "more_body": transport is not None})
        if transport is not None:
            transport.close()
            await _wait_for_disconnect(receive)


class HangingResponse(Response):
    """Nothing for some seconds, or until the client or the server ends; then a reset."""

    def __init__(self, seconds: float, closing: asyncio.Event) -> None:
        super().__init__()
        self._seconds = seconds
        self._closing = closing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait, then reset the connection."""
        waits = {
            asyncio.ensure_future(_wait_for_disconnect(receive)),
            asyncio.ensure_future(self._closing.wait()),
        }
        try:
            await asyncio.wait(waits, timeout=self._seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        await ResetResponse()(scope, receive, send)


def _reset(transport: asyncio.Transport) -> None:
    sock = transport.get_extra_info("socket")
    if sock is not None:
        # Zero linger makes the kernel send RST in place of an orderly end.
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
