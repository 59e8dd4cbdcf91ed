"""LiveAvatar's envelopes."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlencode

from ..emulator import ErrorReply, ServiceReply, ServiceRequest

# The SDK takes nothing but 1000 for success, whatever the OpenAPI schema says.
_SUCCESS = 1000

LARGEST_PAGE = 100

DIGITS = 18
"""Of a number in a query: more are no number of anything."""

MADE_AT = 1_760_000_000.0
"""When what was always there was made."""


def paginate(request: ServiceRequest, rows: list[dict[str, Any]]) -> ServiceReply:
    """One page of rows, as the query asks for it; `next` and `previous` ask for the same rows.

    Raises:
        ErrorReply: The query is none.
    """
    number, size = query_number(request, "page", 1, 1), query_number(request, "page_size", 20, 1)
    size = min(LARGEST_PAGE, size)

    def link(page: int) -> str:
        query = urlencode({**request.query, "page": page, "page_size": size})
        return f"{request.base_url}{request.route}?{query}"

    return success(
        {
            "count": len(rows),
            "next": link(number + 1) if number * size < len(rows) else None,
            "previous": link(number - 1) if number > 1 else None,
            "results": rows[(number - 1) * size : number * size],
        }
    )


def query_number(request: ServiceRequest, name: str, default: int, least: int = 0) -> int:
    """A number of the query, `default` where it is missing.

    Raises:
        ErrorReply: It is something else, or less than `least`.
    """
    if name not in request.query:
        return default
    text = request.query[name]
    digits = text.removeprefix("-")
    number = int(text) if digits.isascii() and digits.isdigit() and len(digits) <= DIGITS else None
    if number is None:
        raise ErrorReply(invalid(name, "Input should be a valid integer", "int_parsing", "query"))
    if number < least:
        words = f"Input should be greater than or equal to {least}"
        raise ErrorReply(invalid(name, words, "greater_than_equal", "query"))
    return number


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
