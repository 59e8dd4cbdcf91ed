"""ASGI middleware: the Host check, CORS for the services, the origin check for the admin API."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

ADMIN_PREFIX = "/_twin"


def is_host_allowed(host: str, allowed: Iterable[str]) -> bool:
    """Whether `host` (of a Host header) cannot be a foreign name that resolves to this machine.

    An address is not resolved, so it cannot be rebound; `localhost` is always this machine.
    """
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    if not name or "@" in host:
        return False
    if name == "localhost" or name.endswith(".localhost"):
        return True
    if name in {item.lower() for item in allowed}:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class HostCheck:
    """Refuses a request whose Host header is a foreign name (DNS rebinding) with 403."""

    def __init__(self, app: ASGIApp, allowed: Iterable[str]) -> None:
        self._app = app
        self._allowed = tuple(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond, or pass on."""
        if scope["type"] in ("http", "websocket"):
            host = _header(scope, b"host")
            if not is_host_allowed(host, self._allowed):
                await _refuse(scope, receive, send, "This host name is not served here.")
                return
        await self._app(scope, receive, send)


class AdminOriginCheck:
    """CORS for the services; the admin API refuses foreign origins with 403.

    The services accept every origin, as the real ones do; the admin API accepts the twin's own page
    and programs, which send no Origin.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._with_cors = CORSMiddleware(
            app,
            allow_origin_regex=".*",
            allow_credentials=True,
            allow_methods=["GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS"],
            allow_headers=["*"],
            expose_headers=["Location"],
            allow_private_network=True,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond, or pass on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if not scope["path"].startswith(ADMIN_PREFIX):
            await self._with_cors(scope, receive, send)
            return
        origin = _header(scope, b"origin")
        if origin and origin != f"{scope['scheme']}://{_header(scope, b'host')}":
            await _refuse(scope, receive, send, "Only the twin's own page may do this.")
            return
        await self._app(scope, receive, send)


def _header(scope: Scope, name: bytes) -> str:
    return next((v.decode("latin-1") for k, v in scope["headers"] if k == name), "")


async def _refuse(scope: Scope, receive: Receive, send: Send, reason: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": reason})
        return
    await PlainTextResponse(reason, status_code=403)(scope, receive, send)
