"""The ASGI app: HTTP in, `ServiceRequest` to an emulator, `ServiceReply` out, faults in between."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Awaitable, Callable

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from ..core.decode import decode_json
from ..core.tasks import TaskSet
from ..errors import MalformedData, MediaError, MissingPart
from .admin_routes import admin_routes
from .emulator import (
    BadRequest,
    ErrorReply,
    ServiceCall,
    ServiceEmulator,
    ServiceReply,
    ServiceRequest,
)
from .error_body import error_response
from .fault_responses import HalfResponse, HangingResponse, ResetResponse
from .faults import Fault
from .heygen.chat import chat_routes
from .kaltura.whep_routes import whep_routes
from .liveavatar.lite import lite_routes
from .livekit.routes import livekit_routes
from .middleware import AbsoluteTarget, HostCheck, OriginCheck, WebSocketLimit
from .origins import OriginPolicy
from .request_body import BodyEncoded, BodyTooLarge, TooManyBodies
from .request_log import RequestRecord, redact_json
from .runtime import TwinRuntime
from .session import QueueFull, WrongPhase
from .settings import MAX_BODY_BYTES, TwinSettings

_PROXY_PAGE = (
    "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head>"
    "<body><h1>502 Bad Gateway</h1></body></html>"
)


MAX_LOGGED_BYTES = 20_000
"""A longer body is not kept in the request log, only its length."""


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
    """The offline twin as an ASGI app; `app.state.twin` is its `TwinRuntime`.

    Args:
        settings: How it behaves; the defaults accept any key.
        clock: Seconds since 1970 on a clock that never goes back.
        entropy: Gives n random bytes: ids and tokens come from it.
        sleep: Waits, for the fault `slow`.
    """
    settings = settings or TwinSettings()
    twin = TwinRuntime(settings, clock or wall_clock(), entropy)
    routes: list[BaseRoute] = [
        Route(call.path, CallEndpoint(twin, service, call, sleep).handle, methods=[call.method])
        for service in twin.services.values()
        for call in service.calls
    ]
    app = Starlette(
        routes=[
            *routes,
            *lite_routes(twin),
            *chat_routes(twin),
            *livekit_routes(twin),
            *whep_routes(twin),
            *admin_routes(twin),
        ],
        middleware=[
            Middleware(AbsoluteTarget),
            Middleware(HostCheck, allowed=settings.allowed_hosts),
            Middleware(OriginCheck, policy=OriginPolicy.of(settings.allowed_origins)),
            Middleware(WebSocketLimit),
        ],
        exception_handlers={
            BodyEncoded: _answer_encoded,
            BodyTooLarge: _answer("The body is too large.", 413),
            TooManyBodies: _answer("There is too much to read at the moment.", 503),
            ClientDisconnect: _answer("", 400),  # nobody is there to receive it
            HTTPException: _answer_no_route,
            Exception: _answer("Internal server error", 500),
        },
    )
    app.state.twin = twin
    return app


def _answer(text: str, status: int) -> Callable[[HttpRequest, Exception], Awaitable[Response]]:
    async def answer(_http: HttpRequest, _error: Exception) -> Response:  # else on a thread
        return error_response(status, text, {"Connection": "close"})

    return answer


async def _answer_encoded(_http: HttpRequest, error: Exception) -> Response:
    """415, and what would be taken."""
    headers = {"Connection": "close", "Accept-Encoding": "identity"}
    return error_response(415, str(error), headers)


async def _answer_no_route(_http: HttpRequest, error: Exception) -> Response:
    """404 and 405."""
    assert isinstance(error, HTTPException)  # noqa: S101  # it is registered for no other
    return error_response(error.status_code, error.detail, error.headers)


class CallEndpoint:
    """One call of a service over HTTP: logged, with a fault where one is due."""

    def __init__(
        self,
        twin: TwinRuntime,
        service: ServiceEmulator,
        call: ServiceCall,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._twin = twin
        self._service = service
        self._call = call
        self._sleep = sleep

    async def handle(self, http: HttpRequest) -> Response:
        """Log the request, and respond to it."""
        twin, began = self._twin, time.monotonic()
        request = self._request(http, b"")
        record = twin.request_log.begin(
            request.now,
            self._service.name,
            self._call.name,
            method=http.method,
            path=http.url.path,
            secrets=request.secrets() | twin.secrets,
        )
        try:
            # A body is read for those alone who may send one.
            if refusal_of(self._call, request) is None:
                request = self._request(http, await twin.bodies.read(http))
        except BodyEncoded as error:
            response: Response = await _answer_encoded(http, error)
        except BodyTooLarge:
            words = f"The body is larger than {MAX_BODY_BYTES} bytes."
            response = error_response(413, words, {"Connection": "close"})
        except TooManyBodies:
            response = _response_of(self._service.failure("503", self._call.name))
        except ClientDisconnect:
            record.status = 0
            return Response(status_code=400)  # nobody is there to receive it
        else:
            response = await self._respond(http, request, record)
        unanswered = isinstance(response, (ResetResponse, HangingResponse))
        record.status = 0 if unanswered else response.status_code
        record.ms = round((time.monotonic() - began) * 1000, 3)
        return response

    def _request(self, http: HttpRequest, body: bytes) -> ServiceRequest:
        return ServiceRequest(
            now=self._twin.now(),
            base_url=f"{http.url.scheme}://{http.headers.get('host', 'localhost')}",
            headers=dict(http.headers),
            query=dict(http.query_params),
            path=dict(http.path_params),
            body=body,
            route=http.url.path,
        )

    async def _respond(
        self, http: HttpRequest, request: ServiceRequest, record: RequestRecord
    ) -> Response:
        session = self._service.find_session(request)
        record.session = session.id if session else None
        record.request = f"{len(request.body)} bytes"
        if len(request.body) <= MAX_LOGGED_BYTES:
            with contextlib.suppress(BadRequest):
                record.request = redact_json(request.json(), request.secrets() | self._twin.secrets)
        fault = self._twin.faults.take(self._service.name, self._call.name)
        if fault is None:
            response = _response_of(await self._execute(request))
        else:
            record.fault = fault.kind
            if fault.kind == "slow":
                await self._wait(fault.wait_s)
                request = self._request(http, request.body)
            response = await self._respond_with_fault(request, fault)
        record.session = record.session or _created_session_id(response)
        return response

    async def _wait(self, seconds: float) -> None:
        """Wait, or until the twin ends."""
        tasks = TaskSet("a slow call")
        waits = [tasks.start(self._sleep_for(seconds)), tasks.start(self._twin.closing.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await tasks.close()

    async def _sleep_for(self, seconds: float) -> None:
        await self._sleep(seconds)

    async def _execute(self, request: ServiceRequest) -> ServiceReply:
        reply = execute_call(self._service, self._call, request)
        if self._call.stream_handler is None or reply.status >= 300:
            return reply
        try:
            return await self._call.stream_handler(self._twin.load_media, request, reply)
        except (MissingPart, MediaError) as error:
            return self._service.bad_request(str(error))

    async def _respond_with_fault(self, request: ServiceRequest, fault: Fault) -> Response:
        if fault.kind == "gone":
            session = self._service.find_session(request)
            if session is not None and session.is_open:
                with contextlib.suppress(WrongPhase):
                    session.stop(request.now, "gone")
        if fault.takes_effect:
            reply = await self._execute(request)
        else:
            reply = ServiceReply(200, {})
        return self._apply_fault(fault, _response_of(reply))

    def _apply_fault(self, fault: Fault, intact: Response) -> Response:
        body = bytes(intact.body)
        match fault.kind:
            case "slow" | "gone":
                return intact
            case "hang":
                faulty: Response = HangingResponse(fault.wait_s, self._twin.closing)
            case "reset":
                faulty = ResetResponse()
            case "half":
                faulty = HalfResponse(body, intact.status_code, media_type="application/json")
            case "half-json":
                half = body[: len(body) // 2]
                faulty = Response(half, intact.status_code, media_type="application/json")
            case "html":
                faulty = HTMLResponse(_PROXY_PAGE, 502)
            case _:
                faulty = _response_of(self._service.failure(fault.kind, self._call.name))
        return faulty


def refusal_of(call: ServiceCall, request: ServiceRequest) -> ServiceReply | None:
    """The reply to a key or token that is not accepted, or None."""
    try:
        call.authorize(request)
    except ErrorReply as error:
        return error.reply
    return None


def execute_call(
    service: ServiceEmulator, call: ServiceCall, request: ServiceRequest
) -> ServiceReply:
    """What the service replies when nothing goes wrong on purpose."""
    refusal = refusal_of(call, request)
    if refusal is not None:
        return refusal
    try:
        return call.handler(request)
    except ErrorReply as error:
        return error.reply
    except QueueFull:
        return service.failure("429", call.name)
    except WrongPhase as wrong:
        return service.wrong_phase(wrong)
    except BadRequest as bad:
        return service.bad_request(str(bad))


def _response_of(reply: ServiceReply) -> Response:
    payload = reply.payload
    body = payload if isinstance(payload, bytes) else msgspec.json.encode(payload)
    return Response(body, reply.status, dict(reply.headers), media_type=reply.media_type)


class _CreatedData(msgspec.Struct):
    session_id: str | None = None


class _CreatedSession(msgspec.Struct):
    data: _CreatedData | None = None
    sessionId: str | None = None  # noqa: N815 (Kaltura's spelling)


def _created_session_id(response: Response) -> str | None:
    """The id of the session that this response announces, if it does."""
    with contextlib.suppress(MalformedData):
        created = decode_json(bytes(response.body), _CreatedSession)
        return created.data.session_id if created.data else created.sessionId
    return None
