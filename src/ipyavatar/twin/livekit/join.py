"""How a LiveKit client joins a room, or resumes after it has lost its websocket."""

from __future__ import annotations

import base64
import contextlib
import gzip
import io
import zlib
from typing import Any

from livekit.protocol import models as m
from livekit.protocol import rtc as r
from starlette.websockets import WebSocket

from ...core.decode import decode_protobuf
from ...core.log import get_logger
from .grants import RoomGrant
from .participant import Participant
from .room import TwinRoom
from .room_client import RoomClient

log = get_logger(__name__)

MAX_JOIN_REQUEST_BYTES = 1_000_000


async def serve_client(room: TwinRoom, socket: WebSocket, grant: RoomGrant, *, v1: bool) -> None:
    """Serve one client on an accepted websocket, until that ends."""
    query = socket.query_params
    request = parse_join_request(query) if v1 else None
    resuming = request.reconnect if request is not None else query.get("reconnect") == "1"
    if resuming:
        sid = request.participant_sid if request is not None else query.get("sid", "")
        found = room.participants.get(sid)
        if found is None or found.identity != grant.identity:
            await _refuse_resume(socket)
            return
        client: RoomClient = found
        client.resume(socket)
    else:
        auto = _subscribes_to_all(request, query)
        client = participant = Participant(room, grant, socket, v1=v1, auto_subscribe=auto)
        room.add(participant)
        room.tasks.start(_start(participant, request))
    await client.serve(socket)
    room.on_websocket_lost(client, socket)


async def _refuse_resume(socket: WebSocket) -> None:
    leave = r.LeaveRequest(
        reason=m.STATE_MISMATCH, action=r.LeaveRequest.RECONNECT, can_reconnect=True
    )
    await socket.send_bytes(r.SignalResponse(leave=leave).SerializeToString())
    await socket.close()


def _subscribes_to_all(request: r.JoinRequest | None, query: Any) -> bool:
    """Whether the client is sent whatever is published, which is what they do unless told."""
    if request is None:
        return query.get("auto_subscribe", "1").lower() not in ("0", "false")
    return not request.HasField("connection_settings") or request.connection_settings.auto_subscribe


async def _start(participant: Participant, request: r.JoinRequest | None) -> None:
    try:
        await participant.start(request)
    except Exception as error:
        log.warning("%s could not join: %s", participant.identity, error)
        participant.room.remove(participant, reason=m.JOIN_FAILURE, why="could not join")


def parse_join_request(query: Any) -> r.JoinRequest:
    """The join request of a v1 query; an empty one when it cannot be read."""
    text = query.get("join_request", "")
    with contextlib.suppress(ValueError, OSError, EOFError, zlib.error):
        padded = text + "=" * (-len(text) % 4)
        wrapped = decode_protobuf(base64.urlsafe_b64decode(padded), r.WrappedJoinRequest)
        data = wrapped.join_request
        if wrapped.compression == r.WrappedJoinRequest.GZIP:
            data = gzip.GzipFile(fileobj=io.BytesIO(data)).read(MAX_JOIN_REQUEST_BYTES)
        return decode_protobuf(data, r.JoinRequest)
    return r.JoinRequest()
