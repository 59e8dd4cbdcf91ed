"""The twin's own page, and the controls behind it: state, faults, clock."""

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

from ..errors import InvalidArgument
from .faults import read_faults
from .state import Twin

MAX_CONTROL_BYTES = 1_000_000

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


def control_routes(twin: Twin) -> list[BaseRoute]:
    """The routes of the page and the controls.

    | route | does |
    |---|---|
    | `GET /` | the page (and HEAD, which LiveKit clients send first) |
    | `GET /_twin/state` | settings, sessions, calls and faults as JSON; `?last=100` is shorter |
    | `GET POST DELETE /_twin/faults` | list, add (one or a list), remove all |
    | `DELETE /_twin/faults/{id}` | remove one |
    | `POST /_twin/clock` | `{"advance_s": 60}` lets a minute pass at once |
    | `POST /_twin/token` | `{"room": session id, "identity": "spy"}`: one more viewer's token |
    | `GET /_twin/heygen-shim.js` | leads HeyGen's chat websocket here, for pages that load it |
    """

    async def state(http: HttpRequest) -> Response:
        last = http.query_params.get("last", "")
        fits = last.isascii() and last.isdigit() and 0 < len(last) < 10
        return _json(twin.state(max(1, int(last)) if fits else sys.maxsize))

    async def list_faults(_: HttpRequest) -> Response:
        return _json(twin.faults.listed())

    async def add_faults(http: HttpRequest) -> Response:
        # A form of a foreign page cannot send this type.
        if not http.headers.get("content-type", "").startswith("application/json"):
            return _json({"error": "Content-Type must be application/json"}, 415)
        try:
            added = read_faults(await _small_body(http), twin.known_calls())
        except InvalidArgument as error:
            return _json({"error": str(error)}, 400)
        numbers = {twin.faults.add(fault) for fault in added}
        return _json([row for row in twin.faults.listed() if row["id"] in numbers], 201)

    async def remove_faults(http: HttpRequest) -> Response:
        return _json({"removed": twin.faults.remove(http.path_params.get("number"))})

    async def move_clock(http: HttpRequest) -> Response:
        try:
            body = msgspec.json.decode(await _small_body(http), type=dict[str, float])
        except msgspec.MsgspecError as error:
            return _json({"error": str(error)}, 400)
        seconds = body.get("advance_s", math.nan)
        if not 0 <= seconds <= 1e9:
            return _json({"error": "advance_s must be 0 or more seconds"}, 400)
        twin.jump(seconds)
        return _json({"now": twin.now()})

    async def token(http: HttpRequest) -> Response:
        try:
            body = msgspec.json.decode(await _small_body(http), type=dict[str, str])
            room, identity = body["room"], body["identity"]
        except (msgspec.MsgspecError, KeyError):
            return _json({"error": "room and identity are needed"}, 400)
        return _json({"token": twin.dice.livekit_token(room, identity, twin.now())})

    pages: list[BaseRoute] = [Route(path, _page(*what)) for path, what in _PAGE.items()]
    return [
        *pages,
        Route("/_twin/state", state),
        Route("/_twin/faults", list_faults, methods=["GET"]),
        Route("/_twin/faults", add_faults, methods=["POST"]),
        Route("/_twin/faults", remove_faults, methods=["DELETE"]),
        Route("/_twin/faults/{number:int}", remove_faults, methods=["DELETE"]),
        Route("/_twin/clock", move_clock, methods=["POST"]),
        Route("/_twin/token", token, methods=["POST"]),
    ]


def _page(name: str, media_type: str) -> Callable[[HttpRequest], Awaitable[Response]]:
    data = files(__package__).joinpath("page", name).read_bytes()

    async def page(_: HttpRequest) -> Response:
        return Response(data, headers=_PAGE_HEADERS, media_type=media_type)

    return page


async def _small_body(http: HttpRequest) -> bytes:
    body = bytearray()
    async for chunk in http.stream():
        body += chunk
        if len(body) > MAX_CONTROL_BYTES:
            return b"too large for JSON"
    return bytes(body)


def _json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")
