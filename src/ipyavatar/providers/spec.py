"""What is known of a provider before anything is opened. Importing a spec must stay cheap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

from ..core.quality import CHOICES, begins
from ..core.speech import Mode
from ..core.validate import require_known
from ..errors import InvalidArgument, NotOffered
from ..protocol.options import Credentials, SessionOptions

if TYPE_CHECKING:
    from .cloud.client_factory import ClientFactory
    from .cloud.environment import Environment
    from .cloud.models import ServiceAvatar, ServiceContext, ServiceVoice

DEFAULT_QUALITY = "medium"

LISTENERS = (
    "listen() is for the embedded avatar, HeyGen streaming, and LiveAvatar with lite=False and "
    "a context_id=."
)

StreamKind = Literal["host", "livekit", "whep", "webrtc"]
"""How a picture comes to a page: from the host; or from a service, by its LiveKit room, by WHEP, or
by a peer connection that it offers."""


class ProviderSpec:
    """One provider. A subclass says what differs; there is one instance of each, in the registry.

    Attributes:
        name: What the user writes: `Avatar("heygen")`.
        title: What it is called in sentences.
        keywords: A `TypedDict` of the keywords it takes. It serves completion and checks alike.
        never_works: Keywords it takes only to say what to use instead.
        no_effect: Keywords it does not take although somebody may expect so: what to do instead.
        paid: Whether its sessions cost something, and so have a lease and a row in the ledger.
        sizes: Whether its picture comes in several sizes.
        key_variables: Environment variables that may hold a secret of it: nobody passes them on.
        stream: How its picture comes to a page, usually.
        talk_tip: What else one can do to have it answer, with a space before it.
        language_tip: How it is told what users speak, where it hears them itself.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    keywords: ClassVar[type]
    never_works: ClassVar[frozenset[str]] = frozenset()
    no_effect: ClassVar[Mapping[str, str]] = {}
    paid: ClassVar[bool] = False
    sizes: ClassVar[bool] = True
    key_variables: ClassVar[tuple[str, ...]] = ()
    stream: ClassVar[StreamKind] = "host"
    talk_tip: ClassVar[str] = ""
    language_tip: ClassVar[str] = "Leave it out: the service finds out by itself."

    def __repr__(self) -> str:
        return f"<provider {self.name!r}>"

    @property
    def keyword_names(self) -> frozenset[str]:
        """The keywords it takes."""
        taken: frozenset[str] = self.keywords.__optional_keys__  # type: ignore[attr-defined]
        return taken

    def validate(
        self, keywords: Mapping[str, Any], environ: Mapping[str, str] | None = None
    ) -> SessionOptions:
        """The options of a session.

        Args:
            keywords: What the user gave, all of it among `keyword_names`; none of it None.
            environ: Where keys are looked up; this process's environment when None.

        Raises:
            InvalidArgument: A value cannot work or can have no effect, or the key is missing.
        """
        raise NotImplementedError

    def title_of(self, options: SessionOptions) -> str:
        """What it is called with these options."""
        del options
        return self.title

    def stream_of(self, options: SessionOptions) -> StreamKind:
        """How its picture comes to a page with these options, unless the service has another."""
        del options
        return self.stream

    def talks(self, options: SessionOptions) -> bool:
        """Whether it has a language model that can answer."""
        del options
        return False

    def talk_needs(self, options: SessionOptions) -> str:
        """What it has not, where it does not talk."""
        del options
        return "language model"

    def takes_sound(self, options: SessionOptions) -> bool:
        """Whether it can be given sound to speak, instead of text."""
        return self.speaks_here(options)

    def check_sound(self, options: SessionOptions) -> None:
        """Raise unless it can be given sound.

        Raises:
            InvalidArgument: It speaks with its own voice only.
        """
        if not self.takes_sound(options):
            raise InvalidArgument(
                f"{self.title_of(options)} takes no sound: its own voice speaks.",
                "Give it text; sound is for the embedded avatar, LiveAvatar LITE and Kaltura.",
            )

    def check_listen(self, options: SessionOptions) -> None:
        """Raise unless users can be listened to.

        Raises:
            InvalidArgument: They cannot.
        """
        what = f"{self.title_of(options)} does not listen: it has no recognition."
        raise InvalidArgument(what, LISTENERS)

    def recognizes(self, options: SessionOptions) -> bool:
        """Whether its own recognition makes text of what users say, and its own model answers."""
        del options
        return False

    def check_recognizer(self, options: SessionOptions) -> None:
        """Raise unless a recognizer of the user's makes text of what users say.

        Raises:
            InvalidArgument: Nobody is listened to, or the service has its own.
        """
        self.check_listen(options)
        if self.recognizes(options):
            what = f"{self.title_of(options)} understands what users say by itself: recognizer= "
            raise InvalidArgument(f"{what}would have no effect.", "Leave it out.")

    def check_push_to_talk(self, options: SessionOptions, wanted: bool) -> bool:
        """Whether users are heard only while they hold a button.

        Raises:
            InvalidArgument: That is wanted, and it cannot be.
        """
        del options
        return wanted

    def speaks_here(self, options: SessionOptions) -> bool:
        """Whether our own voice speaks, so that what it cannot read is left out."""
        del options
        return False

    def check_mode(self, mode: object, options: SessionOptions) -> Mode:
        """`mode`, if it can speak that way.

        Raises:
            UnknownName: There is no such mode.
            InvalidArgument: There is no language model to talk with.
        """
        require_known("mode", mode, get_args(Mode))
        if mode == "talk" and not self.talks(options):
            raise InvalidArgument(
                f"{self.title_of(options)} has no {self.talk_needs(options)}, "
                'so it cannot speak(mode="talk").',
                f"Give the words to say, or the avatar a responder=.{self.talk_tip}",
            )
        return "talk" if mode == "talk" else "repeat"

    def resolve_credentials(
        self, api_key: object, base_url: object, environment: Environment
    ) -> Credentials | None:
        """Who we are there, and where it is; None where that means nothing.

        Raises:
            InvalidArgument: A key or a place is given in vain; or the key is missing.
        """
        del environment
        for name, value in (("api_key", api_key), ("base_url", base_url)):
            if value is not None:
                raise InvalidArgument(
                    f"{self.title} has no {name}=: it would have no effect.", "Leave it out."
                )
        return None

    async def list_avatars(
        self, credentials: Credentials | None, clients: ClientFactory
    ) -> tuple[ServiceAvatar, ...]:
        """The faces one can choose.

        Raises:
            NotOffered: They cannot be listed.
            ServiceError: It cannot be asked now.
        """
        del credentials, clients
        raise self.not_offered("avatars", "does not list its faces")

    async def list_voices(
        self, credentials: Credentials | None, clients: ClientFactory
    ) -> tuple[ServiceVoice, ...]:
        """The voices one can choose.

        Raises:
            NotOffered: They cannot be listed.
            ServiceError: It cannot be asked now.
        """
        del credentials, clients
        raise self.not_offered("voices", "does not list its voices")

    async def list_contexts(
        self, credentials: Credentials | None, clients: ClientFactory
    ) -> tuple[ServiceContext, ...]:
        """What its language model may know.

        Raises:
            NotOffered: It has no contexts.
            ServiceError: It cannot be asked now.
        """
        del credentials, clients
        raise self.not_offered("contexts", "has no contexts", "Leave context_id= out.")

    def not_offered(self, call: str, what: str, fix: str = "") -> NotOffered:
        """The error for a call that this provider has not."""
        return NotOffered(
            f"{self.title} {what}.",
            fix or "Look in its own web pages.",
            service=self.name,
            call=call,
        )


def resolve_quality(keywords: Mapping[str, Any]) -> str:
    """The size that the user's `quality=` begins with.

    Raises:
        UnknownName: There is no such quality.
    """
    return begins(require_known("quality", keywords.get("quality", DEFAULT_QUALITY), CHOICES))
