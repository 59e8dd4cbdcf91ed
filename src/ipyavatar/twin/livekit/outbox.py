"""Messages that wait for a client to read them: so many, so many bytes, and no more."""

from __future__ import annotations

import asyncio
from collections import deque

MAX_MESSAGES = 256
MAX_BYTES = 8_000_000


class OutboxFull(Exception):
    """The client reads nothing, or too slowly."""


class Outbox:
    """A queue from the room to one client's websocket."""

    def __init__(self) -> None:
        self._messages: deque[bytes] = deque()
        self._bytes = 0
        self._closed = False
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._messages)

    def put(self, message: bytes) -> None:
        """Append a message; after `close()` it is dropped.

        A message of any size is taken where none waits.

        Raises:
            OutboxFull: So much waits that the client must be taken for dead.
        """
        if self._closed:
            return
        full = len(self._messages) >= MAX_MESSAGES or self._bytes + len(message) > MAX_BYTES
        if full and self._messages:
            raise OutboxFull
        self._messages.append(message)
        self._bytes += len(message)
        self._changed.set()

    async def get(self) -> bytes | None:
        """The next message; None when it is closed and nothing waits any more."""
        while not self._messages:
            if self._closed:
                return None
            self._changed.clear()
            await self._changed.wait()
        message = self._messages.popleft()
        self._bytes -= len(message)
        return message

    def close(self) -> None:
        """Take no more messages; those that wait may still be got."""
        self._closed = True
        self._changed.set()
