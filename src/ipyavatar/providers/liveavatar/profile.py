"""HeyGen LiveAvatar: its names and numbers."""

from __future__ import annotations

from typing import ClassVar

from ..cloud.profile import ServiceProfile

LITE_CREDITS_PER_MINUTE = 1.0


class LiveAvatarProfile(ServiceProfile):
    """HeyGen LiveAvatar, FULL and LITE."""

    name = "liveavatar"
    title = "HeyGen LiveAvatar"
    base_url = "https://api.liveavatar.com"
    key_variables: ClassVar[tuple[str, ...]] = ("LIVEAVATAR_API_KEY",)
    # Not published; the limit of its predecessor is kept.
    text_limit = 900
    # Documented: ended after 5 minutes without activity.
    idle_timeout_s = 300
    avatar_identity = "heygen"
    keep_alive_every_s = 60
    # Its other clients say: without a user in the room the avatar leaves after 5 minutes.
    join_within_s = 300.0
    # Documented: FULL 2 credits a minute, LITE 1.
    credits_per_minute = 2.0
    colour = "#e08a1e"


PROFILE = LiveAvatarProfile()
