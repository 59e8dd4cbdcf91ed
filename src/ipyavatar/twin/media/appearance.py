"""The appearance of sessions: services' avatar ids to our characters and voices."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

from ...engine.face import CHARACTERS
from ...engine.voice import VOICES
from ..session import TwinSession

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
    codec = "video/VP8" if info.get("video_encoding") == "VP8" else "video/H264"
    size, streams_pcm = session.picture_size, session.streams_pcm
    return Appearance(character, voice, size, seed, codec, streams_pcm)
