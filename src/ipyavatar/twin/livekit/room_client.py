"""What a room needs of its clients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from livekit.protocol import models as m
from livekit.protocol import rtc as r
from starlette.websockets import WebSocket

from .publications import Publication


class RoomClient(Protocol):
    """A client, as its room knows it."""

    identity: str
    sid: str
    socket: WebSocket

    def info(self, *, public: bool = False) -> m.ParticipantInfo:
        """The client with all its tracks, or with those that others may subscribe to."""

    def claims(self) -> dict[str, Any]:
        """What its next token says."""

    def to_json(self) -> dict[str, Any]:
        """The client for the twin's state."""

    def send(self, **message: Any) -> None:
        """Queue a `SignalResponse`."""

    def send_packet(self, packet: m.DataPacket) -> None:
        """Send a data packet."""

    def send_join_response(self) -> None:
        """Greet it; before anything else, or it does not come in."""

    async def serve(self, socket: WebSocket) -> None:
        """Read and write on this websocket until either side ends it."""

    def resume(self, socket: WebSocket) -> None:
        """Go on with a new websocket."""

    def on_published(self, publications: Sequence[Publication]) -> None:
        """Others publish these from now on."""

    def on_unpublished(self, publications: Sequence[Publication]) -> None:
        """They publish them no more."""

    async def quality(self) -> r.ConnectionQualityInfo:
        """How well the client gets its media."""

    async def close(self) -> None:
        """End its connections."""
