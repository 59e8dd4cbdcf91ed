"""This process in a service's room, without media."""

from __future__ import annotations

import asyncio

from ipyavatar.protocol.grants import StreamGrant
from ipyavatar.providers.cloud.stream_access import OnServiceEvent


class FakeRoomConnection:
    """Keeps what is sent; `on_event` is how a test has the service say something."""

    def __init__(self, grant: StreamGrant, on_event: OnServiceEvent) -> None:
        self.grant, self.on_event = grant, on_event
        self.gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.sent: list[tuple[str, bytes]] = []

    async def send(self, topic: str, payload: bytes) -> None:
        self.sent.append((topic, payload))

    async def close(self) -> None:
        if not self.gone.done():
            self.gone.set_result("it was closed here")
