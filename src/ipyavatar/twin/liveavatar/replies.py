"""LiveAvatar's envelopes."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ..emulator import ServiceReply, ServiceRequest

# The SDK takes nothing but 1000 for success, whatever the OpenAPI schema says.
_SUCCESS = 1000

MADE_AT = 1_760_000_000.0
"""When what was always there was made."""


def paginate(request: ServiceRequest, rows: list[dict[str, Any]]) -> ServiceReply:
    """One page of rows, as the query asks for it."""
    number, size = request.query_number("page", 1), min(100, request.query_number("page_size", 20))

    def link(page: int) -> str | None:
        return f"{request.base_url}/v1/?page={page}&page_size={size}"

    return success(
        {
            "count": len(rows),
            "next": link(number + 1) if number * size < len(rows) else None,
            "previous": link(number - 1) if number > 1 else None,
            "results": rows[(number - 1) * size : number * size],
        }
    )


def success(data: Any, status: int = 200) -> ServiceReply:
    """A reply with data."""
    return ServiceReply(status, {"code": _SUCCESS, "data": data, "message": "Success"})


def error(status: int, message: str, headers: dict[str, str] | None = None) -> ServiceReply:
    """An error in LiveAvatar's envelope."""
    return ServiceReply(status, {"code": status, "data": None, "message": message}, headers or {})


def invalid(name: str, message: str, kind: str, place: str = "body") -> ServiceReply:
    """A body (or path, or query) whose member `name` is refused."""
    where = [place] if name == place else [place, name]
    return ServiceReply(422, {"detail": [{"loc": where, "msg": message, "type": kind}]})


def missing(name: str) -> ServiceReply:
    """A body without the member `name`."""
    return invalid(name, "Field required", "missing")


def iso_time(at: float) -> str:
    """A time, in seconds since 1970, as it is told."""
    return datetime.fromtimestamp(at, timezone.utc).isoformat()
