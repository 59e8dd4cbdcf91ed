"""What pages get of a service's stream, by whichever way it comes, and what becomes of it there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ...core.clock import Clock
from ...core.secret import one_line
from ...errors import MediaError, StreamTaken
from ...protocol import page as p
from ...protocol.grants import StreamGrant
from .driver import Driver
from .holder_watch import HolderWatch
from .offered_connection import HERE, OfferedConnection, OfferSpent
from .stream_access import StreamAccess
from .whep_proxy import ViewerGone, WhepProxy

AGAIN_S = 3.0
"""A page that lost its stream is expected back for so long."""


GET_ANOTHER = "A session gets no other token: stop it, and start it again."
"""What to do where the token of a stream has run out; who is in the room already stays there."""


class PageStreams:
    """The stream of one session, as its pages have it.

    Args:
        driver: Knows what the service gave.
        room: Who watches.
        whep_proxy: Passes pages' WHEP offers on.
        offered: The one connection that the service may have offered.
        opened: Waits until the session is open; raises where it will not be.
        make_way: Has this process leave the stream to a page.
        notify: Told what is wrong with the picture, for the user.
        check: Told that something said that the session is over.
        end: Told why nobody can watch the session any more, and so it has to end.
        ask: Has every page say something.
        clock: Time.
    """

    def __init__(
        self,
        driver: Driver,
        room: StreamAccess,
        whep_proxy: WhepProxy,
        offered: OfferedConnection,
        *,
        opened: Callable[[], Awaitable[None]],
        make_way: Callable[[], Awaitable[None]],
        notify: Callable[[str], None],
        check: Callable[[], None],
        end: Callable[[str], None],
        ask: Callable[[], None],
        clock: Clock,
    ) -> None:
        self._driver = driver
        self._room = room
        self._whep_proxy = whep_proxy
        self._offered = offered
        self._opened = opened
        self._make_way = make_way
        self._notify = notify
        self._check = check
        self._end = end
        self._last_notice = ""
        self._watch = HolderWatch(clock, self._find_holder, ask, self._on_holder_gone)

    async def grant(self, page: str, peer: str) -> StreamGrant:
        """How `page` gets the stream, once the session is open. The newest page has it.

        Raises:
            StreamTaken: Another page has it, and only one can.
            AvatarError: There is none to be had.
        """
        self._room.add_viewer(page, peer)
        try:
            await self._opened()
            await self._make_way()
            grant = self._driver.grant().stream
            if grant is None:
                raise MediaError(
                    "The service gave no stream for this session.", "Stop it and start it again."
                )
            if grant.kind == "webrtc":
                self._offered.check(page)
            if not self._room.viewers.watches(peer):
                raise MediaError("The page has hung up.", "Press Retry.")
        except BaseException as error:
            self._room.remove_viewer(peer)
            self._on_refused(error)
            raise
        return grant

    async def answer(self, offer: p.Offer) -> p.Answer:
        """Pass the offer of a page that may not reach the WHEP address on to it."""
        await self._opened()
        grant = self._driver.grant().stream
        if grant is None or grant.kind != "whep":
            raise MediaError("This service's stream takes no offers.", "Reload the page.")
        peer = offer.peer
        if not self._room.viewers.watches(peer):
            self._room.add_viewer(offer.page, peer)
        try:
            await self._make_way()  # a reader may have come since the page was granted the stream
            sdp = await self._whep_proxy.offer(grant.url, peer, offer.sdp)
        except BaseException as error:
            self._room.remove_viewer(peer)
            if isinstance(error, ViewerGone):
                self._check()
            raise
        if not self._room.viewers.watches(peer):  # it hung up meanwhile
            await self._whep_proxy.hang_up(peer)
        return p.Answer(offer.page, peer, sdp)

    async def accept(self, answer: p.AcceptOffer) -> None:
        """Pass a page's answer to the service's offer on to it."""
        await self._opened()
        try:
            await self._offered.accept(answer)
        except MediaError as error:
            self._on_refused(error)
            raise

    async def add_candidate(self, candidate: p.Candidate) -> None:
        """Pass on a way in which the page that has answered can be reached."""
        await self._offered.add_candidate(candidate)

    async def hang_up(self, peer: str) -> None:
        """A page does not watch any more."""
        self._release(peer)
        await self._whep_proxy.hang_up(peer)

    async def close(self) -> None:
        """End what pages have of it by us."""
        await self._watch.close()
        await self._whep_proxy.close()

    # ---- what pages tell ----------------------------------------------------------------------

    def hear(self, page: str) -> None:
        """Something has come of a page: it is there."""
        self._watch.hear(page)

    def on_media(self, media: p.Media) -> None:
        """A page says what became of playing."""
        self._room.on_media(media)
        if media.playback == "failed":
            self.notice(f"{media.what} {media.fix}".strip())
        elif media.playback == "playing":
            self._last_notice = ""

    def on_stream_over(self, over: p.StreamOver) -> None:
        """The stream of a page has ended, or did not begin."""
        self._release(over.peer)
        text = one_line(over.text, self._driver.grant().secrets())
        title, why = self._driver.profile.title, f" ({text})" if text else ""
        if over.reason == "ended":
            self._check()
        elif over.reason == "refused":
            has_run_out = "expired" in text.lower() and "certificate" not in text.lower()
            fix = f" {GET_ANOTHER}" if has_run_out else ""
            self.notice(f"{title} refused to show its picture{why}.{fix}")
        elif over.reason == "taken":
            self.notice(f"{title}'s picture is shown in another page{why}.")
        else:
            self._room.expect(AGAIN_S)
            self.notice(f"The connection to the picture was lost{why}.")

    def notice(self, text: str) -> None:
        """Tell the user once, until the picture plays again: a page tries on and fails on."""
        if text != self._last_notice:
            self._last_notice = text
            self._notify(text)

    # ---- inside -------------------------------------------------------------------------------

    def _release(self, peer: str) -> None:
        self._room.remove_viewer(peer)
        self._offered.release(peer)

    def _find_holder(self) -> str | None:
        """The page that has the one connection; not a reader of ours, which does not vanish."""
        return None if self._offered.holder == HERE else self._offered.holder

    def _on_holder_gone(self) -> None:
        self._end(str(self._offered.spent("the page that had it is gone")))

    def _on_refused(self, error: BaseException) -> None:
        """End a session that nobody can watch any more, now or later: it would go on costing."""
        if isinstance(error, StreamTaken):
            self._watch.start()
        if isinstance(error, OfferSpent):
            self._end(str(error))
