"""How a session is made, beyond what its user chooses."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from ..core.system_time import SystemTime
from .conversation import TALK_KEYWORDS


class SessionSetup(msgspec.Struct, frozen=True):
    """What a front end and tests set; no part of the public surface.

    Attributes:
        page_wait_s: The first speech waits this long for a page that shows the avatar, in seconds.
        for_page: Whether somebody is meant to hear it in a page: what nobody could hear then has a
            `reason`.
        clock: Monotonic seconds, on the clock of the host.
        other_keywords: What else the caller takes: named when a keyword is not known.
    """

    page_wait_s: float = 0.0
    for_page: bool = False
    clock: Callable[[], float] = SystemTime.monotonic
    other_keywords: Sequence[str] = ("host", *TALK_KEYWORDS)


SCRIPT = SessionSetup()
"""That of a session without a front end."""
