"""HeyGen streaming: what its sessions can do, and how they are made and found."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TYPE_CHECKING, Any, cast

from ...core.secret import Secret
from ...errors import InvalidArgument, ServiceError
from ...protocol.options import Credentials, SessionOptions
from ..cloud.spec import ServiceSpec
from ..spec import StreamKind
from .options import IDLE_TIMEOUT_MAX_S, HeyGenKeywords, HeyGenOptions, check_idle_timeout
from .profile import HeyGenProfile

if TYPE_CHECKING:
    from ...media.local_voice import LocalVoice
    from ..cloud.client_factory import ClientFactory
    from ..cloud.driver import Driver
    from ..cloud.http import HttpClient
    from ..cloud.models import ListedSession, ServiceAvatar, ServiceVoice
    from .client import HeyGenClient


class HeyGenSpec(HeyGenProfile, ServiceSpec[HeyGenOptions]):
    """HeyGen streaming."""

    keywords = HeyGenKeywords
    options_type = HeyGenOptions
    instead_of_no_idle_timeout = f"idle_timeout_s= (up to {IDLE_TIMEOUT_MAX_S} s) and max_idle_s="

    def stream_of(self, options: SessionOptions) -> StreamKind:
        """As the user says."""
        return cast(HeyGenOptions, options.service).transport

    def talks(self, options: SessionOptions) -> bool:
        """Its tasks may be of the type `talk`."""
        del options
        return True

    def check_listen(self, options: SessionOptions) -> None:
        """Microphones come by its room."""
        if self.stream_of(options) != "livekit":
            what = f"With transport={self.stream_of(options)!r} no microphone gets to {self.title}."
            raise InvalidArgument(what, 'Leave transport= out, or give transport="livekit".')

    def recognizes(self, options: SessionOptions) -> bool:
        """Whatever is said in its room."""
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
                ahead_s=lambda: http.ahead_s,
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

    async def list_voices(
        self, credentials: Credentials | None, clients: ClientFactory
    ) -> tuple[ServiceVoice, ...]:
        """`voices`."""
        assert credentials is not None  # noqa: S101  # a paid service
        async with clients.make_http(self, credentials) as http:
            return await _client(http, credentials).list_voices()


def _client(http: HttpClient, credentials: Credentials) -> HeyGenClient:
    from .client import HeyGenClient

    return HeyGenClient(http, credentials.key or Secret(""))


SPEC = HeyGenSpec()
