"""The twin's HTTP servers: uvicorn, with connections that a fault can reset."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Generator
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from .fault_responses import TRANSPORT
from .settings import MAX_BODY_BYTES
from .tls import Tls

SHUTDOWN_GRACE_S = 1
"""Calls under way may take this long when the server is told to end."""

_OPTIONS: dict[str, Any] = {
    "ws": "websockets-sansio",
    "ws_max_size": MAX_BODY_BYTES,
    "lifespan": "off",
    # Its access log would show query strings, which hold tokens; the twin has its own.
    "access_log": False,
    "log_level": "warning",
    "timeout_graceful_shutdown": SHUTDOWN_GRACE_S,
    "server_header": False,
}


class ResettableProtocol(H11Protocol):
    """Hands the connection to the app, so that a fault can reset it."""

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


class TwinServer(uvicorn.Server):
    """The first server: it owns the twin's live media, and the signals."""

    def __init__(
        self, app: Starlette, config: uvicorn.Config, *, warm: bool, on_ready: Callable[[], Any]
    ) -> None:
        super().__init__(config)
        self._twin = app.state.twin
        self._warm = warm
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Load live media if it is to be warm, then accept connections."""
        if self._warm:
            (await self._twin.load_media()).warm()
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the twin, then the connections."""
        await self._twin.close()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """End on a signal, and do not raise it again: being told to end is no failure."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in signals}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class TlsServer(uvicorn.Server):
    """The second server, ended by the first."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave the signals to the first server."""
        yield


async def serve(
    app: Starlette,
    listener: socket.socket,
    tls_listener: socket.socket | None,
    tls: Tls | None,
    *,
    warm: bool,
    on_ready: Callable[[], Any],
) -> None:
    """Serve the app on one socket or two until a signal comes."""
    plain = uvicorn.Config(app, http=ResettableProtocol, **_OPTIONS)
    server = TwinServer(app, plain, warm=warm, on_ready=on_ready)
    if tls is None or tls_listener is None:
        await server.serve(sockets=[listener])
        return
    config = uvicorn.Config(
        app,
        http=ResettableProtocol,
        ssl_certfile=tls.certificate,
        ssl_keyfile=tls.key,
        **_OPTIONS,
    )
    tls_server = TlsServer(config)
    tls_task = asyncio.ensure_future(tls_server.serve(sockets=[tls_listener]))
    try:
        await server.serve(sockets=[listener])
    finally:
        tls_server.should_exit = True
        await tls_task
