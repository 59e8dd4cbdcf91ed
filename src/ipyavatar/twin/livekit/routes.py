"""The routes of LiveKit. What is behind them is imported with the first client."""

from __future__ import annotations

from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from ...errors import MissingPart
from ..refusal import refuse
from ..runtime import LIVEKIT_CALL, TwinRuntime
from ..session import TwinSession

REFUSED_BY_FAULT = "refused by a fault"


def livekit_routes(twin: TwinRuntime) -> list[BaseRoute]:
    """LiveKit's signalling: version 0 with two peer connections, version 1 with one."""

    async def validate(http: HttpRequest) -> Response:
        # Browsers do not show why a websocket was refused, so clients ask here afterwards.
        status = twin.refused_tokens.pop(_token(dict(http.query_params), dict(http.headers)))
        if status is not None:
            return PlainTextResponse(REFUSED_BY_FAULT, status)
        grant, refusal = authorize(twin, dict(http.query_params), dict(http.headers))
        if grant is None:
            return PlainTextResponse(refusal, 401)
        return PlainTextResponse("success")

    async def rtc(socket: WebSocket) -> None:
        await _serve(twin, socket, v1=False)

    async def rtc_v1(socket: WebSocket) -> None:
        await _serve(twin, socket, v1=True)

    async def refuse_v1(socket: WebSocket) -> None:
        await _refuse(socket, 404, "this server has no /rtc/v1")

    async def refuse_validate(_: HttpRequest) -> Response:
        return PlainTextResponse("this server has no /rtc/v1", 404)

    v1 = twin.settings.rtc_v1
    return [
        WebSocketRoute("/rtc", rtc),
        WebSocketRoute("/rtc/v1", rtc_v1 if v1 else refuse_v1),
        Route("/rtc/validate", validate),
        Route("/rtc/v1/validate", validate if v1 else refuse_validate),
    ]


def authorize(
    twin: TwinRuntime, query: dict[str, str], headers: dict[str, str]
) -> tuple[tuple[TwinSession, str] | None, str]:
    """The session and the identity of a LiveKit token, or the reason of a refusal.

    JavaScript sends the token in the query, Python in a header.
    """
    claims = twin.tokens.decode(_token(query, headers))
    if claims is None:
        return None, "invalid token"
    if claims.get("exp", 0) < twin.now():
        return None, "token is expired"
    grants = claims.get("video")
    name = grants.get("room") if isinstance(grants, dict) else None
    for service in twin.services.values():
        session = service.sessions.get(name, twin.now())
        if session is not None and session.is_open:
            return (session, str(claims.get("sub") or "client")), ""
    return None, "requested room does not exist"


def _token(query: dict[str, str], headers: dict[str, str]) -> str:
    return query.get("access_token") or headers.get("authorization", "")[len("Bearer ") :]


async def _serve(twin: TwinRuntime, socket: WebSocket, *, v1: bool) -> None:
    grant, refusal = authorize(twin, dict(socket.query_params), dict(socket.headers))
    service = grant[0].service if grant else "heygen"
    record = twin.request_log.begin(
        twin.now(), service, LIVEKIT_CALL, method="WS", path=socket.url.path
    )
    record.session = grant[0].id if grant else None
    fault = twin.faults.take(service, LIVEKIT_CALL)
    record.fault = fault.kind if fault else None
    if fault and fault.kind == "gone" and grant:
        grant[0].stop(twin.now(), "gone")
        grant, refusal = None, "requested room does not exist"
    elif fault and fault.kind.isdigit():
        record.status = int(fault.kind)
        token = _token(dict(socket.query_params), dict(socket.headers))
        twin.refused_tokens.put(token, record.status)
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
    session, identity = grant
    room = media.room(session)
    if room.is_full_for(identity):
        record.status = 429
        await _refuse(socket, 429, "room has exceeded its max participants")
        return
    record.status = 101
    await socket.accept()
    from .join import serve_client

    try:
        await serve_client(media.room(session), socket, identity, v1=v1)
    except WebSocketDisconnect:
        return


async def _refuse(socket: WebSocket, status: int, reason: str) -> None:
    await refuse(socket.scope, socket.receive, socket.send, status, reason)
