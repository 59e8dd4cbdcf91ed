"""The HTTP client of this package: what it does is not logged by its libraries.

At the level DEBUG these log addresses and headers, which hold tokens and keys.
"""

from __future__ import annotations

import contextlib
import contextvars
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from typing import Any

import httpx

_LOGGERS = ("httpx", *(f"httpcore.{part}" for part in (
    "connection", "http11", "http2", "proxy", "socks")))  # fmt: skip

_ours: contextvars.ContextVar[bool] = contextvars.ContextVar("ipyavatar call", default=False)


class UnloggedClient(httpx.AsyncClient):
    """As httpx's own, from the first byte of a request to the end of the last connection."""

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send `request`."""
        with _unlogged():
            response = await super().send(request, **options)
        if isinstance(response.stream, httpx.AsyncByteStream):
            response.stream = _UnloggedStream(response.stream)
        return response

    async def aclose(self) -> None:
        """Close all connections."""
        with _unlogged():
            await super().aclose()

    async def __aexit__(self, *error: Any) -> None:
        with _unlogged():
            await super().__aexit__(*error)


class _UnloggedStream(httpx.AsyncByteStream):
    """The body of an answer, as it comes."""

    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        parts = aiter(self._stream)
        try:
            while True:
                # Not while a part is given away: what its taker does is not ours.
                with _unlogged():
                    part = await anext(parts, None)
                if part is None:
                    return
                yield part
        finally:
            if isinstance(parts, AsyncGenerator):
                with _unlogged():
                    await parts.aclose()

    async def aclose(self) -> None:
        with _unlogged():
            await self._stream.aclose()


class _NotOurs(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        del record
        return not _ours.get()


@contextlib.contextmanager
def _unlogged() -> Iterator[None]:
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(one, _NotOurs) for one in logger.filters):
            logger.addFilter(_NotOurs())
    token = _ours.set(True)
    try:
        yield
    finally:
        _ours.reset(token)
