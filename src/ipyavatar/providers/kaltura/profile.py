"""Kaltura: its names and numbers."""

from __future__ import annotations

from typing import ClassVar

from ..cloud.profile import ServiceProfile


class KalturaProfile(ServiceProfile):
    """Kaltura's scripted sessions."""

    name = "kaltura"
    title = "Kaltura"
    base_url = "https://api.avatar.us.kaltura.ai"
    key_variables: ClassVar[tuple[str, ...]] = (
        "KALTURA_KS",
        "KALTURA_PARTNER_ID",
        "KALTURA_ADMIN_SECRET",
    )
    # Not published; short enough for every text-to-speech service known to us.
    text_limit = 900
    # Not published; a session was seen alive after 70 s without a keep-alive.
    idle_timeout_s = 60
    # Documented: every 10 s.
    keep_alive_every_s = 10
    # Only a session's own token ends it. Its true idle limit is not published; more than 70 s have
    # been seen, and after an hour it is taken to have run out.
    lists_sessions = False
    run_out_s = 3600.0
    # No call of it names a size; 512 x 512 was seen.
    sizes = False
    # Kaltura's own SDK waits about 300 ms after `canplay`, or the first words are lost.
    first_words_s = 0.3
    colour = "#2a9d78"


PROFILE = KalturaProfile()
