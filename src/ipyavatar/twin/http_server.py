"""The twin's HTTP servers: uvicorn, with bounds on what clients may cost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Generator
from types import FrameType
from typing import Any

import uvicorn
from starlette.applications import Starlette

from ..core.tasks import TaskSet
from .acceptor import Acceptor
from .connection_watch import ConnectionWatch, connection_limit
from .http_protocol import WatchedConfig, WatchedHttp

SHUTDOWN_GRACE_S = 1
"""Calls under way may take this long when the server is told to end."""

END_S = 10.0
"""What has not ended by then after a signal is left as it is."""

MAX_MESSAGE_BYTES = 2_000_000
"""Of a websocket's message; the largest that has a use is a megabyte of sound in base64."""

_OPTIONS: dict[str, Any] = {
    "ws_max_size": MAX_MESSAGE_BYTES,
    "lifespan": "off",
    # Its access log would show query strings, which hold tokens; the twin has its own.
    "access_log": False,
    "log_config": None,
    "log_level": "warning",
    "timeout_graceful_shutdown": SHUTDOWN_GRACE_S,
    "server_header": False,
}


class ExitDeadline:
    """Ends the process some time after a signal, whatever stands still; a context manager."""

    def __init__(self, seconds: float = END_S) -> None:
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def start(self) -> None:
        """The signal has come; twice is harmless."""
        if self._timer.ident is None:
            self._timer.start()

    def _end(self) -> None:
        print("The twin did not end in time, and is left as it is.", file=sys.stderr)  # noqa: T201
        os._exit(1)

    def __enter__(self) -> ExitDeadline:
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()


class WatchedServer(uvicorn.Server):
    """A server whose connections are under the watch of its configuration."""

    config: WatchedConfig

    def __init__(self, config: WatchedConfig, ssl_context: ssl.SSLContext | None = None) -> None:
        super().__init__(config)
        self._ssl = ssl_context

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections."""
        await self.lifespan.startup()
        self.servers = [
            Acceptor(listener, self._make_protocol, self._ssl)  # type: ignore[misc]
            for listener in sockets or []
        ]
        self.started = True

    def _make_protocol(self) -> asyncio.Protocol:
        return WatchedHttp(self.config, self.server_state, app_state={})

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave the signals to the first server."""
        yield


class TwinServer(WatchedServer):
    """The first server: it owns the twin's live media, and the signals."""

    def __init__(
        self,
        app: Starlette,
        config: WatchedConfig,
        *,
        warm: bool,
        on_ready: Callable[[], Any],
        deadline: ExitDeadline,
    ) -> None:
        super().__init__(config)
        self._deadline = deadline
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
        """End the twin, then the connections; clients that owe something first."""
        self.config.watch.close()
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

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End, and in time, whatever stands still."""
        self._deadline.start()
        super().handle_exit(sig, frame)


async def serve(
    app: Starlette,
    listener: socket.socket,
    tls_listener: socket.socket | None,
    ssl_context: ssl.SSLContext | None,
    *,
    warm: bool,
    on_ready: Callable[[], Any],
    deadline: ExitDeadline,
) -> None:
    """Serve the app on one socket or two until a signal comes."""
    watch = ConnectionWatch(time.monotonic, limit=connection_limit())
    tasks = TaskSet("the twin's servers")
    tasks.start(watch.run())
    config = WatchedConfig(app, watch, **_OPTIONS)
    server = TwinServer(app, config, warm=warm, on_ready=on_ready, deadline=deadline)
    tls_server = None
    if tls_listener is not None:
        tls_server = WatchedServer(WatchedConfig(app, watch, **_OPTIONS), ssl_context)
    try:
        if tls_server is not None:
            serving = tasks.start(tls_server.serve(sockets=[tls_listener]))  # type: ignore[list-item]
        await server.serve(sockets=[listener])
        if tls_server is not None:
            tls_server.should_exit = True
            await serving
    finally:
        await tasks.close()
