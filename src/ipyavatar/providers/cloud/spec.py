"""What is known of a paid service before the first call, and how its parts are made."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypedDict, TypeVar

import msgspec

from ...core.secret import Secret
from ...errors import MissingSetting
from ...protocol.options import Credentials, ServiceOptions, SessionOptions
from ..spec import ProviderSpec, StreamKind, resolve_quality
from ..voice_options import choose_voice
from .credentials import resolve_key, resolve_url
from .environment import Environment
from .options import check_disable_idle_timeout, check_values

if TYPE_CHECKING:
    from ...media.local_voice import LocalVoice
    from .client_factory import ClientFactory
    from .driver import Driver
    from .models import ListedSession

O = TypeVar("O", bound=ServiceOptions)  # noqa: E741  # options

OWN_FACES = "The service draws the face: choose one with avatar_id=."
OWN_VOICE = "The service's own voice speaks: choose one with voice_id=."


class ServiceKeywords(TypedDict, total=False):
    """Keywords that every paid service takes.

    Attributes:
        api_key: The account's key; from the environment when not given.
        base_url: Where the service is; from the environment, else the live one.
        avatar_id: The service's id of the face.
        voice_id: The service's id of the voice; the face's own when not given.
        max_idle_s: Seconds without activity of the user after which we end the session (600).
        max_duration_s: Seconds after which we end the session in any case (3600).
        credits_per_minute: Your price, where none is published.
        fallback: `"embedded"`: goes on with what is queued where the service cannot be opened, or
            breaks for good; it takes the keywords of `Avatar()` besides.
        disable_idle_timeout: Never sent as true; says what to use instead.
    """

    api_key: Secret | str | None
    base_url: str | None
    avatar_id: str | None
    voice_id: str | None
    max_idle_s: float | None
    max_duration_s: float | None
    credits_per_minute: float | None
    fallback: str | None
    disable_idle_timeout: bool | None


class ServiceSpec(ProviderSpec, Generic[O]):
    """One paid service. Its folder holds the subclass, and all that the service needs.

    Attributes:
        options_type: Its own options, as they go to its driver.
        base_url: Where the live service is.
        key_variables: Environment variables that may hold its key, the usual one first.
        text_limit: Most characters in one speech call.
        idle_timeout_s: Seconds without activity after which the service ends a session.
        keep_alive_every_s: Usual pause between two keep-alives, in seconds.
        lists_sessions: Whether the key can list the open sessions, and stop them.
        run_out_s: A session that nobody can stop is taken to have ended after so many seconds.
        join_within_s: Seconds within which somebody has to join a session's room, else the service
            ends it; None where it does not ask for that.
        credits_per_minute: Price where it is published; None where it is not.
        instead_of_no_idle_timeout: Keywords to use instead of `disable_idle_timeout=True`.
        first_words_s: Seconds between a picture that plays and words that are heard from their
            start.
        colour: Its colour in charts: distinguishable also in grey and for most colour-blind eyes.
    """

    options_type: type[O]
    base_url: ClassVar[str]
    key_variables: ClassVar[tuple[str, ...]]
    text_limit: ClassVar[int]
    idle_timeout_s: ClassVar[float]
    keep_alive_every_s: ClassVar[float]
    lists_sessions: ClassVar[bool] = True
    run_out_s: ClassVar[float] = 3600.0
    join_within_s: ClassVar[float | None] = None
    credits_per_minute: ClassVar[float | None] = None
    stream: ClassVar[StreamKind] = "livekit"
    instead_of_no_idle_timeout: ClassVar[str] = "max_idle_s="
    first_words_s: ClassVar[float] = 0.0
    colour: ClassVar[str] = "#888"
    paid = True
    never_works = frozenset({"disable_idle_timeout"})
    no_effect: ClassVar[Mapping[str, str]] = {"character": OWN_FACES, "voice": OWN_VOICE}

    @property
    def url_variable(self) -> str:
        """The environment variable that may hold another base URL."""
        return f"IPYAVATAR_{self.name.upper()}_URL"

    @property
    def key_hint(self) -> str:
        """How to give the key, for error messages."""
        first, *others = self.key_variables
        if not others:
            return f"Set {first} or pass api_key=."
        return f"Set {first} (or {' and '.join(others)}) or pass api_key=."

    # ---- options ----------------------------------------------------------------------------

    def validate(
        self, keywords: Mapping[str, Any], environ: Mapping[str, str] | None = None
    ) -> SessionOptions:
        """Everything checked, with the key found."""
        check_disable_idle_timeout(
            keywords.get("disable_idle_timeout"), self.instead_of_no_idle_timeout
        )
        names = self.options_type.__struct_fields__
        values = check_values(
            self.options_type, {name: value for name, value in keywords.items() if name in names}
        )
        options = self.options_type(credentials=Credentials(self.name, ""), **values)
        self.check_options(options, keywords)
        quality, voice = resolve_quality(keywords), choose_voice({"voice": keywords.get("voice")})
        credentials = self.resolve_credentials(
            keywords.get("api_key"), keywords.get("base_url"), Environment(environ)
        )
        service = msgspec.structs.replace(options, credentials=credentials)
        return SessionOptions(
            self.name, voice=voice.voice, speech=voice.speech, quality=quality, service=service
        )

    def check_options(self, options: O, given: Mapping[str, Any]) -> None:
        """Refuse what cannot work together.

        Args:
            options: As they would be sent, still without credentials.
            given: The user's keywords, without those that are None.

        Raises:
            InvalidArgument: Says what, and what to do.
        """

    def require_face(self, options: O, tip: str = "") -> None:
        """Refuse to open a session without a face, where the service has no default.

        Raises:
            MissingSetting: There is none given.
        """
        if not options.avatar_id:
            raise MissingSetting(
                f"{self.title} has no default face.",
                f"Give avatar_id=, one of ipyavatar.avatars({self.name!r}).{tip}",
            )

    def resolve_credentials(
        self, api_key: object, base_url: object, environment: Environment
    ) -> Credentials:
        """Key and place, from the arguments, else from the environment.

        Raises:
            MissingSetting: The key is missing.
            InvalidArgument: The URL cannot work.
        """
        return Credentials(
            self.name,
            resolve_url(self, base_url, environment),
            resolve_key(self, api_key, environment),
        )

    # ---- rules ------------------------------------------------------------------------------

    def idle_timeout_of(self, options: O) -> float:
        """Seconds of silence after which the service ends a session with these options."""
        del options
        return self.idle_timeout_s

    def price_of(self, options: O) -> float | None:
        """Credits a minute: as given by the user, else as published; None when neither is."""
        given = options.credits_per_minute
        return self.credits_per_minute if given is None else given

    # ---- calls ------------------------------------------------------------------------------

    def make_driver(
        self, options: O, quality: str, clients: ClientFactory, voice: LocalVoice
    ) -> Driver:
        """A driver for one new session."""
        raise NotImplementedError

    async def list_sessions(
        self, credentials: Credentials, clients: ClientFactory
    ) -> tuple[ListedSession, ...]:
        """What the service lists as open.

        Raises:
            NotOffered: It has no list.
            ServiceError: It cannot be asked now.
        """
        del credentials, clients
        raise self.not_offered("list", *_NO_LIST)

    async def stop_session(
        self, credentials: Credentials, session_id: str, clients: ClientFactory
    ) -> bool:
        """Stop a session by the account's key. False when it had ended before.

        Raises:
            NotOffered: The service does not let the key stop a session.
            ServiceError: It is not known to be over.
        """
        del credentials, session_id, clients
        raise self.not_offered("stop", *_NO_LIST)

    async def stop_lost(
        self,
        credentials: Credentials,
        clients: ClientFactory,
        *,
        known: Container[str],
        asked_at: float,
    ) -> bool:
        """After a lost answer to the create call: stop what it may have opened.

        Nothing to do where nothing is started before its id is known.

        Args:
            credentials: The account.
            clients: Makes clients.
            known: Ids that are somebody's.
            asked_at: Unix time of the create call.

        Returns:
            Whether there was something to stop. Nothing is left open.

        Raises:
            ServiceError: It is not certain that nothing is left open.
        """
        del credentials, clients, known, asked_at
        return False


_NO_LIST = (
    "neither lists sessions nor ends them by key",
    "A session there ends by itself soon after its process is gone.",
)
