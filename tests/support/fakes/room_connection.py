"""This process in a service's room, without media."""

from __future__ import annotations

import asyncio

from ipyavatar.protocol.grants import StreamGrant
from ipyavatar.providers.cloud.stream_access import OnServiceEvent


class FakeRoomConnection:
    """Keeps what is sent; `on_event` is how a test has the service say something.

    `listener` is who receives the stream, if anybody.
    """

    def __init__(self, grant: StreamGrant, on_event: OnServiceEvent) -> None:
        self.grant, self.on_event = grant, on_event
        self.gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.broken = self.left = False
        self.sent: list[tuple[str, bytes]] = []
        self.listener = None

    async def send(self, topic: str, payload: bytes) -> None:
        self.sent.append((topic, payload))

    def receive(self, listener) -> None:
        self.listener = listener

    def stop_receiving(self) -> None:
        self.listener = None

    async def close(self) -> None:
        self.left = True
        if not self.gone.done():
            self.gone.set_result("it was closed here")
