"""The routes of LiveKit. What is behind them is imported with the first client."""

from __future__ import annotations

import msgspec
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from ...errors import MissingPart
from ..refusal import refuse
from ..request_log import RequestRecord
from ..runtime import LIVEKIT_CALL, ROOM_SERVICE_CALL, TwinRuntime
from ..session import TwinSession
from .grants import NoGrant, RoomGrant

REFUSED_BY_FAULT = "refused by a fault"
ROOM_SERVICE = "/twirp/livekit.RoomService"


def livekit_routes(twin: TwinRuntime) -> list[BaseRoute]:
    """LiveKit's signalling (version 0 with two peer connections, 1 with one), its RoomService."""

    async def validate(http: HttpRequest) -> Response:
        # Browsers do not show why a websocket was refused, so clients ask here afterwards.
        status = twin.refused_tokens.pop(_token(http))
        if status is not None:
            return PlainTextResponse(REFUSED_BY_FAULT, status)
        try:
            authorize(twin, _token(http))
        except NoGrant as refusal:
            return PlainTextResponse(str(refusal), 401)
        return PlainTextResponse("success")

    async def rtc(socket: WebSocket) -> None:
        await _serve(twin, socket, v1=False)

    async def rtc_v1(socket: WebSocket) -> None:
        await _serve(twin, socket, v1=True)

    async def refuse_v1(socket: WebSocket) -> None:
        await _refuse(socket, 404, "this server has no /rtc/v1")

    async def refuse_validate(_: HttpRequest) -> Response:
        return PlainTextResponse("this server has no /rtc/v1", 404)

    async def room_service(http: HttpRequest) -> Response:
        return await _call_room_service(twin, http)

    v1 = twin.settings.rtc_v1
    return [
        WebSocketRoute("/rtc", rtc),
        WebSocketRoute("/rtc/v1", rtc_v1 if v1 else refuse_v1),
        Route("/rtc/validate", validate),
        Route("/rtc/v1/validate", validate if v1 else refuse_validate),
        Route(f"{ROOM_SERVICE}/{{method}}", room_service, methods=["POST"]),
    ]


def _token(http: HttpRequest | WebSocket) -> str:
    """JavaScript sends it in the query, Python in a header."""
    header = http.headers.get("authorization", "")
    return http.query_params.get("access_token") or header[len("Bearer ") :]


def authorize(twin: TwinRuntime, token: str) -> tuple[RoomGrant, TwinSession | None]:
    """The grant of a token to join a room, and the session whose room it is, if it is one's.

    Raises:
        NoGrant: It grants no such thing.
    """
    grant = twin.read_livekit_token(token)
    if not grant.video.roomJoin:
        raise NoGrant("permissions denied")
    return grant, _find_session(twin, grant)


def _find_session(twin: TwinRuntime, grant: RoomGrant) -> TwinSession | None:
    for service in twin.services.values():
        session = service.sessions.get(grant.video.room, twin.now())
        if session is not None and session.is_open:
            return session
    if not grant.is_made_by_client or not grant.video.room:
        raise NoGrant("requested room does not exist")
    return None


async def _serve(twin: TwinRuntime, socket: WebSocket, *, v1: bool) -> None:
    grant, session, refusal = None, None, ""
    try:
        grant, session = authorize(twin, _token(socket))
    except NoGrant as no_grant:
        refusal = str(no_grant)
    record = _log(twin, socket, LIVEKIT_CALL, session, "liveavatar" if grant else "heygen")
    fault = twin.faults.take(record.service, LIVEKIT_CALL)
    record.fault = fault.kind if fault else None
    if fault and fault.kind == "gone" and session:
        session.stop(twin.now(), "gone")
        grant, refusal = None, "requested room does not exist"
    elif fault and fault.kind.isdigit():
        record.status = int(fault.kind)
        twin.refused_tokens.put(_token(socket), record.status)
        await _refuse(socket, record.status, REFUSED_BY_FAULT)
        return
    if grant is None:
        record.status = 401
        await _refuse(socket, 401, refusal)
        return
    try:
        media = await twin.load_media()
    except MissingPart as missing:
        record.status = 501
        await _refuse(socket, 501, str(missing))
        return
    name = grant.video.room
    present = media.room_of(session) if session else media.find_room(name)
    if present is not None and present.is_full_for(grant.identity):
        record.status = 429
        await _refuse(socket, 429, "room has exceeded its max participants")
        return
    record.status = 101
    await socket.accept()
    from .join import serve_client

    room = media.room_of(session) if session else media.custom_room(name)
    try:
        await serve_client(room, socket, grant, v1=v1)
    finally:
        room.end_if_empty()


def _log(
    twin: TwinRuntime,
    http: HttpRequest | WebSocket,
    call: str,
    session: TwinSession | None,
    otherwise: str,
) -> RequestRecord:
    """Log a call as one of the session's service or, without a session, of `otherwise`."""
    method = "WS" if isinstance(http, WebSocket) else http.method
    service = session.service if session else otherwise
    record = twin.request_log.begin(twin.now(), service, call, method=method, path=http.url.path)
    record.session = session.id if session else None
    return record


async def _refuse(socket: WebSocket, status: int, reason: str) -> None:
    await refuse(socket.scope, socket.receive, socket.send, status, reason)


# ---- RoomService --------------------------------------------------------------------------------


async def _call_room_service(twin: TwinRuntime, http: HttpRequest) -> Response:
    try:
        grant = twin.read_livekit_token(_token(http))
        if not grant.video.roomAdmin:
            raise NoGrant("permissions denied")
        session = _find_session(twin, grant)
    except NoGrant as refusal:
        _log(twin, http, ROOM_SERVICE_CALL, None, "liveavatar").status = 401
        return _twirp_error("unauthenticated", str(refusal), 401)
    record = _log(twin, http, ROOM_SERVICE_CALL, session, "liveavatar")
    try:
        media = await twin.load_media()
    except MissingPart as missing:
        record.status = 501
        return _twirp_error("unimplemented", str(missing), 501)
    from . import room_service as api

    body = await twin.bodies.read(http, api.MAX_BODY_BYTES)
    kind = http.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        request = api.parse_request(http.path_params["method"], kind, body)
        if request.room != grant.video.room:
            raise api.TwirpError("unauthenticated", "permissions denied")
        room = media.room_of(session) if session else media.find_room(grant.video.room)
        data = api.answer(room, http.path_params["method"], kind, request)
    except api.TwirpError as error:
        record.status = error.status
        return _twirp_error(error.code, str(error), error.status)
    record.status = 200
    return Response(data, media_type=kind)


def _twirp_error(code: str, words: str, status: int) -> Response:
    data = msgspec.json.encode({"code": code, "msg": words})
    return Response(data, status, media_type="application/json")
