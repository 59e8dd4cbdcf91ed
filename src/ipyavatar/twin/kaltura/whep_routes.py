"""The WHEP routes of Kaltura's media server."""

from __future__ import annotations

from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from ...errors import MediaError, MissingPart
from ..runtime import WHEP_CALL, TwinRuntime

PATH = "/rtc/v1/whep/"
MAX_SDP_BYTES = 200_000
SDP = "application/sdp"


def whep_routes(twin: TwinRuntime) -> list[BaseRoute]:
    """POST an offer to `PATH?app=app&stream=ID`; DELETE what `Location` names.

    | status | when |
    |---|---|
    | 201 | answered; `Location` is the viewer |
    | 400 | the body is no offer |
    | 404 | there is no such stream, or no such viewer |
    | 406 | the offer has no H264, the only video that is sent |
    | 409 | the stream has a viewer |
    | 415 | the body is not `application/sdp` |
    """

    async def view(http: HttpRequest) -> Response:
        stream = http.query_params.get("stream", "")
        record = twin.request_log.begin(
            twin.now(), "kaltura", WHEP_CALL, method="POST", path=http.url.path
        )
        record.session = stream[:100] or None
        fault = twin.faults.take("kaltura", WHEP_CALL)
        if fault and fault.kind.isdigit():
            record.fault = fault.kind
            response: Response = PlainTextResponse("failed by a fault", int(fault.kind))
        else:
            response = await _view(twin, http, stream)
        record.status = response.status_code
        return response

    async def leave(http: HttpRequest) -> Response:
        media = await twin.load_media()
        path = http.path_params
        if await media.whep.leave(path["session_id"], path["viewer"]):
            return Response(status_code=200)
        return PlainTextResponse("There is no such viewer.", 404)

    return [
        Route(PATH, view, methods=["POST"]),
        Route(PATH + "{session_id}/{viewer}", leave, methods=["DELETE"]),
    ]


async def _view(twin: TwinRuntime, http: HttpRequest, stream: str) -> Response:
    session = twin.services["kaltura"].sessions.get(stream, twin.now())
    if session is None or not session.is_open:
        return PlainTextResponse("There is no active stream of this name.", 404)
    sdp = await _offer(twin, http)
    if isinstance(sdp, Response):
        return sdp
    try:
        media = await twin.load_media()
    except MissingPart as missing:
        return PlainTextResponse(str(missing), 501)
    from .whep import StreamTaken

    name = twin.tokens.hex(8)
    try:
        answer = await media.whep.view(session, media.session_media(session), name, sdp)
    except StreamTaken:
        return PlainTextResponse("The stream has a viewer already.", 409)
    except MediaError as error:
        return PlainTextResponse(str(error), 400)
    location = f"{PATH}{session.id}/{name}"
    return Response(answer, 201, {"Location": location}, media_type=SDP)


async def _offer(twin: TwinRuntime, http: HttpRequest) -> str | Response:
    """The offer in the body, or what is wrong with it."""
    if http.headers.get("content-type", "").partition(";")[0].strip().lower() != SDP:
        return PlainTextResponse(f"The offer must be {SDP}.", 415)
    sdp = (await twin.bodies.read(http, MAX_SDP_BYTES)).decode("utf-8", "replace")
    if not sdp.startswith("v=0"):
        return PlainTextResponse("The body is no offer.", 400)
    if "h264/90000" not in sdp.lower():
        return PlainTextResponse("The offer has no H264, and nothing else is sent.", 406)
    return sdp
