"""HeyGen LiveAvatar: what its sessions can do, and how they are made and found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ...core.secret import Secret
from ...errors import InvalidArgument
from ...protocol.options import Credentials, SessionOptions
from ..cloud.spec import OWN_FACES, OWN_VOICE, ServiceSpec
from .options import LiveAvatarKeywords, LiveAvatarOptions
from .profile import LITE_CREDITS_PER_MINUTE, LiveAvatarProfile

if TYPE_CHECKING:
    from ...media.local_voice import LocalVoice
    from ..cloud.client_factory import ClientFactory
    from ..cloud.driver import Driver
    from ..cloud.http import HttpClient
    from ..cloud.models import ListedSession, ServiceAvatar, ServiceContext, ServiceVoice
    from .client import LiveAvatarClient


class LiveAvatarSpec(LiveAvatarProfile, ServiceSpec[LiveAvatarOptions]):
    """HeyGen LiveAvatar, FULL and LITE."""

    keywords = LiveAvatarKeywords
    options_type = LiveAvatarOptions
    talk_tip = " Or use lite=False with a context_id=."
    language_tip = "Give it when the session is made: Avatar(..., language=...)."
    no_effect: ClassVar[Mapping[str, str]] = {
        "character": OWN_FACES,
        "idle_timeout_s": "It always ends a session after 300 s without activity; leave it out.",
    }

    def title_of(self, options: SessionOptions) -> str:
        """LITE is another product."""
        return "LiveAvatar LITE" if _own(options).lite else self.title

    def talks(self, options: SessionOptions) -> bool:
        """FULL has a language model, and uses it where it is given a context."""
        own = _own(options)
        return not own.lite and own.context_id is not None

    def talk_needs(self, options: SessionOptions) -> str:
        """FULL without a context hears users and says nothing, with no error."""
        return "language model" if _own(options).lite else "context"

    def check_listen(self, options: SessionOptions) -> None:
        """FULL with a context hears users, and answers."""
        if not self.talks(options):
            what = f"{self.title_of(options)} has no {self.talk_needs(options)}: nobody is heard."
            raise InvalidArgument(what, "Use lite=False with a context_id=.")

    def recognizes(self, options: SessionOptions) -> bool:
        """FULL, whatever is said in its room."""
        return self.talks(options)

    def check_push_to_talk(self, options: SessionOptions, wanted: bool) -> bool:
        """It is decided when the session is opened."""
        held = _own(options).push_to_talk
        if wanted and not held:
            what = f"{self.title} decides on push to talk when a session is opened."
            raise InvalidArgument(what, f'Give it there: Avatar("{self.name}", push_to_talk=True).')
        return held

    def speaks_here(self, options: SessionOptions) -> bool:
        """LITE is sent our voice."""
        return _own(options).lite

    def check_options(self, options: LiveAvatarOptions, given: Mapping[str, Any]) -> None:
        """A face is needed; and one of the two voices speaks."""
        if not options.sandbox:
            self.require_face(options, " Or try sandbox=True, which has one.")
        if options.lite and options.voice_id is not None:
            raise InvalidArgument(
                "In LiveAvatar LITE our own voice speaks, so voice_id= would have no effect.",
                "Choose one with voice=; ipyavatar.voices() lists them. Or use lite=False.",
            )
        for name in ("context_id", "language", "push_to_talk"):
            if options.lite and given.get(name):
                raise InvalidArgument(
                    f"In LiveAvatar LITE {name}= would have no effect.",
                    "It is for the service's own voice and language model: use lite=False.",
                )
        if not options.lite and "voice" in given:
            raise InvalidArgument("In LiveAvatar FULL voice= would have no effect.", OWN_VOICE)

    def price_of(self, options: LiveAvatarOptions) -> float | None:
        """LITE is half of FULL, the sandbox is free."""
        if options.credits_per_minute is not None:
            return options.credits_per_minute
        if options.sandbox:
            return 0.0
        return LITE_CREDITS_PER_MINUTE if options.lite else self.credits_per_minute

    def make_driver(
        self, options: LiveAvatarOptions, quality: str, clients: ClientFactory, voice: LocalVoice
    ) -> Driver:
        """Ours is the voice of LITE."""
        from .driver import LiveAvatarDriver

        client = _client(clients.make_http(self, options.credentials), options.credentials)
        return LiveAvatarDriver(client, options, clients.clock, voice, quality=quality)

    async def list_sessions(
        self, credentials: Credentials, clients: ClientFactory
    ) -> tuple[ListedSession, ...]:
        """`sessions` that are active."""
        async with clients.make_http(self, credentials) as http:
            return await _client(http, credentials).list_sessions()

    async def stop_session(
        self, credentials: Credentials, session_id: str, clients: ClientFactory
    ) -> bool:
        """`sessions/stop`."""
        async with clients.make_http(self, credentials) as http:
            return await _client(http, credentials).stop(session_id)

    async def list_avatars(
        self, credentials: Credentials | None, clients: ClientFactory
    ) -> tuple[ServiceAvatar, ...]:
        """The account's own faces, then the service's."""
        assert credentials is not None  # noqa: S101  # a paid service
        async with clients.make_http(self, credentials) as http:
            client = _client(http, credentials)
            return (*await client.list_avatars(own=True), *await client.list_avatars())

    async def list_voices(
        self, credentials: Credentials | None, clients: ClientFactory
    ) -> tuple[ServiceVoice, ...]:
        """The voices of FULL: the account's own, then the service's."""
        assert credentials is not None  # noqa: S101  # a paid service
        async with clients.make_http(self, credentials) as http:
            client = _client(http, credentials)
            return (*await client.list_voices(own=True), *await client.list_voices())

    async def list_contexts(
        self, credentials: Credentials | None, clients: ClientFactory
    ) -> tuple[ServiceContext, ...]:
        """The account's contexts, for FULL."""
        assert credentials is not None  # noqa: S101  # a paid service
        async with clients.make_http(self, credentials) as http:
            return await _client(http, credentials).list_contexts()


def _own(options: SessionOptions) -> LiveAvatarOptions:
    assert isinstance(options.service, LiveAvatarOptions)  # noqa: S101  # made by this spec
    return options.service


def _client(http: HttpClient, credentials: Credentials) -> LiveAvatarClient:
    from .client import LiveAvatarClient

    return LiveAvatarClient(http, credentials.key or Secret(""))


SPEC = LiveAvatarSpec()
