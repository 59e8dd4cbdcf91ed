"""What is known of a paid service before the first call, and how its parts are made."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import msgspec

from ...errors import MissingSetting
from ...protocol.options import Credentials, ServiceOptions, SessionOptions
from ..spec import ProviderSpec, StreamKind, resolve_quality
from ..voice_options import choose_voice
from .credentials import resolve_key, resolve_url
from .environment import Environment
from .options import check_disable_idle_timeout, check_values
from .profile import ServiceProfile

if TYPE_CHECKING:
    from ...media.local_voice import LocalVoice
    from .client_factory import ClientFactory
    from .driver import Driver
    from .models import ListedSession

O = TypeVar("O", bound=ServiceOptions)  # noqa: E741  # options

OWN_FACES = "The service draws the face: choose one with avatar_id=."
OWN_VOICE = "The service's own voice speaks: choose one with voice_id=."


class ServiceSpec(ServiceProfile, ProviderSpec, Generic[O]):
    """One paid service: what one may say about its sessions, and how its parts are made.

    Attributes:
        options_type: Its own options, as they go to its driver.
        instead_of_no_idle_timeout: Keywords to use instead of `disable_idle_timeout=True`.
    """

    options_type: type[O]
    stream: ClassVar[StreamKind] = "livekit"
    instead_of_no_idle_timeout: ClassVar[str] = "max_idle_s="
    paid = True
    never_works = frozenset({"disable_idle_timeout"})
    no_effect: ClassVar[Mapping[str, str]] = {"character": OWN_FACES, "voice": OWN_VOICE}

    # ---- options ----------------------------------------------------------------------------

    def validate(
        self, keywords: Mapping[str, Any], environ: Mapping[str, str] | None = None
    ) -> SessionOptions:
        """Everything checked, with the key found."""
        __tracebackhide__ = True
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
        __tracebackhide__ = True
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
