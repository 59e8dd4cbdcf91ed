"""What a session is made of: the one type from the user's keyword to the service's call.

Each service has its own `ServiceOptions` in its folder. A command carries them as they are; where
it is decoded, the caller says which type belongs to which service (see `providers.registry`), so
that nothing here knows one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from ..core.secret import Secret


class Credentials(msgspec.Struct, frozen=True):
    """Who we are at a service, and where it is: the key is sent nowhere else.

    Attributes:
        provider: The service's name.
        base_url: Where it is, without a slash at its end.
        key: Its key; None where one is minted from `partner` and `admin`.
        partner: Id of an account whose key is minted.
        admin: The secret it is minted from.
    """

    provider: str
    base_url: str
    key: Secret | None = None
    partner: str = ""
    admin: Secret | None = None


class AnyService:
    """Stands for `ServiceOptions` in a message: msgspec has a hook decode what it does not know."""

    __slots__ = ()


MAX_DURATION_S = 3600.0
"""Seconds after which we end a session in any case, unless the user says otherwise."""


MAX_IDLE_S = 600.0
"""Seconds without use after which we end a session, unless the user says otherwise."""


class ServiceOptions(msgspec.Struct, AnyService, frozen=True, kw_only=True):
    """What a session of any paid service is made of; services add their own.

    Attributes:
        credentials: Who we are there.
        avatar_id: The service's id of the face; its default face when None.
        voice_id: The service's id of the voice; the face's own voice when None.
        max_idle_s: Seconds without activity of the user after which we end the session.
        max_duration_s: Seconds after which we end the session in any case.
        credits_per_minute: The user's price, where none is published; credits a minute.
    """

    credentials: Credentials
    avatar_id: str | None = None
    voice_id: str | None = None
    max_idle_s: float = MAX_IDLE_S
    max_duration_s: float = MAX_DURATION_S
    credits_per_minute: float | None = None


if TYPE_CHECKING:
    AnyServiceOptions = ServiceOptions
else:
    AnyServiceOptions = AnyService


class IceServer(msgspec.Struct, frozen=True):
    """A STUN or TURN server, the user's or a service's, as the browser's `RTCIceServer`.

    Attributes:
        urls: Its addresses, each `stun:`, `stuns:`, `turn:` or `turns:`.
        username: Who we are there; empty where it asks nobody.
        credential: What proves it.
    """

    urls: tuple[str, ...]
    username: Secret = Secret("")
    credential: Secret = Secret("")


VIDEO_CODECS: Mapping[str, tuple[str, ...]] = {
    "auto": ("video/H264", "video/VP8"),
    "h264": ("video/H264",),
    "vp8": ("video/VP8",),
}
"""What we send pictures in, by the user's name for it; best first, the page chooses."""


TRANSPORTS = ("auto", "webrtc", "websocket", "messages")
"""By what sound and pictures may come to the page, best first; `auto`: the best that works."""


class FunctionVoice(msgspec.Struct, frozen=True, tag=True):
    """A function of the user's, which stays in the kernel.

    Attributes:
        name: What messages call it.
    """

    name: str


class AddressVoice(msgspec.Struct, frozen=True, tag=True):
    """An OpenAI-compatible speech address.

    Attributes:
        url: Where; its path ends with `/audio/speech`.
        model: Which model of it.
        voice: Which voice of that.
        key: What it asks for; None where it asks for none.
        sample_rate: Of the plain samples it sends, where it does not say.
    """

    url: str
    model: str
    voice: str
    key: Secret | None = None
    sample_rate: int = 24_000


class PiperVoice(msgspec.Struct, frozen=True, tag=True):
    """A Piper model.

    Attributes:
        path: Of its `.onnx`; its `.json` is beside it.
    """

    path: str


class EspeakVoice(msgspec.Struct, frozen=True, tag=True):
    """A voice of eSpeak NG.

    Attributes:
        name: As eSpeak has it: `de`, `en-gb`, `fr+f2`.
    """

    name: str


OtherVoice = FunctionVoice | AddressVoice | PiperVoice | EspeakVoice


class VoiceOptions(msgspec.Struct, frozen=True):
    """Who speaks, where we speak.

    Attributes:
        other: Who speaks instead of our own voice.
        speed: Pace, against the voice's own.
        pitch: Pitch, against the voice's own.
        language: Of the texts: how they are cut and read.
        timeout_s: A voice that gives no sound for so long is given up.
    """

    other: OtherVoice | None = None
    speed: float = 1.0
    pitch: float = 1.0
    language: str = "en"
    timeout_s: float = 15.0


class SessionOptions(msgspec.Struct, frozen=True):
    """What a session is made of; checked before it is sent.

    Attributes:
        provider: Who is behind it.
        character: Who is drawn, where we draw.
        voice: The name of our voice that speaks; empty where another one does.
        quality: Size of the picture: `low`, `medium` or `high`.
        service: Of a paid service: all the rest, as that service's own type.
        video_codec: What pictures are sent in, where we draw: a name of `VIDEO_CODECS`.
        ice_servers: Where we draw: what helps page and host to reach each other.
        max_idle_s: Where we draw: seconds without use after which the session ends.
        responds: Whether the kernel has a responder: what is typed in a page is asked there.
        transport: Where we draw: by what it comes to the page, one of `TRANSPORTS`.
        fallback: What goes on where the service cannot be opened, or breaks for good.
        speech: How it speaks, or who does instead.
    """

    provider: str = "embedded"
    character: str = "ava"
    voice: str = ""
    quality: str = "medium"
    service: AnyServiceOptions | None = None
    video_codec: str = "auto"
    ice_servers: tuple[IceServer, ...] = ()
    max_idle_s: float = MAX_IDLE_S
    responds: bool = False
    transport: str = "auto"
    fallback: SessionOptions | None = None
    speech: VoiceOptions = VoiceOptions()
