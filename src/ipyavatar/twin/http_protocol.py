"""uvicorn's protocols for HTTP and websockets, with what a watch and faults need of them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from .connection_watch import ConnectionWatch, Step, Wait
from .error_body import error_response
from .fault_responses import TRANSPORT

MAX_WORDS = 200
"""Characters of what is wrong with a request; some of it may be in there."""

_TIMEOUT = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class WatchedConfig(uvicorn.Config):
    """uvicorn's configuration, with the watch that its connections are under."""

    def __init__(self, app: Any, watch: ConnectionWatch, **options: Any) -> None:
        super().__init__(app, http=WatchedHttp, ws=WatchedWebSocket, **options)
        self.watch = watch


class WatchedHttp(H11Protocol):
    """One connection. It is handed to the app, so that a fault can reset it."""

    config: WatchedConfig

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Put the transport into the scope of every request."""
        super().connection_made(transport)
        # Head and body of a response are two writes; without this the second one waits 40 ms.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        inner = self.app

        async def app_with_transport(scope: Any, receive: Any, send: Any) -> None:
            scope.setdefault("extensions", {})[TRANSPORT] = transport
            await inner(scope, receive, send)

        self.app = app_with_transport
        self.config.watch.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        self.config.watch.discard(self)
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """It goes on as a websocket, which is watched on its own."""
        self.config.watch.discard(self)
        super().handle_websocket_upgrade(event)

    def send_400_response(self, msg: str) -> None:
        """Tell what is wrong with what came, in words, where that can still be told."""
        error = sys.exc_info()[1]
        words, status = msg, 400
        if isinstance(error, h11.RemoteProtocolError):
            words = f"This is no valid HTTP request: {error}"[:MAX_WORDS]
            status = error.error_status_hint
        if self.cycle is not None:
            self.cycle.disconnected = True  # what is still to be said of that request, nobody hears
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            answer = error_response(status, words, {"Connection": "close"})
            head = h11.Response(status_code=status, headers=answer.raw_headers)
            with contextlib.suppress(h11.LocalProtocolError):  # HEAD takes no body
                for part in (head, h11.Data(data=bytes(answer.body)), h11.EndOfMessage()):
                    self.transport.write(self.conn.send(part) or b"")
        self.transport.close()

    def shutdown(self) -> None:
        """The server ends."""
        try:
            super().shutdown()
        except h11.LocalProtocolError:  # in the middle of something
            self.abort()

    def wait(self) -> Wait | None:
        """What the client owes."""
        cycle = self.cycle
        if self.transport.is_closing():
            return Wait("closing")
        if self.flow.write_paused:
            return Wait("reading", cycle)
        if cycle is None or cycle.response_complete:
            return Wait("request", cycle)
        return Wait("body", cycle) if cycle.more_body else None

    def give_up(self, step: Step) -> None:
        """Tell a client that is late with its request; others read nothing."""
        if step in ("reading", "closing"):
            self.abort()
            return
        answered = self.cycle is not None and self.cycle.response_started
        if self.conn.trailing_data[0] or (step == "body" and not answered):
            self.transport.write(_TIMEOUT)
        self.transport.close()

    def abort(self) -> None:
        """End it at once."""
        self.transport.abort()


class WatchedWebSocket(WebSocketsSansIOProtocol):
    """One websocket. It may be silent, for pings tell whether it lives, but must read."""

    config: WatchedConfig

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The upgrade has come."""
        super().connection_made(transport)
        inner = self.app

        async def quiet_app(scope: Any, receive: Any, send: Any) -> None:
            await inner(scope, receive, send)
            # One that was refused, or whose client has gone, needs no handshake any more; uvicorn
            # would complain that there was none.
            self.handshake_complete |= self.transport.is_closing()

        self.app = quiet_app
        self.config.watch.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        self.config.watch.discard(self)
        super().connection_lost(exc)

    def wait(self) -> Wait | None:
        """What the client owes."""
        if self.transport.is_closing():
            return Wait("closing")
        return None if self.writable.is_set() else Wait("reading")

    def give_up(self, step: Step) -> None:  # noqa: ARG002  # it ends alike
        """The client does not read."""
        self.abort()

    def abort(self) -> None:
        """End it at once."""
        self.transport.abort()
