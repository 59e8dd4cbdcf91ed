"""ASGI middleware: targets, checks of Host and of pages' origins, CORS, the bound on websockets."""

from __future__ import annotations

import contextlib
import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from ..core.log import get_logger
from ..core.loopback import is_loopback
from .origins import OriginPolicy
from .refusal import refuse

log = get_logger(__name__)

ADMIN_PREFIX = "/_twin"
MAX_WEBSOCKETS = 200
MAX_SHOWN = 200


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
    if is_loopback(name) or name in {item.lower() for item in allowed}:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class AbsoluteTarget:
    """Reads the target of a request in absolute form (`POST http://host/path`), as proxies send it.

    Its host counts in place of the header's, as HTTP has it; so it stands before all checks. What
    is asked in HTTP/1.0, which knows no Host, is asked of the address at which it came in: no
    browser speaks that, so no name can have been rebound.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with the target in the usual form."""
        if scope["type"] in ("http", "websocket"):
            # Of the raw path: in a decoded one "//" may have been anything.
            found = re.match(rb"(?i)(?:https?|wss?)://([^/?#]*)", scope.get("raw_path") or b"")
            if found is not None:
                headers = [(k, v) for k, v in scope["headers"] if k != b"host"]
                raw = scope["raw_path"][found.end() :] or b"/"
                scope = {
                    **scope,
                    "raw_path": raw,
                    "path": unquote(raw.decode("ascii", "replace")),
                    "headers": [(b"host", found[1]), *headers],
                }
            elif scope.get("http_version") == "1.0" and not _has(scope, b"host"):
                host = (b"host", _own_address(scope))
                scope = {**scope, "headers": [host, *scope["headers"]]}
        await self._app(scope, receive, send)


class HostCheck:
    """Refuses a request whose Host header is a foreign name (DNS rebinding) with 403.

    One that names no host gets 400.
    """

    def __init__(self, app: ASGIApp, allowed: Iterable[str]) -> None:
        self._app = app
        self._allowed = tuple(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond, or pass on."""
        if scope["type"] in ("http", "websocket"):
            host = _header(scope, b"host")
            if not host.strip():
                await refuse(scope, receive, send, 400, "The request names no host: send a Host.")
                return
            if not is_host_allowed(host, self._allowed):
                await refuse(scope, receive, send, 403, _tell_unserved(host))
                return
        await self._app(scope, receive, send)


class OriginCheck:
    """Refuses pages that may not use what they ask for, with 403; CORS for those that may.

    Without the refusal a page could not read what it is answered, but what it asks for would be
    done.
    """

    def __init__(self, app: ASGIApp, policy: OriginPolicy) -> None:
        self._app = app
        self._policy = policy
        self._with_cors = CORSMiddleware(
            app,
            allow_origin_regex=".*",  # who comes this far may read
            allow_credentials=True,
            allow_methods=["GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS"],
            allow_headers=["*"],
            expose_headers=["Location"],
            allow_private_network=True,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond, or pass on."""
        origin = _header(scope, b"origin") if scope["type"] in ("http", "websocket") else ""
        if not origin:
            await self._app(scope, receive, send)
            return
        own = f"{scope['scheme'].replace('ws', 'http', 1)}://{_header(scope, b'host')}"
        controls = scope["path"].startswith(ADMIN_PREFIX)
        allows = self._policy.may_control if controls else self._policy.may_use
        if not allows(origin, own):
            await refuse(scope, receive, send, 403, _tell_refused(origin, controls))
        elif scope["type"] == "http":
            await self._with_cors(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _tell_unserved(host: str) -> str:
    name = _shown(host.rpartition(":")[0] if re.search(r":\d*$", host) else host)
    return f"The host name {name} is not served here; start the twin with --allow-host {name}"


def _tell_refused(origin: str, controls: bool) -> str:
    """What to do for a page that is refused, for its developer tools and for the log."""
    shown = _shown(origin)
    what = "the twin's controls" if controls else "this twin"
    reason = f"Pages of {shown} may not use {what}; start it with --allow-origin {shown}"
    log.warning(reason)  # as it stands: each page is told once
    return reason


class WebSocketLimit:
    """Refuses a websocket with 503 while there are too many; a client may go at any moment."""

    def __init__(self, app: ASGIApp, limit: int = MAX_WEBSOCKETS) -> None:
        self._app = app
        self._limit = limit
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond, or pass on."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        if self._open >= self._limit:
            await refuse(scope, receive, send, 503, "There are too many websockets.")
            return
        self._open += 1
        try:
            with contextlib.suppress(WebSocketDisconnect):
                await self._app(scope, receive, send)
        finally:
            self._open -= 1


def _header(scope: Scope, name: bytes) -> str:
    return next((v.decode("latin-1") for k, v in scope["headers"] if k == name), "")


def _has(scope: Scope, name: bytes) -> bool:
    return any(key == name for key, _ in scope["headers"])


def _own_address(scope: Scope) -> bytes:
    """Where the request came in, as a Host header."""
    name, port = scope.get("server") or ("localhost", None)
    host = f"[{name}]" if ":" in name else name
    return (host if port is None else f"{host}:{port}").encode("ascii", "replace")


def _shown(text: str) -> str:
    """What a client has sent, fit for a log."""
    return "".join(c if c.isprintable() and c.isascii() else "?" for c in text)[:MAX_SHOWN]
