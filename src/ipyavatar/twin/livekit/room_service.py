"""LiveKit's RoomService, as far as avatar plugins use it: Twirp, in protobuf or in JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message
from livekit.protocol import models as m
from livekit.protocol import room as api

from ...core.decode import decode_json, decode_protobuf
from ...errors import MalformedData
from .room import TwinRoom

JSON, PROTOBUF = "application/json", "application/protobuf"

MAX_BODY_BYTES = 100_000


class TwirpError(Exception):
    """An error, by its code in Twirp."""

    STATUS = {  # noqa: RUF012
        "bad_route": 404,
        "malformed": 400,
        "not_found": 404,
        "unauthenticated": 401,
        "unimplemented": 501,
    }

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code
        self.status = self.STATUS[code]


def list_participants(room: TwinRoom | None, _request: Any) -> Message:
    """Everybody in the room; nobody is in one that does not exist."""
    infos = room.participant_infos(public=False) if room is not None else []
    return api.ListParticipantsResponse(participants=infos)


def get_participant(room: TwinRoom | None, request: Any) -> Message:
    """One of them."""
    for info in room.participant_infos(public=False) if room is not None else ():
        if info.identity == request.identity:
            return info
    raise TwirpError("not_found", "participant does not exist")


def remove_participant(room: TwinRoom | None, request: Any) -> Message:
    """Put one out of the room."""
    get_participant(room, request)
    assert room is not None  # noqa: S101  # one is in it
    room.remove_identity(request.identity, m.PARTICIPANT_REMOVED)
    return api.RemoveParticipantResponse()


_METHODS: dict[str, tuple[type[Message], Callable[[TwinRoom | None, Any], Message]]] = {
    "ListParticipants": (api.ListParticipantsRequest, list_participants),
    "GetParticipant": (api.RoomParticipantIdentity, get_participant),
    "RemoveParticipant": (api.RoomParticipantIdentity, remove_participant),
}


def parse_request(method: str, content_type: str, body: bytes) -> Any:
    """The message of a call.

    Raises:
        TwirpError: There is no such call here, or it makes no sense.
    """
    if method not in _METHODS:
        raise TwirpError("unimplemented", f"this server has no {method[:100]}")
    kind = _METHODS[method][0]
    try:
        if content_type == PROTOBUF:
            return decode_protobuf(body, kind)
        if content_type == JSON:
            value = decode_json(body, dict[str, Any])
            return json_format.ParseDict(value, kind(), ignore_unknown_fields=True)
    except (MalformedData, json_format.ParseError):
        raise TwirpError("malformed", "the request could not be decoded") from None
    raise TwirpError("bad_route", f"unexpected Content-Type: {content_type[:100]!r}")


def answer(room: TwinRoom | None, method: str, content_type: str, request: Any) -> bytes:
    """Carry out a call; returns the message of its answer.

    Raises:
        TwirpError: It cannot be done.
    """
    message = _METHODS[method][1](room, request)
    if content_type == PROTOBUF:
        return message.SerializeToString()
    text: str = json_format.MessageToJson(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    return text.encode()
