"""The embedded avatar, as the registry knows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict

from ..core.validate import require_known
from ..protocol.options import Credentials, SessionOptions
from .spec import ProviderSpec, resolve_quality, resolve_voice

if TYPE_CHECKING:
    from .cloud.client_factory import ClientFactory
    from .cloud.models import ServiceAvatar, ServiceVoice


class EmbeddedKeywords(TypedDict, total=False):
    """Keywords of `Avatar()`.

    Attributes:
        character: Who is drawn: one of `ipyavatar.characters()`.
        voice: Who speaks: one of `ipyavatar.voices()`; else the one that fits the character.
        quality: `"low"` (480p), `"medium"` (720p), `"high"` (1080p), or `"auto"`.
    """

    character: str | None
    voice: str | None
    quality: str | None


class EmbeddedSpec(ProviderSpec):
    """Our own voice, lips and face: no key, no network."""

    name = "embedded"
    title = "The embedded avatar"
    keywords = EmbeddedKeywords

    def validate(
        self, keywords: Mapping[str, Any], environ: Mapping[str, str] | None = None
    ) -> SessionOptions:
        """Character, voice and size."""
        del environ
        from ..engine.face import CHARACTERS

        character = keywords.get("character", "ava")
        require_known("character", character, CHARACTERS)
        return SessionOptions(
            self.name, character, resolve_voice(keywords, character), resolve_quality(keywords)
        )

    def speaks_here(self, options: SessionOptions) -> bool:
        """Always."""
        del options
        return True

    async def list_avatars(
        self, credentials: Credentials | None, clients: ClientFactory
    ) -> tuple[ServiceAvatar, ...]:
        """The characters."""
        del credentials, clients
        from ..engine.face import CHARACTERS
        from ..engine.face.portrait import portrait_url
        from .cloud.models import ServiceAvatar

        return tuple(
            ServiceAvatar(c.name, c.description, portrait_url(c.name)) for c in CHARACTERS.values()
        )

    async def list_voices(
        self, credentials: Credentials | None, clients: ClientFactory
    ) -> tuple[ServiceVoice, ...]:
        """Our voices."""
        del credentials, clients
        from ..engine.voice import VOICES
        from .cloud.models import ServiceVoice

        return tuple(ServiceVoice(v.name, v.description, "en") for v in VOICES.values())


SPEC = EmbeddedSpec()
