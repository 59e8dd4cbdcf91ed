"""Errors that are of no service's call: a path that nobody has, a body that is too large."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse, Response


def error_response(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in which the clients of every service find the member that they look at."""
    error = {"code": status, "message": message}
    return JSONResponse({**error, "error": error, "data": None}, status, headers)
