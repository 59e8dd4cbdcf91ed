"""HeyGen streaming: its names and numbers."""

from __future__ import annotations

from typing import ClassVar

from ..cloud.profile import ServiceProfile


class HeyGenProfile(ServiceProfile):
    """HeyGen streaming."""

    name = "heygen"
    title = "HeyGen streaming"
    base_url = "https://api.heygen.com"
    key_variables: ClassVar[tuple[str, ...]] = ("HEYGEN_API_KEY",)
    # Users report a limit of about 1000 characters; how it is counted is not published.
    text_limit = 900
    # `activity_idle_timeout` of streaming.new: default 120 s.
    idle_timeout_s = 120
    keep_alive_every_s = 40
    avatar_identity = "heygen"
    colour = "#3b6fd4"


PROFILE = HeyGenProfile()
