"""The embedded avatar, as the registry knows it."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict

from ..core.quality import CHOICES, begins
from ..core.validate import require_known, require_seconds
from ..errors import InvalidArgument
from ..protocol.options import (
    MAX_IDLE_S,
    TRANSPORTS,
    VIDEO_CODECS,
    Credentials,
    SessionOptions,
)
from .api_address import OPENAI_VARIABLE
from .choices import require_choice
from .cloud.environment import Environment
from .ice_servers import ICE_VARIABLE, resolve_ice_servers
from .spec import DEFAULT_QUALITY, ProviderSpec
from .speech_api import KEY_VARIABLE
from .voice_options import choose_voice

if TYPE_CHECKING:
    from .cloud.client_factory import ClientFactory
    from .cloud.models import ServiceAvatar, ServiceVoice
    from .speech_api import SpeechApi

    VoiceChoice = str | os.PathLike[str] | SpeechApi | Callable[[str], Any]
    """What `voice=` takes."""


CODEC_VARIABLE = "IPYAVATAR_VIDEO_CODEC"
TRANSPORT_VARIABLE = "IPYAVATAR_TRANSPORT"


class EmbeddedKeywords(TypedDict, total=False):
    """Keywords of `Avatar()`.

    Attributes:
        character: Who is drawn: one of `ipyavatar.characters()`.
        voice: Who speaks: one of `ipyavatar.voices()`, else the one that fits the character. Or a
            Piper model file, an OpenAI-compatible speech address (a URL, or a `SpeechApi`), an
            eSpeak voice such as `"espeak:de"`, or a function from a text to sound.
        speed: Its pace: 0.5 to 2, 1 is as usual.
        pitch: Its pitch, likewise.
        language: Of the texts, for voices that read others than English.
        voice_timeout_s: Of functions and addresses: what gives no sound for so long is given up.
            15 when not given.
        quality: `"low"` (480p), `"medium"` (720p), `"high"` (1080p), or `"auto"`.
        video_codec: What pictures are sent in: `"h264"`, `"vp8"`, or `"auto"`, which of both the
            browser prefers; `$IPYAVATAR_VIDEO_CODEC` when not given.
        ice_servers: STUN and TURN servers, for where UDP does not pass between browser and kernel:
            mappings with `urls`, `username` and `credential`, or addresses;
            `$IPYAVATAR_ICE_SERVERS`, as JSON, when not given.
        max_idle_s: Seconds without use after which the session ends; it is opened again when it is
            looked at, or told to speak. 600 when not given.
        transport: By what sound and pictures come to the page: `"webrtc"`, `"websocket"` (through
            a notebook server with jupyter-server-proxy, past the kernel), `"messages"` (widget
            messages, which pass wherever the notebook does), or `"auto"`, the first of these that
            works; `$IPYAVATAR_TRANSPORT` when not given.
    """

    character: str | None
    voice: VoiceChoice | None
    speed: float | None
    pitch: float | None
    language: str | None
    voice_timeout_s: float | None
    quality: str | None
    video_codec: str | None
    ice_servers: Sequence[str | Mapping[str, Any]] | None
    max_idle_s: float | None
    transport: str | None


def _resolve_choice(
    keyword: str,
    variable: str,
    known: Collection[str],
    keywords: Mapping[str, Any],
    environment: Environment,
) -> str:
    """The keyword's value, else the environment's, else `"auto"`."""
    choice = keywords.get(keyword)
    if choice is None:
        choice = environment.read(variable).lower() or "auto"
        require_known(variable, choice, known)
    return require_known(keyword, choice, known)


def _refuse_ineffective(keywords: Mapping[str, Any]) -> None:
    """Refuse what only WebRTC can use: the others carry VP8, and need no servers."""
    transport = keywords.get("transport")
    if not isinstance(transport, str) or transport not in ("messages", "websocket"):
        return
    for keyword, harmless in (("video_codec", (None, "auto", "vp8")), ("ice_servers", (None, ()))):
        if keywords.get(keyword) not in harmless:
            raise InvalidArgument(
                f'{keyword}= has no effect with transport="{transport}".',
                f"Leave one of them out, or give no {keyword}=.",
            )


class EmbeddedSpec(ProviderSpec):
    """Our own voice, lips and face: no key, no network."""

    name = "embedded"
    title = "The embedded avatar"
    keywords = EmbeddedKeywords
    key_variables = (ICE_VARIABLE, KEY_VARIABLE, OPENAI_VARIABLE)

    def check_listen(self, options: SessionOptions) -> None:
        """It listens here."""

    def validate(
        self, keywords: Mapping[str, Any], environ: Mapping[str, str] | None = None
    ) -> SessionOptions:
        """Character, voice, size, codec, servers, idle time and transport."""
        from ..engine.face import CHARACTERS

        __tracebackhide__ = True
        environment = Environment(environ)
        _refuse_ineffective(keywords)

        character = require_choice("character", keywords.get("character", "ava"), CHARACTERS)
        voice = choose_voice(keywords, character)
        return SessionOptions(
            self.name,
            character,
            voice.voice,
            begins(require_choice("quality", keywords.get("quality", DEFAULT_QUALITY), CHOICES)),
            speech=voice.speech,
            video_codec=_resolve_choice(
                "video_codec", CODEC_VARIABLE, VIDEO_CODECS, keywords, environment
            ),
            max_idle_s=require_seconds("max_idle_s", keywords.get("max_idle_s", MAX_IDLE_S)),
            ice_servers=resolve_ice_servers(keywords.get("ice_servers"), environment),
            transport=_resolve_choice(
                "transport", TRANSPORT_VARIABLE, TRANSPORTS, keywords, environment
            ),
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
