"""What one may say about a session of HeyGen streaming."""

from __future__ import annotations

from typing import Any, Literal

from ...errors import InvalidArgument, describe
from ...protocol.options import ServiceOptions
from ..cloud.options import ServiceKeywords
from ..cloud.profile import VideoEncoding

# The range it accepts for `activity_idle_timeout`.
IDLE_TIMEOUT_MIN_S = 30
IDLE_TIMEOUT_MAX_S = 3599


class HeyGenKeywords(ServiceKeywords, total=False):
    """Keywords of `Avatar("heygen")`.

    Attributes:
        quality: `"low"` (360p), `"medium"` (480p), `"high"` (720p), or `"auto"`.
        idle_timeout_s: After a crash the service ends the session by itself after so many
            seconds, 30 to 3599 (120).
        transport: What the picture is to come by: `"livekit"` (the default), a room; or `"webrtc"`,
            one peer connection, which one page can hold, once in a session. Whichever of the two
            the service offers is played.
        video_encoding: How the picture is encoded: `"H264"` (the default), or `"VP8"`, for browsers
            that have no H264.
    """

    quality: str | None
    idle_timeout_s: int | None
    transport: str | None
    video_encoding: str | None


class HeyGenOptions(ServiceOptions, frozen=True, kw_only=True):
    """What a HeyGen session is made of.

    Attributes:
        idle_timeout_s: Seconds, 30 to 3599, after which the service ends a session that shows no
            activity: what a crash can cost at most.
        transport: What the picture is to come by.
        video_encoding: How it is encoded.
    """

    idle_timeout_s: int = 120
    transport: Literal["livekit", "webrtc"] = "livekit"
    video_encoding: VideoEncoding = "H264"


def check_idle_timeout(seconds: Any) -> int:
    """`seconds`, if the service would take it.

    Raises:
        InvalidArgument: It is not a whole number from 30 to 3599.
    """
    whole = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    if not (whole and IDLE_TIMEOUT_MIN_S <= seconds <= IDLE_TIMEOUT_MAX_S and seconds % 1 == 0):
        raise InvalidArgument(
            f"idle_timeout_s={describe(seconds)} cannot work.",
            f"Give whole seconds from {IDLE_TIMEOUT_MIN_S} to {IDLE_TIMEOUT_MAX_S}.",
        )
    return int(seconds)
