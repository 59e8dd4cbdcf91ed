"""The appearance of sessions: services' avatar ids to our characters, voices and sizes."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

from ...engine.face import CHARACTERS
from ...engine.voice import VOICES
from ..session import TwinSession

HEYGEN_SIZES = {"low": (640, 360), "medium": (854, 480), "high": (1280, 720)}
LIVEAVATAR_SIZES = {**HEYGEN_SIZES, "very_high": (1920, 1080)}
KALTURA_SIZE = (512, 512)
"""Seen in captures of the live service."""

_VOICES = {"female": "june", "male": "cole"}


@dataclass(frozen=True)
class Appearance:
    """How one session looks and sounds.

    Attributes:
        character: A name of `CHARACTERS`.
        voice: A name of `VOICES`.
        size: Width and height of the picture in pixels.
        seed: Of the idle motion.
        codec: The video codec that is sent where the client can: `video/H264` or `video/VP8`.
        streams_pcm: Whether its audio comes as 24 kHz PCM; otherwise as files.
    """

    character: str
    voice: str
    size: tuple[int, int]
    seed: int
    codec: str
    streams_pcm: bool


def choose_appearance(session: TwinSession) -> Appearance:
    """The appearance of a session: the same avatar id always looks the same."""
    info: dict[str, Any] = session.info
    seed = zlib.crc32(str(info.get("avatar_id", "")).encode())
    avatar_id = str(info.get("avatar_id", "")).lower()
    names = list(CHARACTERS)
    character = avatar_id if avatar_id in CHARACTERS else names[seed % len(names)]
    voice_id = str(info.get("voice_name") or info.get("voice_id") or "").lower()
    voice = voice_id if voice_id in VOICES else _VOICES[CHARACTERS[character].voice]
    if session.service == "kaltura":
        size = KALTURA_SIZE
    else:
        size = LIVEAVATAR_SIZES.get(str(info.get("quality")), LIVEAVATAR_SIZES["low"])
    codec = "video/VP8" if info.get("video_encoding") == "VP8" else "video/H264"
    return Appearance(character, voice, size, seed, codec, session.service != "kaltura")
