"""The ASGI app: HTTP in, `ServiceRequest` to an emulator, `ServiceReply` out.

A fault comes in between where one is asked for.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Awaitable, Callable

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from .admin_routes import control_routes
from .contract import (
    BadRequest,
    RequestRefused,
    ServiceCall,
    ServiceEmulator,
    ServiceReply,
    ServiceRequest,
)
from .fault_responses import HalfResponse, HangingResponse, ResetResponse
from .faults import Fault
from .heygen.chat import chat_routes
from .kaltura.whep_routes import whep_routes
from .liveavatar.lite import lite_routes
from .livekit.routes import media_routes
from .middleware import HostCheck, OwnPagesOnly
from .request_log import RequestRecord, redact
from .session import WrongPhase
from .settings import MAX_BODY_BYTES, TwinSettings
from .state import Twin

Endpoint = Callable[[HttpRequest], Awaitable[Response]]

_PROXY_PAGE = (
    "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head>"
    "<body><h1>502 Bad Gateway</h1></body></html>"
)


def wall_clock() -> Callable[[], float]:
    """Seconds since 1970, counted monotonically from now on."""
    offset = time.time() - time.monotonic()
    return lambda: time.monotonic() + offset


def create_app(
    settings: TwinSettings | None = None,
    *,
    clock: Callable[[], float] | None = None,
    entropy: Callable[[int], bytes] = secrets.token_bytes,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Starlette:
    """The offline twin as an ASGI app; `app.state.twin` is what is behind it.

    Args:
        settings: How it behaves; the defaults let any key in.
        clock: Seconds since 1970 on a clock that never goes back.
        entropy: Gives n random bytes: ids and tokens come from it.
        sleep: Waits, for the fault `slow`.
    """
    settings = settings or TwinSettings()
    twin = Twin(settings, clock or wall_clock(), entropy)
    routes: list[BaseRoute] = [
        Route(call.path, _endpoint(twin, service, call, sleep), methods=[call.method])
        for service in twin.services.values()
        for call in service.calls
    ]
    app = Starlette(
        routes=[
            *routes,
            *lite_routes(twin),
            *chat_routes(twin),
            *media_routes(twin),
            *whep_routes(twin),
            *control_routes(twin),
        ],
        middleware=[
            Middleware(HostCheck, allowed=settings.allowed_hosts),
            Middleware(OwnPagesOnly),
        ],
    )
    app.state.twin = twin
    return app


class _TooLarge(Exception):
    pass


async def read_body(http: HttpRequest) -> bytes:
    """The body, up to the limit.

    One over the limit is read on for a while but not kept: most clients look for an answer only
    when they have sent everything.
    """
    body = bytearray()
    size = 0
    async for chunk in http.stream():
        size += len(chunk)
        if size <= MAX_BODY_BYTES:
            body += chunk
        elif size > 4 * MAX_BODY_BYTES:
            break
    if size > MAX_BODY_BYTES:
        raise _TooLarge
    return bytes(body)


def _endpoint(
    twin: Twin,
    service: ServiceEmulator,
    call: ServiceCall,
    sleep: Callable[[float], Awaitable[None]],
) -> Endpoint:
    async def endpoint(http: HttpRequest) -> Response:
        began = time.monotonic()
        request = _request(twin, http, b"")
        record = twin.calls.begin(
            request.now,
            service.name,
            call.name,
            method=http.method,
            path=http.url.path,
            secrets=request.secrets() | twin.key,
        )
        try:
            request = _request(twin, http, await read_body(http))
        except _TooLarge:
            response: Response = PlainTextResponse(
                f"The body is larger than {MAX_BODY_BYTES} bytes.", 413, {"Connection": "close"}
            )
        except ClientDisconnect:
            record.status = 0
            return Response(status_code=400)  # nobody hears it
        else:
            _note(record, service, request, request.secrets() | twin.key)
            fault = twin.faults.take(service.name, call.name)
            record.fault = fault.kind if fault else None
            if fault and fault.kind == "slow":
                await sleep(fault.wait_s)
                request = _request(twin, http, request.body)
            response = _answer(twin, service, call, request, fault)
            record.session = record.session or _made(response)
        record.status = (
            0 if isinstance(response, (ResetResponse, HangingResponse)) else response.status_code
        )
        record.ms = round((time.monotonic() - began) * 1000, 3)
        return response

    return endpoint


def _request(twin: Twin, http: HttpRequest, body: bytes) -> ServiceRequest:
    return ServiceRequest(
        now=twin.now(),
        base_url=f"{http.url.scheme}://{http.headers.get('host', 'localhost')}",
        headers=dict(http.headers),
        query=dict(http.query_params),
        path=dict(http.path_params),
        body=body,
    )


def _note(
    record: RequestRecord,
    service: ServiceEmulator,
    request: ServiceRequest,
    secrets: frozenset[str],
) -> None:
    session = service.locate(request)
    record.session = session.id if session else None
    try:
        record.request = redact(request.json(), secrets)
    except BadRequest:
        record.request = f"{len(request.body)} bytes"


def _made(response: Response) -> str | None:
    """The id of the session that this answer tells of, if it does."""
    with contextlib.suppress(msgspec.MsgspecError):
        told = msgspec.json.decode(bytes(response.body), type=_Told)
        return told.data.session_id if told.data else told.sessionId
    return None


class _Data(msgspec.Struct):
    session_id: str | None = None


class _Told(msgspec.Struct):
    data: _Data | None = None
    sessionId: str | None = None  # noqa: N815 (Kaltura's spelling)


def carry_out(service: ServiceEmulator, call: ServiceCall, request: ServiceRequest) -> ServiceReply:
    """What the service answers when nothing goes wrong on purpose."""
    try:
        return call.handler(request)
    except RequestRefused as refused:
        return refused.reply
    except WrongPhase as wrong:
        return service.wrong_phase(wrong)
    except BadRequest as bad:
        return service.bad_request(str(bad))


def _answer(
    twin: Twin,
    service: ServiceEmulator,
    call: ServiceCall,
    request: ServiceRequest,
    fault: Fault | None,
) -> Response:
    if fault is None:
        return _response(carry_out(service, call, request))
    if fault.kind == "gone":
        session = service.locate(request)
        if session is not None and session.is_open:
            with contextlib.suppress(WrongPhase):
                session.stop(request.now, "gone")
    reply = carry_out(service, call, request) if fault.takes_effect else ServiceReply(200, {})
    return _spoiled(twin, service, call, fault, reply)


def _spoiled(
    twin: Twin, service: ServiceEmulator, call: ServiceCall, fault: Fault, reply: ServiceReply
) -> Response:
    good = _response(reply)
    body = bytes(good.body)
    match fault.kind:
        case "slow" | "gone":
            return good
        case "hang":
            spoiled: Response = HangingResponse(fault.wait_s, twin.closing)
        case "reset":
            spoiled = ResetResponse()
        case "half":
            spoiled = HalfResponse(body, good.status_code, media_type="application/json")
        case "half-json":
            half = body[: len(body) // 2]
            spoiled = Response(half, good.status_code, media_type="application/json")
        case "html":
            spoiled = HTMLResponse(_PROXY_PAGE, 502)
        case _:
            spoiled = _response(service.failure(fault.kind, call.name))
    return spoiled


def _response(reply: ServiceReply) -> Response:
    return Response(
        msgspec.json.encode(reply.payload),
        reply.status,
        dict(reply.headers),
        media_type="application/json",
    )
