"""What HeyGen streaming answers: the data of each call, typed."""

from __future__ import annotations

import msgspec

from ...core.decode import Number
from ...core.secret import Secret
from ...protocol.options import IceServer
from ..cloud.models import Id


class SessionDescription(msgspec.Struct, frozen=True):
    """The service's offer of a peer connection."""

    sdp: Secret


class ListedIceServer(msgspec.Struct, frozen=True):
    """An ICE server, as browsers take it: one address or several."""

    urls: str | list[str]
    username: Secret | None = None
    credential: Secret | None = None

    def for_viewer(self) -> IceServer:
        """The same for a page."""
        urls = (self.urls,) if isinstance(self.urls, str) else tuple(self.urls)
        return IceServer(urls, self.username or Secret(""), self.credential or Secret(""))


class HeyGenSession(msgspec.Struct, frozen=True, kw_only=True):
    """A new session, not yet started. It offers a room, or a peer connection, or both.

    Attributes:
        session_id: Its id.
        url: LiveKit server, `ws(s)://`: to be joined once the session is started.
        access_token: LiveKit token of the viewer.
        sdp: The service's offer of a peer connection: its answer starts the session.
        servers: ICE servers for that, read from `ice_servers2` or `ice_servers`.
        is_paid: Whether it costs credits.
        session_duration_limit: Seconds after which the service ends it.
        realtime_endpoint: Websocket for own audio; it may hold a token.
        livekit_agent_token: LiveKit token of a second agent.
    """

    session_id: str
    url: str | None = None
    access_token: Secret | None = None
    sdp: SessionDescription | None = None
    servers: tuple[IceServer, ...] = ()
    is_paid: bool | None = None
    session_duration_limit: Number | None = None
    realtime_endpoint: Secret | None = None
    livekit_agent_token: Secret | None = None

    @property
    def has_room(self) -> bool:
        """Whether there is a room to join."""
        return bool(self.url and self.access_token)

    @property
    def offers(self) -> bool:
        """Whether there is an offer to answer."""
        return bool(self.sdp and self.sdp.sdp)


class Created(msgspec.Struct):
    """A new session, as far as it has to be known in any case."""

    session_id: Id


class TaskTaken(msgspec.Struct):
    """A task, by its id, and how long it takes, where told: it is said in any case."""

    task_id: str | None = None
    duration_ms: Number | None = None


class OpenSession(msgspec.Struct):
    """A session in the account's list."""

    session_id: str
    status: str = ""
    created_at: float | str | None = None


class OpenSessions(msgspec.Struct):
    """The account's list; null is how some servers write an empty one."""

    sessions: list[OpenSession] | None


class ListedAvatar(msgspec.Struct):
    """A face that can be streamed."""

    avatar_id: str
    pose_name: str | None = None
    normal_preview: str | None = None
    default_voice: str | None = None
    status: str | None = None


class ListedVoice(msgspec.Struct):
    """A voice, and whether it can be streamed, where told."""

    voice_id: str
    name: str | None = None
    language: str | None = None
    preview_audio: str | None = None
    support_interactive_avatar: bool | None = None
