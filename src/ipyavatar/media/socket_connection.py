"""One WebSocket on asyncio: bytes in, messages out. What it may hold at a time is bounded.

websockets' own server has a task and a queue for each connection; here a connection that nobody
has vouched for is a few objects and a timer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol, cast

from websockets.datastructures import Headers
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from ..core.guard import guard

INTRODUCE_S = 10.0
"""Who has not said by then who it is is turned away."""

CLOSE_S = 1.0
"""A closed connection's other end answers within this, or is cut off."""

MAX_MESSAGE_BYTES = 512 * 1024
"""Longer than anything that a page says."""

MAX_INTRODUCTION_BYTES = 4 * 1024
"""Likewise, of its first words."""

MAX_WAITING_BYTES = 4 * 1024 * 1024
"""Who reads so little that so much waits is not there any more."""

UNSUPPORTED_DATA = 1003
"""What RFC 6455 calls it."""


class SocketOwner(Protocol):
    """Who lets connections in."""

    def admit(self, connection: SocketConnection) -> bool:
        """Somebody has connected; False where there are too many."""

    def introduce(self, connection: SocketConnection, text: str) -> None:
        """The first that a connection says."""

    def forget(self, connection: SocketConnection) -> None:
        """It is over."""


def _ignore(_text: str) -> None:
    """Nobody listens yet, or any more."""


def _nobody() -> None:
    """Nobody minds."""


class SocketConnection(asyncio.Protocol):
    """Made for each client. Used on one loop.

    Attributes:
        on_text: Takes each text after the first.
        on_closed: Called once when it is over, by whomever.
    """

    def __init__(self, owner: SocketOwner) -> None:
        self._owner = owner
        self._protocol = ServerProtocol(max_size=MAX_MESSAGE_BYTES)
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._introduced = False
        self._ending = False  # its last timer runs
        self._headers = Headers()
        self._text: bytearray | None = None  # of a message in fragments
        self.on_text: Callable[[str], None] = _ignore
        self.on_closed: Callable[[], None] = _nobody

    @property
    def origin(self) -> str:
        """Which page a browser says that it comes from; empty where nothing was said."""
        return self._headers.get("Origin", "")

    @property
    def is_open(self) -> bool:
        """Whether what is sent may arrive."""
        return self._transport is not None and self._protocol.state is OPEN

    # ---- what is sent -----------------------------------------------------------------------

    def send_text(self, text: str) -> bool:
        """Send it; False where it is over."""
        if self.is_open:
            self._protocol.send_text(text.encode())
            self._flush()
        return self.is_open

    def send_bytes(self, data: bytes) -> bool:
        """Send it; False where it is over."""
        if self.is_open:
            self._protocol.send_binary(data)
            self._flush()
        return self.is_open

    def close(self, code: int = 1000) -> None:
        """End it. Idempotent; nothing more is told."""
        self.on_text = _ignore
        if self._transport is None:
            return
        if self._protocol.state is OPEN:
            self._protocol.send_close(code)
            self._flush()
        else:
            self._transport.abort()

    # ---- asyncio.Protocol -------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody has connected."""
        self._transport = cast(asyncio.Transport, transport)
        if self._owner.admit(self):
            self._abort_in(INTRODUCE_S)
        else:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        self._protocol.receive_data(data)
        self._go_on()

    def eof_received(self) -> None:
        """No more will come."""
        self._protocol.receive_eof()
        self._go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        del exc
        self._transport, self.on_text = None, _ignore
        if self._timer is not None:
            self._timer.cancel()
        self._owner.forget(self)
        with guard("The end of a page's socket"):
            self.on_closed()

    # ---- inside -----------------------------------------------------------------------------

    def _go_on(self) -> None:
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                self._headers = event.headers
                self._protocol.send_response(self._protocol.accept(event))
            elif isinstance(event, Frame):
                self._take(event)
        self._flush()

    def _take(self, frame: Frame) -> None:
        """A frame of a message; pings and closes are answered already."""
        if self._protocol.state is not OPEN:
            return
        if frame.opcode is Opcode.BINARY:
            self.close(UNSUPPORTED_DATA)
        if frame.opcode is Opcode.TEXT:
            self._text = bytearray()
        if frame.opcode not in (Opcode.TEXT, Opcode.CONT) or self._text is None:
            return
        self._text += frame.data
        if not self._introduced and len(self._text) > MAX_INTRODUCTION_BYTES:
            self.close(UNSUPPORTED_DATA)
            return
        if frame.fin:
            data, self._text = self._text, None
            try:
                self._hear(data.decode())
            except UnicodeDecodeError:
                self.close(UNSUPPORTED_DATA)

    def _hear(self, text: str) -> None:
        if self._introduced:
            # What is raised here would end the connection.
            with guard("A page's message"):
                self.on_text(text)
            return
        self._introduced = True
        if self._timer is not None:
            self._timer.cancel()
        self._owner.introduce(self, text)

    def _flush(self) -> None:
        transport = self._transport
        for data in self._protocol.data_to_send():
            if transport is None or transport.is_closing():
                return
            if data:
                transport.write(data)
            else:
                transport.close()
        if transport is None:
            return
        if transport.get_write_buffer_size() > MAX_WAITING_BYTES:
            transport.abort()
        elif not self._ending and (transport.is_closing() or self._protocol.close_expected()):
            self._ending = True  # what the other end does from now on gives it no more time
            self._abort_in(CLOSE_S)

    def _abort_in(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(seconds, self._transport.abort)
