"""The twin's own page, and the admin API behind it: state, faults, clock."""

from __future__ import annotations

import math
import sys
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any

import msgspec
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ..core.decode import decode_json
from ..errors import InvalidArgument, MalformedData
from .emulator import parse_number
from .faults import read_faults
from .runtime import TwinRuntime

HttpHandler = Callable[[HttpRequest], Awaitable[Response]]

MAX_BODY_BYTES = 1_000_000
MAX_NAME = 256

_PAGE = {
    "/": ("page.html", "text/html"),
    "/_twin/page.css": ("page.css", "text/css"),
    "/_twin/page.js": ("page.js", "text/javascript"),
    "/_twin/heygen-shim.js": ("heygen-shim.js", "text/javascript"),
    "/_twin/portrait.svg": ("portrait.svg", "image/svg+xml"),
}
# The page needs nothing from anywhere else, and must not be framed by anybody.
_PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def admin_routes(twin: TwinRuntime) -> list[BaseRoute]:
    """The routes of the page and the admin API.

    | route | does |
    |---|---|
    | `GET /` | the page (and HEAD, which LiveKit clients send first) |
    | `GET /_twin/state` | settings, sessions, calls and faults as JSON; `?last=100` is shorter |
    | `GET POST DELETE /_twin/faults` | list, add (one or a list), remove all |
    | `DELETE /_twin/faults/{id}` | remove one |
    | `POST /_twin/clock` | `{"advance_s": 60}` lets a minute pass at once |
    | `POST /_twin/token` | `{"room": session id, "identity": "x"}`: one more viewer's token |
    | `GET /_twin/heygen-shim.js` | leads HeyGen's chat websocket here, for pages that load it |

    With `--api-key`, the state, faults, clock and tokens need that key in the header `X-Api-Key`.
    """
    api = AdminApi(twin)

    def keyed(path: str, handler: HttpHandler, method: str) -> Route:
        return Route(path, _require_key(twin, handler), methods=[method])

    pages: list[BaseRoute] = [Route(path, _page(*file)) for path, file in _PAGE.items()]
    return [
        *pages,
        keyed("/_twin/state", api.get_state, "GET"),
        keyed("/_twin/faults", api.list_faults, "GET"),
        keyed("/_twin/faults", api.add_faults, "POST"),
        keyed("/_twin/faults", api.remove_faults, "DELETE"),
        keyed("/_twin/faults/{number:int}", api.remove_faults, "DELETE"),
        keyed("/_twin/clock", api.advance_clock, "POST"),
        keyed("/_twin/token", api.create_token, "POST"),
    ]


class AdminApi:
    """The handlers of the admin API."""

    def __init__(self, twin: TwinRuntime) -> None:
        self._twin = twin

    async def get_state(self, http: HttpRequest) -> Response:
        """The state as JSON."""
        last = parse_number(http.query_params.get("last", ""))
        return _json(self._twin.state(sys.maxsize if last is None else max(1, last)))

    async def list_faults(self, _: HttpRequest) -> Response:
        """The faults that are waiting."""
        return _json(self._twin.faults.to_json())

    async def add_faults(self, http: HttpRequest) -> Response:
        """Add the faults of the body."""
        # A form of a foreign page cannot send this type.
        if not http.headers.get("content-type", "").startswith("application/json"):
            return _json({"error": "Content-Type must be application/json"}, 415)
        twin = self._twin
        body = await twin.bodies.read(http, MAX_BODY_BYTES)
        try:
            numbers = set(twin.faults.add_all(read_faults(body, twin.known_calls())))
        except InvalidArgument as error:
            return _json({"error": str(error)}, 400)
        return _json([row for row in twin.faults.to_json() if row["id"] in numbers], 201)

    async def remove_faults(self, http: HttpRequest) -> Response:
        """Remove the fault of the path, or all."""
        return _json({"removed": self._twin.faults.remove(http.path_params.get("number"))})

    async def advance_clock(self, http: HttpRequest) -> Response:
        """Let seconds pass at once."""
        raw = await self._twin.bodies.read(http, MAX_BODY_BYTES)
        try:
            body = decode_json(raw, dict[str, float])
            self._twin.advance_clock(body.get("advance_s", math.nan))
        except (MalformedData, InvalidArgument) as error:
            return _json({"error": str(error)}, 400)
        return _json({"now": self._twin.now()})

    async def create_token(self, http: HttpRequest) -> Response:
        """A LiveKit token for one more viewer."""
        raw = await self._twin.bodies.read(http, MAX_BODY_BYTES)
        try:
            body = decode_json(raw, dict[str, str])
            room, identity = body["room"], body["identity"]
        except (MalformedData, KeyError):
            return _json({"error": "room and identity are needed"}, 400)
        if max(len(room), len(identity)) > MAX_NAME:
            return _json({"error": f"room and identity have up to {MAX_NAME} characters"}, 400)
        token = self._twin.tokens.livekit_token(room, identity, self._twin.now())
        return _json({"token": token})


def _require_key(twin: TwinRuntime, handler: HttpHandler) -> HttpHandler:
    """The handler, for requests that have the twin's key, if it has one."""

    async def handle(http: HttpRequest) -> Response:
        needed = twin.settings.api_key is not None
        if needed and not twin.settings.accepts_key(http.headers.get("x-api-key", "")):
            return _json({"error": "The key of the twin is needed in the header X-Api-Key"}, 401)
        return await handler(http)

    return handle


def _page(name: str, media_type: str) -> HttpHandler:
    data = files(__package__).joinpath("page", name).read_bytes()

    async def page(_: HttpRequest) -> Response:
        return Response(data, headers=_PAGE_HEADERS, media_type=media_type)

    return page


def _json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")
