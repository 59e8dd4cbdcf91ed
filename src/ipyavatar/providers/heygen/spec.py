"""HeyGen streaming: what is known of it, and what one may say about its sessions."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TYPE_CHECKING, Any, Literal, cast

from ...core.secret import Secret
from ...errors import InvalidArgument, ServiceError
from ...protocol.options import Credentials, ServiceOptions, SessionOptions
from ..cloud.spec import ServiceKeywords, ServiceSpec
from ..spec import StreamKind

if TYPE_CHECKING:
    from ...media.local_voice import LocalVoice
    from ..cloud.client_factory import ClientFactory
    from ..cloud.driver import Driver
    from ..cloud.http import HttpClient
    from ..cloud.models import ListedSession, ServiceAvatar
    from .client import HeyGenClient

# The range it accepts for `activity_idle_timeout`.
IDLE_TIMEOUT_MIN_S = 30
IDLE_TIMEOUT_MAX_S = 3599


class HeyGenKeywords(ServiceKeywords, total=False):
    """Keywords of `Avatar("heygen")`.

    Attributes:
        quality: `"low"` (360p), `"medium"` (480p), `"high"` (720p), or `"auto"`.
        idle_timeout_s: After a crash the service ends the session by itself after so many
            seconds, 30 to 3599 (120).
        transport: What the picture is to come by: `"livekit"` (the default), a room; or `"webrtc"`,
            one peer connection, which one page can hold, once in a session. Whichever of the two
            the service offers is played.
    """

    quality: str | None
    idle_timeout_s: int | None
    transport: str | None


class HeyGenOptions(ServiceOptions, frozen=True, kw_only=True):
    """What a HeyGen session is made of.

    Attributes:
        idle_timeout_s: Seconds, 30 to 3599, after which the service ends a session that shows no
            activity: what a crash can cost at most.
        transport: What the picture is to come by.
    """

    idle_timeout_s: int = 120
    transport: Literal["livekit", "webrtc"] = "livekit"


class HeyGenSpec(ServiceSpec[HeyGenOptions]):
    """HeyGen streaming."""

    name = "heygen"
    title = "HeyGen streaming"
    keywords = HeyGenKeywords
    options_type = HeyGenOptions
    base_url = "https://api.heygen.com"
    key_variables = ("HEYGEN_API_KEY",)
    # Users report a limit of about 1000 characters; how it is counted is not published.
    text_limit = 900
    # `activity_idle_timeout` of streaming.new: default 120 s.
    idle_timeout_s = 120
    keep_alive_every_s = 40
    instead_of_no_idle_timeout = f"idle_timeout_s= (up to {IDLE_TIMEOUT_MAX_S} s) and max_idle_s="
    colour = "#3b6fd4"

    def stream_of(self, options: SessionOptions) -> StreamKind:
        """As the user says."""
        return cast(HeyGenOptions, options.service).transport

    def talks(self, options: SessionOptions) -> bool:
        """Its tasks may be of the type `talk`."""
        del options
        return True

    def check_options(self, options: HeyGenOptions, given: Mapping[str, Any]) -> None:
        """The service takes only some idle times."""
        del given
        check_idle_timeout(options.idle_timeout_s)

    def idle_timeout_of(self, options: HeyGenOptions) -> float:
        """The service takes ours."""
        return options.idle_timeout_s

    def make_driver(
        self, options: HeyGenOptions, quality: str, clients: ClientFactory, voice: LocalVoice
    ) -> Driver:
        """Its own voice speaks."""
        del voice
        from .driver import HeyGenDriver

        http = clients.make_http(self, options.credentials)
        client = _client(http, options.credentials)
        return HeyGenDriver(client, options, clients.clock, quality=quality, wall=clients.wall)

    async def list_sessions(
        self, credentials: Credentials, clients: ClientFactory
    ) -> tuple[ListedSession, ...]:
        """`streaming.list`."""
        async with clients.make_http(self, credentials) as http:
            return await _client(http, credentials).list_sessions()

    async def stop_session(
        self, credentials: Credentials, session_id: str, clients: ClientFactory
    ) -> bool:
        """`streaming.stop`."""
        async with clients.make_http(self, credentials) as http:
            return await _client(http, credentials).stop(session_id)

    async def stop_lost(
        self,
        credentials: Credentials,
        clients: ClientFactory,
        *,
        known: Container[str],
        asked_at: float,
    ) -> bool:
        """Look into the account's list for a session that was made and never started."""
        from .unstarted import stop_unstarted

        async with clients.make_http(self, credentials) as http:
            client = _client(http, credentials)
            stopped, left = await stop_unstarted(
                client.list_sessions,
                client.stop,
                known=known,
                asked_at=asked_at,
                now=clients.wall,
                sleep=clients.sleep,
            )
        if left:
            raise ServiceError(
                "A session of a lost answer could not be stopped.", service=self.name, call="stop"
            )
        return bool(stopped)

    async def list_avatars(
        self, credentials: Credentials | None, clients: ClientFactory
    ) -> tuple[ServiceAvatar, ...]:
        """`streaming/avatar.list`."""
        assert credentials is not None  # noqa: S101  # a paid service
        async with clients.make_http(self, credentials) as http:
            return await _client(http, credentials).list_avatars()


def check_idle_timeout(seconds: Any) -> int:
    """`seconds`, if the service would take it.

    Raises:
        InvalidArgument: It is not a whole number from 30 to 3599.
    """
    whole = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    if not (whole and IDLE_TIMEOUT_MIN_S <= seconds <= IDLE_TIMEOUT_MAX_S and seconds % 1 == 0):
        raise InvalidArgument(
            f"idle_timeout_s={seconds!r} cannot work.",
            f"Give whole seconds from {IDLE_TIMEOUT_MIN_S} to {IDLE_TIMEOUT_MAX_S}.",
        )
    return int(seconds)


def _client(http: HttpClient, credentials: Credentials) -> HeyGenClient:
    from .client import HeyGenClient

    return HeyGenClient(http, credentials.key or Secret(""))


SPEC = HeyGenSpec()
