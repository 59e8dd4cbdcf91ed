"""HeyGen LiveAvatar: what is known of it, and what one may say about its sessions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ...core.secret import Secret
from ...errors import InvalidArgument
from ...protocol.options import Credentials, ServiceOptions, SessionOptions
from ..cloud.spec import OWN_FACES, OWN_VOICE, ServiceKeywords, ServiceSpec

if TYPE_CHECKING:
    from ...media.local_voice import LocalVoice
    from ..cloud.client_factory import ClientFactory
    from ..cloud.driver import Driver
    from ..cloud.http import HttpClient
    from ..cloud.models import ListedSession, ServiceAvatar, ServiceContext, ServiceVoice
    from ..embedded_spec import VoiceChoice
    from .client import LiveAvatarClient

LITE_CREDITS_PER_MINUTE = 1.0


class LiveAvatarKeywords(ServiceKeywords, total=False):
    """Keywords of `Avatar("liveavatar")`.

    Attributes:
        quality: `"low"`, `"medium"`, `"high"` or `"auto"`.
        lite: True (the default): our own voice speaks, at half the price. False: the service's.
        voice: With `lite`: who speaks, one of `ipyavatar.voices()`.
        sandbox: About a minute, no credits; it has a face of its own.
        context_id: With `lite=False`: what its language model knows; one of the account's
            contexts. Without one it says words, and answers nobody.
        language: With `lite=False`: what it speaks and hears, such as `"en"`.
        push_to_talk: With `lite=False`: users are heard only while they hold a button.
    """

    quality: str | None
    lite: bool | None
    voice: VoiceChoice | None
    sandbox: bool | None
    context_id: str | None
    language: str | None
    push_to_talk: bool | None


class LiveAvatarOptions(ServiceOptions, frozen=True, kw_only=True):
    """What a LiveAvatar session is made of.

    Attributes:
        lite: We bring the voice.
        sandbox: About a minute, no credits.
        context_id: What its language model knows, FULL only.
        language: What it speaks and hears, FULL only.
        push_to_talk: Users are heard only while they hold a button, FULL only.
    """

    lite: bool = True
    sandbox: bool = False
    context_id: str | None = None
    language: str | None = None
    push_to_talk: bool = False


class LiveAvatarSpec(ServiceSpec[LiveAvatarOptions]):
    """HeyGen LiveAvatar, FULL and LITE."""

    name = "liveavatar"
    title = "HeyGen LiveAvatar"
    keywords = LiveAvatarKeywords
    options_type = LiveAvatarOptions
    base_url = "https://api.liveavatar.com"
    key_variables = ("LIVEAVATAR_API_KEY",)
    # Not published; the limit of its predecessor is kept.
    text_limit = 900
    # Documented: ended after 5 minutes without activity.
    idle_timeout_s = 300
    keep_alive_every_s = 60
    # Its other clients say: without a user in the room the avatar leaves after 5 minutes.
    join_within_s = 300.0
    # Documented: FULL 2 credits a minute, LITE 1.
    credits_per_minute = 2.0
    colour = "#e08a1e"
    talk_tip = " Or use lite=False with a context_id=."
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
        """The voices of FULL."""
        assert credentials is not None  # noqa: S101  # a paid service
        async with clients.make_http(self, credentials) as http:
            return await _client(http, credentials).list_voices()

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
