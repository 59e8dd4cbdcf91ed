"""Which page is in a service's stream, and what a speech waits for. Pure.

One page at a time is in it: a room throws out the older of two with the same token, and a WHEP
address takes one viewer. Who asked last is gone by; who went before it is kept, since the last may
be refused.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...protocol.page import Media, Playback

PICTURE_WAIT_S = 6.0
"""Words wait this long for a picture that does not come; it is what Kaltura's own SDK does."""

NEVER = float("inf")

_HIDDEN = ("paused", "failed")
_PAINTED = ("playing", "sound-blocked")


@dataclass(slots=True)
class _View:
    page: str
    peer: str
    inside: bool = False  # it is in the room: data comes through it
    playback: Playback | None = None
    painted_at: float | None = None
    waived: bool = False  # waited for in vain
    silent: bool = False  # it plays nothing: no view of it is left


class Viewers:
    """The pages of one session.

    Args:
        margin_s: Seconds from a picture that plays to words that are heard from their start.
    """

    def __init__(self, margin_s: float = 0.0) -> None:
        self._margin_s = margin_s
        self._views: list[_View] = []  # the newest last
        self._expected_until = -NEVER
        self._ever = False

    # ---- what happens -----------------------------------------------------------------------

    def expect(self, until: float) -> None:
        """A page is to come by then, in seconds of the session's clock."""
        self._expected_until = max(self._expected_until, until)

    def add(self, page: str, peer: str) -> None:
        """A page wants to watch; what it watched before is over."""
        self._views = [view for view in self._views if view.page != page]
        self._views.append(_View(page, peer))
        self._ever = True

    def remove(self, peer: str) -> bool:
        """A page does not watch any more. Whether it did."""
        before = len(self._views)
        self._views = [view for view in self._views if view.peer != peer]
        return len(self._views) < before

    def on_media(self, media: Media, now: float) -> None:
        """A page says what became of playing."""
        view = self._of(media.page)
        if view is None:
            return
        view.playback = media.playback
        view.inside = view.inside or media.playback != "failed"
        view.waived = False
        view.silent = media.silent
        if media.playback not in _PAINTED:
            view.painted_at = None
        elif view.painted_at is None:
            view.painted_at = now

    def on_packet(self, page: str) -> bool:
        """A page passes on what it heard in the room. Whether it is one of ours."""
        view = self._of(page)
        if view is not None:
            view.inside = True
        return view is not None

    def waive(self) -> None:
        """The page was waited for in vain: it holds nothing up until it says something."""
        self._expected_until = -NEVER
        if self._views:
            self._views[-1].waived = True

    # ---- what is so -------------------------------------------------------------------------

    def watches(self, peer: str) -> bool:
        """Whether the page that asked with `peer` still wants to watch."""
        return any(view.peer == peer for view in self._views)

    @property
    def watched(self) -> bool:
        """Whether a page watches, or is about to."""
        return bool(self._views)

    @property
    def left(self) -> bool:
        """Whether pages were here, and none plays it any more."""
        return self._ever and all(view.silent for view in self._views)

    @property
    def newest(self) -> str | None:
        """The page that asked last."""
        return self._views[-1].page if self._views else None

    @property
    def inside(self) -> str | None:
        """The page that is in the room: what is sent goes through it."""
        return next((view.page for view in reversed(self._views) if view.inside), None)

    @property
    def hears(self) -> bool:
        """Whether what the service tells in the room gets here by a page now."""
        return any(view.inside and view.playback != "interrupted" for view in self._views)

    @property
    def painted(self) -> bool:
        """Whether the page that asked last shows the picture."""
        return bool(self._views) and self._views[-1].painted_at is not None

    def waits_until(self, now: float) -> float | None:
        """Until when a speech waits, unless something happens before; None: not at all."""
        if not self._views:
            return self._expected_until if self._expected_until > now else None
        view = self._views[-1]
        if view.waived or view.playback in _HIDDEN:
            return None
        if view.painted_at is None:
            return NEVER
        heard_from = view.painted_at + self._margin_s
        return heard_from if heard_from > now else None

    def is_coming(self, now: float) -> bool:
        """Whether a page will soon be in the room, as far as can be told."""
        if not self._views:
            return self._expected_until > now
        view = self._views[-1]
        return not view.inside and not view.waived and view.playback not in _HIDDEN

    def _of(self, page: str) -> _View | None:
        return next((view for view in self._views if view.page == page), None)
