"""A service's stream as a session has it: who of us is in it, and who is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from ...core.clock import Clock
from ...core.tasks import TaskSet, wait_until
from ...errors import AvatarError, MissingPart, SpeechFailed
from ...protocol.grants import StreamGrant
from ...protocol.page import Media
from .profile import ServiceProfile
from .service_events import ServiceEvent
from .viewers import PICTURE_WAIT_S, Viewers

if TYPE_CHECKING:
    from ...media.received_stream import StreamListener


class RoomConnection(Protocol):
    """This process in a service's room."""

    gone: asyncio.Future[str]
    """Done, with the reason, when it is not in the room any more."""

    broken: bool
    """Whether that came by a mishap here: another one may well be had."""

    left: bool
    """Whether we have left ourselves."""

    async def send(self, topic: str, payload: bytes) -> None:
        """Send a reliable data packet.

        Raises:
            SpeechFailed: It could not be sent.
        """

    def receive(self, listener: StreamListener) -> None:
        """Have `listener` get the avatar's sound and pictures from now on."""

    def stop_receiving(self) -> None:
        """Have no more of them."""

    async def close(self) -> None:
        """Leave."""


PAGE_SHARE = 0.5
"""Where a page may come, it has this share of the time in which somebody has to join a room."""

JOIN_AGAIN_S = 15.0
"""So long after a room could not be joined it is tried again."""

OnServiceEvent = Callable[[ServiceEvent], None]
Connect = Callable[[StreamGrant, OnServiceEvent], Awaitable[RoomConnection]]


class ConnectRoom(Protocol):
    """Enters a service's room from here."""

    async def __call__(
        self,
        grant: StreamGrant,
        on_event: OnServiceEvent,
        *,
        profile: ServiceProfile,
        abandoned: TaskSet,
    ) -> RoomConnection:
        """Enter it; `profile` says whose it is, `abandoned` leaves one that was not joined."""


async def connect_room(
    grant: StreamGrant, on_event: OnServiceEvent, *, profile: ServiceProfile, abandoned: TaskSet
) -> RoomConnection:
    """Enter a room from here; what that takes is loaded at the first need.

    Raises:
        MissingPart: LiveKit's package is not installed.
        SpeechFailed: The room cannot be entered.
    """
    from .livekit_room import connect_livekit_room

    return await connect_livekit_room(grant, on_event, profile, abandoned)


class StreamAccess:
    """The room, as drivers see it (`RoomChannel`), and the gate speeches wait at.

    Args:
        clock: Time.
        viewers: Who watches; told through this class, so that those who wait are woken.
        stream_grant: How the stream is entered; None while that is not known.
        to_page: Has a page send a data packet.
        on_event: Told what the service says to this process in the room.
        on_lost: Told that this process is not in the room any more; and whether by a mishap here.
        connect: Enters the room from here.
    """

    def __init__(
        self,
        clock: Clock,
        viewers: Viewers,
        *,
        stream_grant: Callable[[], StreamGrant | None],
        to_page: Callable[[str, str, str], None],
        on_event: OnServiceEvent,
        on_lost: Callable[[bool], None],
        connect: Connect,
    ) -> None:
        self.viewers = viewers
        self._clock = clock
        self._stream_grant = stream_grant
        self._to_page = to_page
        self._on_event = on_event
        self._on_lost = on_lost
        self._connect = connect
        self._connection: RoomConnection | None = None
        self._page_may_come = False
        self._entering = asyncio.Lock()
        self._changed = asyncio.Event()

    # ---- what happens -----------------------------------------------------------------------

    def expect(self, within_s: float) -> None:
        """A page is about to come."""
        self._page_may_come = self._page_may_come or within_s > 0
        self.viewers.expect(self._clock.now() + within_s)
        self._changed.set()

    def add_viewer(self, page: str, peer: str) -> None:
        """A page wants to watch."""
        self._page_may_come = True
        self.viewers.add(page, peer)
        self._changed.set()

    def remove_viewer(self, peer: str) -> None:
        """A page does not watch any more."""
        self.viewers.remove(peer)
        self._changed.set()

    def on_media(self, media: Media) -> None:
        """A page says what became of playing."""
        self.viewers.on_media(media, self._clock.now())
        self._changed.set()

    def on_packet(self, page: str) -> bool:
        """A page passes on what it heard. Whether it is one of ours."""
        self._changed.set()
        return self.viewers.on_packet(page)

    @property
    def page_may_come(self) -> bool:
        """Whether a page was announced, or has come once."""
        return self._page_may_come

    # ---- the gate ---------------------------------------------------------------------------

    async def wait_shown(self) -> bool:
        """Wait until words would be heard from their start; False when that took too long."""
        deadline = self._clock.now() + PICTURE_WAIT_S
        while (until := self.viewers.waits_until(self._clock.now())) is not None:
            if self._clock.now() >= deadline:
                in_time = self.viewers.painted
                self.viewers.waive()
                return in_time
            await self._change(min(until, deadline))
        return True

    async def wait_watched(self, within_s: float) -> str | None:
        """The page that watches, once one does; None where none comes."""
        deadline = self._clock.now() + within_s
        while self.viewers.newest is None and self._clock.now() < deadline:
            await self._change(deadline)
        return self.viewers.newest

    # ---- the room ---------------------------------------------------------------------------

    @property
    def hears(self) -> bool:
        """Whether what the service tells in the room gets here now."""
        return self.viewers.hears or self._connection is not None

    async def hear(self) -> None:
        """Have the page in the room, else this process.

        Raises:
            AvatarError: Neither can be.
        """
        if await self._wait_inside() is None:
            await self.enter()

    async def send(self, topic: str, payload: bytes) -> None:
        """Send through the page that is in the room, else from here.

        Raises:
            SpeechFailed: Neither can be.
            MissingPart: There is no page, and LiveKit's package is not installed.
        """
        page = await self._wait_inside()
        if page is not None:
            self._to_page(page, topic, payload.decode())
            return
        await (await self.enter()).send(topic, payload)

    async def _wait_inside(self) -> str | None:
        """The page that is in the room, once it is; None where none is, and none comes."""
        deadline = self._clock.now() + PICTURE_WAIT_S
        while self.viewers.inside is None and self.viewers.is_coming(self._clock.now()):
            if self._clock.now() >= deadline:
                break
            await self._change(
                min(deadline, self.viewers.waits_until(self._clock.now()) or deadline)
            )
        return self.viewers.inside

    async def join_in_time(self, limit_s: float, on_failure: Callable[[AvatarError], None]) -> None:
        """Enter the room from here unless a page does, for a service that ends what nobody joins.

        Args:
            limit_s: Seconds within which somebody has to be there.
            on_failure: Told why this process cannot be, once.
        """
        began = self._clock.now()
        if self._page_may_come:
            await self._wait_for_page(began + limit_s * PAGE_SHARE)
        told = False
        while not self.hears and self._clock.now() < began + limit_s:
            try:
                await self.enter()
            except AvatarError as error:
                if not told:
                    on_failure(error)
                told = True
                if isinstance(error, MissingPart):
                    return
                await self._wait_for_page(self._clock.now() + JOIN_AGAIN_S)

    async def _wait_for_page(self, deadline: float) -> None:
        while not self.hears and self._clock.now() < deadline:
            await self._change(deadline)

    async def leave_room(self) -> None:
        """Leave the room to a page: of two with the same token the service throws one out."""
        async with self._entering:
            connection, self._connection = self._connection, None
            if connection is not None:
                await connection.close()

    async def enter(self) -> RoomConnection:
        """Be in the room from here; stays there until a page comes.

        Raises:
            MissingPart: LiveKit's package is not installed.
            AvatarError: It cannot be entered.
        """
        async with self._entering:
            if self._connection is None:
                grant = self._stream_grant()
                if grant is None or grant.kind != "livekit":
                    raise SpeechFailed("The service gave no room to speak in.", "Start it again.")
                connection = self._connection = await self._connect(grant, self._on_event)
                connection.gone.add_done_callback(lambda _: self._on_thrown_out(connection))
            return self._connection

    def _on_thrown_out(self, connection: RoomConnection) -> None:
        if self._connection is connection:  # else we left by ourselves
            self._connection = None
            self._on_lost(connection.broken)

    async def _change(self, deadline: float) -> None:
        """Return when something has happened, or at `deadline`."""
        self._changed.clear()
        await wait_until(self._clock, deadline, self._changed)
