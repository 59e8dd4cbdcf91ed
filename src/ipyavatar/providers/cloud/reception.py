"""How this process receives a session's stream, by whichever way the service gives it.

A page goes before: where a service lets one of us watch, and a page does or comes, it is the page,
and that sends what it plays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from ...core.clock import Clock
from ...core.tasks import failure_of, settle
from ...errors import MediaError, StreamTaken
from ...protocol.grants import StreamGrant
from ...protocol.page import AcceptOffer, ToPage
from ...protocol.page_media import MediaOver, MediaPiece, StopMedia
from .driver import Driver
from .offered_connection import HERE, OfferedConnection, OfferSpent
from .page_reception import PAGE_WENT, PageReception
from .service_events import ServiceEvent, read_event
from .stream_access import Connect, RoomConnection, StreamAccess
from .whep_proxy import ViewerGone, WhepProxy

if TYPE_CHECKING:
    from ...media.received_stream import Reception, StreamListener
    from ...media.receiving_peer import ReceivingPeer

ANSWER_S = 2.0
"""So long a page waits for the answer to an offer of ours: a round trip or two take less."""

PAGE_COMES_S = 20.0
"""So long a page is waited for that alone can watch."""

PAGE_CAME = "A page shows the avatar."


class StreamReceiver:
    """Makes connections for readers and recordings of one session.

    Args:
        driver: Knows what the service gave.
        room: Who watches.
        whep_proxy: Makes calls of WHEP.
        offered: The one connection that the service may have offered.
        opened: Waits until the session is open; raises where it will not be.
        connect: Enters the service's room from here.
        on_event: Told what the service says by a connection that it offered.
        check: Told that something said that the session is over.
        to_page: Tells a page something.
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
        connect: Connect,
        on_event: Callable[[ServiceEvent], None],
        check: Callable[[], None],
        to_page: Callable[[ToPage], None],
        clock: Clock,
    ) -> None:
        self._driver = driver
        self._room = room
        self._whep_proxy = whep_proxy
        self._offered = offered
        self._opened = opened
        self._connect = connect
        self._on_event = on_event
        self._check = check
        self._to_page, self._clock = to_page, clock
        self._from_page: PageReception | None = None
        self._viewer: _ViewerReception | None = None
        self._kept: ReceivingPeer | None = None

    async def receive(self, listener: StreamListener) -> Reception:
        """Have the stream come to `listener`, once the session is open.

        Where only one of us can watch, and a page does, that sends what it plays.

        Raises:
            StreamTaken: Only a page could watch, and none does.
            AvatarError: It cannot be had.
        """
        await self._opened()
        grant = self._driver.grant()
        stream = grant.stream
        if stream is None:
            what = "The service gave no stream for this session."
            raise MediaError(what, "Stop it and start it again.")
        if stream.kind == "livekit" and grant.reader_token:
            room = await self._connect(replace(stream, token=grant.reader_token), _ignore)
            room.gone.add_done_callback(lambda _: self._on_gone(room))
            room.receive(listener)
            return room
        if self._room.viewers.watched or (stream.kind == "webrtc" and self._is_for_pages()):
            return await self._receive_from_page(listener)
        if stream.kind == "livekit":
            return _RoomReception(await self._room.enter(), listener)
        if stream.kind == "whep":
            return await self._receive_whep(stream, listener)
        return await self._receive_offered(stream, listener)

    def on_media(self, report: MediaPiece | MediaOver, buffers: Sequence[bytes]) -> None:
        """A page sends what it plays, or does not any more."""
        reception = self._from_page
        if reception is None or reception.closed or reception.sending != report.sending:
            if isinstance(report, MediaPiece):
                self._to_page(StopMedia(report.page, report.sending))
        elif isinstance(report, MediaPiece):
            reception.take(report, buffers)
        else:
            reception.end(report)

    def on_viewers(self) -> None:
        """Pages have come or gone: one that sends may not watch any more."""
        reception = self._from_page
        if reception is not None and reception.page != self._room.viewers.newest:
            reception.lose(MediaError(PAGE_WENT))

    async def make_way(self) -> None:
        """Leave the stream to a page."""
        if self._viewer is not None:
            await self._viewer.give_up()

    async def close(self) -> None:
        """End what is kept."""
        if self._kept is not None:
            await self._kept.close()

    def _on_gone(self, room: RoomConnection) -> None:
        if not room.left:
            self._check()  # it may be the session's end

    def _is_for_pages(self) -> bool:
        # What is offered once is left to a page that may still come: it would find nothing.
        return self._room.page_may_come and (self._kept is None or self._kept.lost)

    async def _receive_from_page(self, listener: StreamListener) -> Reception:
        page = await self._room.wait_watched(PAGE_COMES_S)
        if page is None:
            raise StreamTaken(
                f"{self._driver.profile.title} lets a page watch this session, and none does.",
                "Show the avatar, or read and record it in a script: AvatarSession.",
            )
        reception = self._from_page = PageReception(page, listener, self._to_page, self._clock)
        try:
            await reception.begin()
        except BaseException:
            await reception.close()
            raise
        return reception

    async def _receive_whep(self, stream: StreamGrant, listener: StreamListener) -> Reception:
        peer = self._new_peer(listener)
        viewer = self._viewer = _ViewerReception(peer, listener, self._end_viewer)
        try:
            await viewer.connect(self._offer_here(viewer, peer, stream))
        except BaseException as error:
            await viewer.close()
            if isinstance(error, ViewerGone):
                self._check()
            raise
        return viewer

    async def _offer_here(
        self, viewer: _ViewerReception, peer: ReceivingPeer, stream: StreamGrant
    ) -> None:
        offer = await peer.offer(stream.ice_servers)
        # A page may have come meanwhile, and this call would end what it has.
        if self._room.viewers.watched:
            raise MediaError(PAGE_CAME)
        viewer.asked = True
        await peer.accept(await self._whep_proxy.offer(stream.url, HERE, offer))

    async def _receive_offered(self, stream: StreamGrant, listener: StreamListener) -> Reception:
        """What is offered once is kept for the readers that come later."""
        peer = self._kept
        if peer is None or peer.lost:
            try:
                self._offered.check(HERE)
            except OfferSpent as error:
                raise StreamTaken(error.what, error.fix) from error
            peer = self._new_peer(listener)
            try:
                answer = await peer.answer(stream.offer.reveal(), stream.ice_servers)
                await self._offered.accept(AcceptOffer(HERE, HERE, answer))
            except BaseException:
                await peer.close()
                raise
            self._kept = peer
        return _KeptReception(peer, listener)

    def _new_peer(self, listener: StreamListener) -> ReceivingPeer:
        from ...media.receiving_peer import ReceivingPeer

        return ReceivingPeer(listener, self._on_data)

    def _on_data(self, data: str | bytes) -> None:
        event = read_event(data, self._driver.grant().secrets())
        if event is not None:
            self._on_event(event)

    async def _end_viewer(self) -> None:
        self._viewer = None
        await self._whep_proxy.hang_up(HERE)


class _ViewerReception:
    """We are the one viewer, or about to be.

    Attributes:
        asked: The service has our offer.
    """

    def __init__(
        self, peer: ReceivingPeer, listener: StreamListener, end: Callable[[], Awaitable[None]]
    ) -> None:
        self._peer = peer
        self._listener = listener
        self._end = end
        self._connecting: asyncio.Task[None] | None = None
        self._given_up = self.asked = False

    async def connect(self, work: Coroutine[Any, Any, None]) -> None:
        """Have `work` make the connection.

        Raises:
            MediaError: It was given up meanwhile.
            AvatarError: It cannot be had.
        """
        self._connecting = asyncio.ensure_future(work)
        failure = failure_of(await settle(self._connecting))
        if self._given_up:
            raise MediaError(PAGE_CAME)
        if failure is not None:
            raise failure

    async def give_up(self) -> None:
        """End it for a page: when this returns, no call of ours is still to come."""
        self._given_up = True
        if self._connecting is not None and not self._connecting.done():
            if self.asked:  # only what was answered can be ended: the answer has the address
                await asyncio.wait({self._connecting}, timeout=ANSWER_S)
            self._connecting.cancel()
            await asyncio.wait({self._connecting})
        await self.close()
        self._listener.on_lost(MediaError(PAGE_CAME))

    async def close(self) -> None:
        """End it."""
        try:
            await self._peer.close()
        finally:  # whoever does not wait for the peer: the service counts a viewer until told
            await self._end()


class _KeptReception:
    """The connection stays when nobody listens any more: there is no second one."""

    def __init__(self, peer: ReceivingPeer, listener: StreamListener) -> None:
        self._peer = peer
        peer.listener = listener

    async def close(self) -> None:
        """Listen no more."""
        self._peer.listener = None


class _RoomReception:
    """We are in the room, and stay there."""

    def __init__(self, room: RoomConnection, listener: StreamListener) -> None:
        self._room = room
        room.receive(listener)

    async def close(self) -> None:
        """Receive no more."""
        self._room.stop_receiving()


def _ignore(event: ServiceEvent) -> None:
    """Another connection hears it, too."""
