"""What a session is made of, as the kernel uses it: the options and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from ..core.speech import Mode
from ..errors import InvalidArgument, MissingSetting
from ..protocol.options import SessionOptions
from ..providers.options import validate_fallback, validate_options
from ..providers.registry import spec_of
from ..providers.spec import ProviderSpec, StreamKind
from .widget_names import refuse_widget_keywords


@dataclass(frozen=True, slots=True)
class ResolvedOptions:
    """The options of a session, with what follows from them.

    Attributes:
        wire: As they are sent to the host.
        stands_in: Why these are not those of the provider that was asked for; empty where they are.
    """

    wire: SessionOptions
    stands_in: str = ""

    @property
    def fallback(self) -> ResolvedOptions | None:
        """What goes on where the provider cannot."""
        return None if self.wire.fallback is None else ResolvedOptions(self.wire.fallback)

    @property
    def spec(self) -> ProviderSpec:
        """What is known of the provider."""
        return spec_of(self.wire.provider)

    @property
    def provider(self) -> str:
        """Who is behind it."""
        return self.wire.provider

    @property
    def quality(self) -> str:
        """Its picture size."""
        return self.wire.quality

    @property
    def paid(self) -> bool:
        """Whether a service is behind it."""
        return self.spec.paid

    @property
    def sizes(self) -> bool:
        """Whether there are several picture sizes."""
        return self.spec.sizes

    @property
    def speaks_here(self) -> bool:
        """Whether our own voice speaks, so that what it cannot read is left out."""
        return self.spec.speaks_here(self.wire)

    def check_sound(self, mode: object) -> None:
        """Raise unless the provider can speak sound that it is given.

        Raises:
            InvalidArgument: It cannot; or what it is to answer would be sound.
        """
        if self.check_mode(mode) == "talk":
            raise InvalidArgument("Sound is spoken as it is.", 'Leave mode="talk" out.')
        self.spec.check_sound(self.wire)

    @property
    def reads_english(self) -> bool:
        """Whether a voice of ours speaks: it leaves out what is in other scripts."""
        return self.speaks_here and self.wire.speech.other is None

    @property
    def title(self) -> str:
        """Who is shown."""
        return self.spec.title if self.paid else self.wire.character.title()

    @property
    def face(self) -> str:
        """Which face of the provider's it is."""
        service = self.wire.service
        return self.wire.character if service is None else service.avatar_id or "default"

    @property
    def stream(self) -> StreamKind:
        """How its picture comes to a page, unless the service has another way."""
        return self.spec.stream_of(self.wire)

    @property
    def needs_livekit(self) -> bool:
        """Whether its pages may need the LiveKit player: a service may offer that all the same."""
        return self.spec.stream == "livekit"

    def check_mode(self, mode: object) -> Mode:
        """`mode`, if the provider can speak that way.

        Raises:
            UnknownName: There is no such mode.
            InvalidArgument: The provider has no language model to talk with.
        """
        return self.spec.check_mode(mode, self.wire)

    def with_responder(self) -> ResolvedOptions:
        """The same, where what is typed in a page is asked in the kernel."""
        return self._with(responds=True)

    def with_quality(self, quality: str) -> ResolvedOptions:
        """The same, in another picture size."""
        return self._with(quality=quality)

    def _with(self, **changes: Any) -> ResolvedOptions:
        """The same but for these; so is what goes on in its place."""
        fallback = self.wire.fallback
        if fallback is not None:
            fallback = msgspec.structs.replace(fallback, **changes)
        return replace(self, wire=msgspec.structs.replace(self.wire, fallback=fallback, **changes))


def make_options(
    provider: str, given: Mapping[str, object], others: Sequence[str] = ()
) -> ResolvedOptions:
    """The options of a session, or an error that names what is wrong.

    Args:
        provider: Who is behind it.
        given: The keywords of the session.
        others: What else the caller takes: named when a keyword is not known.

    Raises:
        UnknownName: There is no such provider, character, voice, quality or keyword.
        InvalidArgument: A value cannot work or can have no effect, or a key is missing.
    """
    __tracebackhide__ = True  # in notebooks: what is wrong is in the message
    refuse_widget_keywords(given, others)
    try:
        return ResolvedOptions(validate_options(provider, given, others=others))
    except MissingSetting as error:
        fallback = validate_fallback(provider, given)
        if fallback is None:
            raise
        title = spec_of(fallback.provider).title
        return ResolvedOptions(fallback, f"{error} {title} speaks instead.")
