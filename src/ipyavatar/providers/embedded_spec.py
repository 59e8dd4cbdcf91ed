"""The embedded avatar, as the registry knows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict

from ..core.validate import require_known, require_seconds
from ..protocol.options import MAX_IDLE_S, VIDEO_CODECS, Credentials, SessionOptions
from .cloud.environment import Environment
from .ice_servers import ICE_VARIABLE, resolve_ice_servers
from .spec import ProviderSpec, resolve_quality, resolve_voice

if TYPE_CHECKING:
    from .cloud.client_factory import ClientFactory
    from .cloud.models import ServiceAvatar, ServiceVoice


CODEC_VARIABLE = "IPYAVATAR_VIDEO_CODEC"


class EmbeddedKeywords(TypedDict, total=False):
    """Keywords of `Avatar()`.

    Attributes:
        character: Who is drawn: one of `ipyavatar.characters()`.
        voice: Who speaks: one of `ipyavatar.voices()`; else the one that fits the character.
        quality: `"low"` (480p), `"medium"` (720p), `"high"` (1080p), or `"auto"`.
        video_codec: What pictures are sent in: `"h264"`, `"vp8"`, or `"auto"`, which of both the
            browser prefers; `$IPYAVATAR_VIDEO_CODEC` when not given.
        ice_servers: STUN and TURN servers, for where UDP does not pass between browser and kernel:
            mappings with `urls`, `username` and `credential`, or addresses;
            `$IPYAVATAR_ICE_SERVERS`, as JSON, when not given.
        max_idle_s: Seconds without use after which the session ends; it is opened again when it is
            looked at, or told to speak. 600 when not given.
    """

    character: str | None
    voice: str | None
    quality: str | None
    video_codec: str | None
    ice_servers: Sequence[str | Mapping[str, Any]] | None
    max_idle_s: float | None


def _resolve_codec(keywords: Mapping[str, Any], environment: Environment) -> str:
    codec = keywords.get("video_codec")
    if codec is None:
        codec = environment.read(CODEC_VARIABLE).lower() or "auto"
        require_known(CODEC_VARIABLE, codec, VIDEO_CODECS)
    require_known("video_codec", codec, VIDEO_CODECS)
    return str(codec)


class EmbeddedSpec(ProviderSpec):
    """Our own voice, lips and face: no key, no network."""

    name = "embedded"
    title = "The embedded avatar"
    keywords = EmbeddedKeywords
    key_variables = (ICE_VARIABLE,)

    def validate(
        self, keywords: Mapping[str, Any], environ: Mapping[str, str] | None = None
    ) -> SessionOptions:
        """Character, voice, size, codec, servers and idle time."""
        from ..engine.face import CHARACTERS

        environment = Environment(environ)

        character = keywords.get("character", "ava")
        require_known("character", character, CHARACTERS)
        return SessionOptions(
            self.name,
            character,
            resolve_voice(keywords, character),
            resolve_quality(keywords),
            video_codec=_resolve_codec(keywords, environment),
            max_idle_s=require_seconds("max_idle_s", keywords.get("max_idle_s", MAX_IDLE_S)),
            ice_servers=resolve_ice_servers(keywords.get("ice_servers"), environment),
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
