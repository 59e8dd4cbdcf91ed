"""HeyGen's envelopes and error codes.

Clients in the documentation look at `code`, at `message`, or at `error`, which is null when all is
well: so each envelope has them all.
"""

from __future__ import annotations

from typing import Any

from ..emulator import ServiceReply
from ..session import TwinPhase

# Codes of the table of errors in HeyGen's reference, with the HTTP status printed there.
STATE_CODES = {
    TwinPhase.NEW: 10001,
    TwinPhase.CONNECTING: 10002,
    TwinPhase.CONNECTED: 10003,
    TwinPhase.CLOSING: 10004,
    TwinPhase.CLOSED: 10005,
}
NOT_FOUND, CONCURRENT_LIMIT, AVATAR_NOT_FOUND, NO_QUOTA = 10006, 10007, 10012, 10015
TEXT_MISSING, NOT_JOINED, BAD_PARAMETER = 400001, 400006, 40012
UNAUTHORIZED, RATE_LIMIT, NO_ACCESS = 400112, 400123, 400599

TEXT_MISSING_MESSAGE = (
    "Key: 'TaskRequest.Text' Error:Field validation for 'Text' failed on the 'required' tag"
)


def success(data: Any) -> ServiceReply:
    """A reply with data."""
    return ServiceReply(200, {"code": 100, "message": "success", "error": None, "data": data})


def done() -> ServiceReply:
    """A reply without data."""
    return ServiceReply(200, {"code": 100, "message": "success", "error": None})


def error(status: int, code: int, message: str) -> ServiceReply:
    """An error in HeyGen's envelope."""
    failed = {"code": code, "message": message}
    return ServiceReply(status, {**failed, "error": failed})
