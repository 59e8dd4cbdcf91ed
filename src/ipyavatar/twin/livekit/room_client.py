"""What a room needs of its clients."""

from __future__ import annotations

from typing import Any, Protocol

from livekit.protocol import models as m
from livekit.protocol import rtc as r
from starlette.websockets import WebSocket

from .grants import RoomGrant


class RoomClient(Protocol):
    """A client, as its room knows it."""

    identity: str
    grant: RoomGrant
    sid: str
    socket: WebSocket

    def info(self, *, tracks: bool = True) -> m.ParticipantInfo:
        """The client, for others or for itself."""

    def to_json(self) -> dict[str, Any]:
        """The client for the twin's state."""

    def send(self, **message: Any) -> None:
        """Queue a `SignalResponse`."""

    def send_data(self, packet: bytes) -> None:
        """Send a `DataPacket`."""

    async def serve(self, socket: WebSocket) -> None:
        """Read and write on this websocket until either side ends it."""

    def resume(self, socket: WebSocket) -> None:
        """Go on with a new websocket."""

    async def on_avatar_joined(self) -> None:
        """The avatar has joined."""

    async def quality(self) -> r.ConnectionQualityInfo:
        """How well the client gets its media."""

    async def close(self) -> None:
        """End its connections."""
