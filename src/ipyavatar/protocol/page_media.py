"""The messages about what a page plays, where Python wants it and has no other way to it.

A part of `protocol.page`. A service that lets one of us watch is watched by the page; while
somebody reads or records the session, the page sends what it plays, as its browser records it.
"""

from __future__ import annotations

from ..core.decode import Count, Number
from .message import PageMessage

PIECE_BYTES = 65_536
"""One `MediaPiece` has no more."""

# ---- the page says ------------------------------------------------------------------------------


class MediaPiece(PageMessage, frozen=True, tag="media-piece"):
    """Some bytes of the file that the page's browser records; in its one buffer.

    Numbered from 1, which is empty and says that it has begun: what is not acknowledged is sent
    again. `recorded_ms`: so long after the beginning it was there. So many bytes are `waiting`.
    """

    page: str
    sending: str
    number: Count
    kind: str
    recorded_ms: Number
    waiting: Count = 0


class MediaOver(PageMessage, frozen=True, tag="media-over"):
    """The page sends nothing more; or it cannot: what happened, and what to do.

    `final`: its browser cannot, and asked again it could not either.
    """

    page: str
    sending: str
    what: str
    fix: str = ""
    final: bool = False


# ---- the page is told ---------------------------------------------------------------------------


class SendMedia(PageMessage, frozen=True, tag="send-media"):
    """The page is to send what it plays from now on, under this name; in place of any other."""

    page: str
    sending: str


class MediaTaken(PageMessage, frozen=True, tag="media-taken"):
    """All pieces up to this `number` have come."""

    page: str
    sending: str
    number: Count


class StopMedia(PageMessage, frozen=True, tag="stop-media"):
    """Nobody wants it any more."""

    page: str
    sending: str
