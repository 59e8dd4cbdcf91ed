"""What it takes to watch a session, and to take it over. Holds tokens: never shown, never logged.

`Secret` fields travel through the pipe between kernel and host as plain text (see
`protocol.host`) and are hidden again on arrival; no trait and no file ever holds them.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from ..core.secret import Secret
from .options import IceServer


class StreamGrant(msgspec.Struct, frozen=True, rename="camel"):
    """How a viewer gets the picture.

    Attributes:
        kind: `"livekit"` (a room), `"whep"` (an address for one viewer) or `"webrtc"` (one peer
            connection that the service has offered).
        url: The LiveKit server, or the WHEP address.
        token: The viewer's LiveKit token.
        offer: The service's SDP, for a peer connection.
        ice_servers: ICE servers to use; empty where the service needs none.
        relay_only: Whether the stream may come through those and no other way.
    """

    kind: Literal["livekit", "whep", "webrtc"]
    url: Secret = Secret("")
    token: Secret = Secret("")
    offer: Secret = Secret("")
    ice_servers: tuple[IceServer, ...] = ()
    relay_only: bool = False


class SessionGrant(msgspec.Struct, frozen=True):
    """An open session, for a process that takes it over.

    Attributes:
        provider: The service.
        session_id: The service's id.
        row: The ledger's id.
        opened_at: Unix time in seconds.
        token: What drives it where the account's key does not (Kaltura).
        socket_url: Address of its websocket where it has one (LiveAvatar LITE).
        stream: How a viewer gets the picture.
        reader_token: LiveKit token of somebody besides the viewer, for readers in Python: two with
            one token would put each other out.
        limit_s: Seconds after its opening at which the service ends it, where it told.
    """

    provider: str
    session_id: str
    row: str = ""
    opened_at: float = 0.0
    token: Secret | None = None
    socket_url: Secret | None = None
    stream: StreamGrant | None = None
    reader_token: Secret | None = None
    limit_s: float | None = None

    def secrets(self) -> tuple[Secret, ...]:
        """All in it that must not show."""
        tokens = (self.token, self.socket_url, self.reader_token)
        own = tuple(one for one in tokens if one is not None)
        if self.stream is None:
            return own
        relays = tuple(server.credential for server in self.stream.ice_servers)
        return (*own, self.stream.url, self.stream.token, *relays)
