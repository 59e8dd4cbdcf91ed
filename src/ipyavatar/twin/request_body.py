"""Reads the bodies of requests: bounded one by one, and all together."""

from __future__ import annotations

from starlette.requests import Request as HttpRequest

from .settings import MAX_BODY_BYTES

MAX_SHOWN = 40
"""Characters of a header in an error."""

MAX_TOTAL_BYTES = 10 * MAX_BODY_BYTES
"""Of all bodies that are being read at one time."""


class BodyEncoded(Exception):
    """The body is compressed, which nothing here takes; its text says so."""


class BodyTooLarge(Exception):
    """The body is over its limit."""


class TooManyBodies(Exception):
    """The bodies of all requests together are over the limit."""


class BodyReader:
    """Reads bodies; those under way share one bound on memory."""

    def __init__(self, max_total_bytes: int = MAX_TOTAL_BYTES) -> None:
        self._left = max_total_bytes

    async def read(self, http: HttpRequest, limit: int = MAX_BODY_BYTES) -> bytes:
        """The body, up to `limit` bytes.

        One that is not taken is read on for a while but not kept: most clients look for a response
        only when they have sent everything.

        Raises:
            BodyEncoded: It is compressed. Taken for what it holds, it would only be "not valid".
            BodyTooLarge: It is longer.
            TooManyBodies: There is no room for it at the moment.
            ClientDisconnect: The client has gone.
        """
        encoding = http.headers.get("content-encoding", "").strip()
        plain = encoding.lower() in ("", "identity")
        body = bytearray()
        size = 0
        try:
            async for chunk in http.stream():
                size += len(chunk)
                if size > 4 * limit:
                    break
                if size <= limit and plain:
                    if len(chunk) > self._left:
                        raise TooManyBodies
                    self._left -= len(chunk)
                    body += chunk
        finally:
            self._left += len(body)
        if size and not plain:
            shown = "".join(c for c in encoding if c.isalnum() or c in "-, ")[:MAX_SHOWN]
            raise BodyEncoded(f"A body with Content-Encoding: {shown} is not taken; send it plain.")
        if size > limit:
            raise BodyTooLarge
        return bytes(body)
