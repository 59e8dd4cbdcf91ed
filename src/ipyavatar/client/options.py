"""What a session is made of, checked at the call, as the kernel uses it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from ..core.speech import Mode
from ..errors import UnknownName
from ..protocol import host as m
from ..providers.cloud.spec import SERVICES
from ..providers.options import (
    SERVICE_KEYWORDS,
    check_mode,
    validate_options,
    validate_service,
)

KEYWORDS = ("character", "voice", "quality")

WIDGET_KEYWORDS = ("muted", "volume", "captions_on", "badge", "width", "host")
"""What `Avatar` takes besides: named when a keyword is not known."""


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """The options of a session, with what follows from them."""

    wire: m.Options

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
        return self.wire.service is not None

    @property
    def sizes(self) -> bool:
        """Whether there are several picture sizes."""
        return not self.paid or SERVICES[self.provider].sizes

    @property
    def title(self) -> str:
        """Who is shown."""
        wire = self.wire
        return SERVICES[wire.provider].title if self.paid else wire.character.title()

    @property
    def face(self) -> str:
        """Which face of the provider's it is."""
        service = self.wire.service
        return self.wire.character if service is None else service.avatar_id or "default"

    @property
    def needs_livekit(self) -> bool:
        """Whether its pages need the LiveKit player."""
        return self.paid and SERVICES[self.provider].stream == "livekit"

    def check_mode(self, mode: object) -> Mode:
        """`mode`, if the provider can speak that way.

        Raises:
            UnknownName: There is no such mode.
            InvalidArgument: The provider has no language model to talk with.
        """
        return check_mode(mode, self.wire)

    def with_quality(self, quality: str) -> SessionOptions:
        """The same, in another picture size."""
        return SessionOptions(msgspec.structs.replace(self.wire, quality=quality))


def make_options(provider: str, given: Mapping[str, Any]) -> SessionOptions:
    """The options of a session, or an error that names what is wrong.

    Raises:
        UnknownName: There is no such provider, character, voice, quality or keyword.
        InvalidArgument: A value cannot work, or a key is missing.
    """
    service = {name: value for name, value in given.items() if name not in KEYWORDS}
    quality = given.get("quality", "medium")
    options = validate_options(provider, given.get("character", "ava"), given.get("voice"), quality)
    paid = provider in SERVICES
    taken = (*KEYWORDS, *SERVICE_KEYWORDS) if paid else KEYWORDS
    for keyword in service:
        if keyword not in taken and not (paid and keyword == "disable_idle_timeout"):
            raise UnknownName.of("keyword", keyword, (*taken, *WIDGET_KEYWORDS))
    if paid:
        settings = validate_service(provider, quality, service)
        options = msgspec.structs.replace(options, service=settings)
    return SessionOptions(options)
