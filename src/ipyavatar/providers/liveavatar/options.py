"""What one may say about a session of HeyGen LiveAvatar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...protocol.options import ServiceOptions
from ..cloud.options import ServiceKeywords
from ..cloud.profile import VideoEncoding

if TYPE_CHECKING:
    from ..embedded_spec import VoiceChoice


class LiveAvatarKeywords(ServiceKeywords, total=False):
    """Keywords of `Avatar("liveavatar")`.

    Attributes:
        quality: `"low"`, `"medium"`, `"high"` or `"auto"`.
        lite: True (the default): our own voice speaks, at half the price. False: the service's.
        voice: With `lite`: who speaks, one of `ipyavatar.voices()`.
        sandbox: About a minute, no credits; it has a face of its own.
        context_id: With `lite=False`: what its language model knows; one of the account's
            contexts. Without one it says words, and answers nobody.
        language: With `lite=False`: what it speaks and hears, such as `"en"`.
        push_to_talk: With `lite=False`: users are heard only while they hold a button.
        video_encoding: How the picture is encoded: `"H264"` (the default), or `"VP8"`, for browsers
            that have no H264; other clients say that the service will not have it for ever.
    """

    quality: str | None
    lite: bool | None
    voice: VoiceChoice | None
    sandbox: bool | None
    context_id: str | None
    language: str | None
    push_to_talk: bool | None
    video_encoding: str | None


class LiveAvatarOptions(ServiceOptions, frozen=True, kw_only=True):
    """What a LiveAvatar session is made of.

    Attributes:
        lite: We bring the voice.
        sandbox: About a minute, no credits.
        context_id: What its language model knows, FULL only.
        language: What it speaks and hears, FULL only.
        push_to_talk: Users are heard only while they hold a button, FULL only.
        video_encoding: How the picture is encoded.
    """

    lite: bool = True
    sandbox: bool = False
    context_id: str | None = None
    language: str | None = None
    push_to_talk: bool = False
    video_encoding: VideoEncoding = "H264"
