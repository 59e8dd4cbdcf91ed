"""A WebSocket client of a `SocketConnection`, without a network: bytes go to and fro at once."""

from __future__ import annotations

import json
import struct

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri

from ipyavatar.media.socket_connection import SocketConnection

ADDRESS = "ws://127.0.0.1:1/"


class FakeTransport:
    """Hands what is written to the client, which may be slow to read it."""

    def __init__(self, client: SocketClient) -> None:
        self._client = client
        self.waiting = 0
        self.closing = False
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closing, "written to a transport that is closed"
        if self._client.reads:
            self._client.receive(data)
        else:
            self.waiting += len(data)

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        """As asyncio's: what waits is read first."""
        self.closing = True
        if not self.waiting:
            self.abort()

    def abort(self) -> None:
        self.closing = True
        if not self.closed:
            self.closed = True
            self._client.connection.connection_lost(None)


class SocketClient:
    """Connects to `make()`.

    Attributes:
        texts: What came as text, parsed.
        batches: What came as bytes: the message, and the bytes of its frames.
        reads: Whether it takes what is sent.
    """

    def __init__(self, make, *, origin: str | None = None) -> None:
        self.reads = True
        self.texts: list[dict] = []
        self.batches: list[tuple[dict, list[bytes]]] = []
        self.status = 0
        self.protocol = ClientProtocol(parse_uri(ADDRESS), max_size=None)
        self.connection: SocketConnection = make()
        self.transport = FakeTransport(self)
        self._origin = origin
        self.connection.connection_made(self.transport)

    @property
    def closed(self) -> bool:
        return self.transport.closed

    def shake_hands(self) -> SocketClient:
        request = self.protocol.connect()
        if self._origin is not None:
            request.headers["Origin"] = self._origin
        self.protocol.send_request(request)
        self._pump()
        return self

    def say(self, content: object) -> None:
        text = content if isinstance(content, str) else json.dumps(content)
        self.send(lambda: self.protocol.send_text(text.encode()))

    def send(self, act) -> None:
        act()
        self._pump()

    def raw(self, data: bytes) -> None:
        if not self.closed:
            self.connection.data_received(data)

    def hang_up(self) -> None:
        """The network is gone."""
        self.transport.abort()

    def receive(self, data: bytes) -> None:
        self.protocol.receive_data(data)
        for event in self.protocol.events_received():
            if isinstance(event, Response):
                self.status = event.status_code
            elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                self.texts.append(json.loads(event.data))
            elif isinstance(event, Frame) and event.opcode is Opcode.BINARY:
                self.batches.append(unpack(event.data))

    def _pump(self) -> None:
        for data in self.protocol.data_to_send():
            if data and not self.closed:
                self.connection.data_received(data)


def unpack(data: bytes) -> tuple[dict, list[bytes]]:
    """What `page_codec.pack_frames` has packed."""
    (length,) = struct.unpack_from("<I", data)
    message = json.loads(data[4 : 4 + length])
    at = 4 + length
    sizes = struct.unpack_from(f"<{len(message['frames'])}I", data, at)
    at += 4 * len(sizes)
    buffers = []
    for size in sizes:
        buffers.append(data[at : at + size])
        at += size
    assert at == len(data)
    return message, buffers
