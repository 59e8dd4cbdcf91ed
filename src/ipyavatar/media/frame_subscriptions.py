"""Pages that get sound and pictures as frames: by widget message, or a socket past the kernel.

Both are one subscription, and a `FrameCarrier` to the page: a socket that opens or breaks changes
how its frames travel, and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ..core.clock import Clock
from ..core.tasks import TaskSet
from ..errors import MediaError
from ..protocol.frames import Acknowledge, Frames, SocketGranted, Subscribe
from ..protocol.page import ToPage
from ..protocol.page_codec import pack_frames
from .frame_carrier import FrameCarrier
from .media_pump import MediaPump
from .socket_server import SocketServer

if TYPE_CHECKING:
    from .socket_connection import SocketConnection

MOST_SUBSCRIPTIONS = 16
"""Pages that get frames at a time; with more the oldest is given up."""

HALF_OPEN_S = 2.0
"""A page that asks anew, and has acknowledged nothing for so long, has lost its socket. What it
asked before may come late, from behind a busy kernel: then it acknowledges all the while."""


class SubscriptionListener(Protocol):
    """What becomes of subscriptions; called on the loop."""

    def on_widget_message(self, message: ToPage, buffers: Sequence[bytes] = ()) -> None:
        """This is to go by widget message."""

    def on_page_opened(self, page: str) -> None:
        """The socket of `page` is open: it knows nothing yet."""

    def on_page_text(self, page: str, text: str) -> None:
        """`page` says this over its socket."""

    def on_page_missed(self, page: str, seconds: float) -> None:
        """Words that were due so long ago got lost on the way to `page`."""

    def on_page_gone(self, peer: str) -> None:
        """Nobody takes what is sent, or another subscription takes its place."""


@dataclass
class _Subscription:
    carrier: FrameCarrier
    socket: SocketConnection | None = None


class FrameSubscriptions:
    """Those of one avatar. `close()` ends them, and waits.

    Args:
        pump: Whose sound and pictures are sent.
        clock: Time.
        sockets: Lets pages in past the kernel; None where that is not wanted.
        by_messages: Whether frames may go by widget message.
        listener: Is told.
    """

    def __init__(
        self,
        pump: MediaPump,
        clock: Clock,
        sockets: SocketServer | None,
        listener: SubscriptionListener,
        *,
        by_messages: bool = True,
    ) -> None:
        self._pump = pump
        self._clock = clock
        self._sockets = sockets
        self._listener = listener
        self._by_messages = by_messages
        self._all: dict[str, _Subscription] = {}
        self._tasks = TaskSet("pages that get frames")

    def __len__(self) -> int:
        return len(self._all)

    @property
    def pages(self) -> set[str]:
        """Who gets frames."""
        return {one.carrier.page for one in self._all.values()}

    def find_only(self) -> FrameCarrier | None:
        """The one that there is; None where there are more, or none."""
        return next(iter(self._all.values())).carrier if len(self._all) == 1 else None

    @property
    def dropped(self) -> int:
        """Pictures that were not sent since a line was full."""
        return sum(one.carrier.dropped for one in self._all.values())

    def open(self, request: Subscribe) -> None:
        """Send a page frames; asked again, begin anew."""
        peer = request.peer
        if peer in self._all:
            one = self._all[peer]
            if one.socket is not None and one.carrier.unanswered_s > HALF_OPEN_S:
                self._give_up_socket(one)
            one.carrier.restart()
        else:
            self._make_room(request.page)
            carrier = FrameCarrier(
                request,
                self._pump,
                self._clock,
                deliver=self._deliver_by_message,
                on_gone=lambda: self._listener.on_page_gone(peer),
                on_missed=lambda seconds: self._listener.on_page_missed(request.page, seconds),
            )
            self._all[peer] = _Subscription(carrier)
        if request.origin and self._sockets is not None and self._all[peer].socket is None:
            self._tasks.start(self._invite(request, self._sockets), "invite a page")

    def acknowledge(self, told: Acknowledge) -> None:
        """A page tells what it has got."""
        if told.peer in self._all:
            self._all[told.peer].carrier.acknowledge(told)

    def set_shown(self, page: str, shown: bool) -> bool:
        """Whether somebody could see it in that page; False where it gets no frames."""
        carriers = [one.carrier for one in self._all.values() if one.carrier.page == page]
        for carrier in carriers:
            carrier.set_shown(shown)
        return bool(carriers)

    def flush(self) -> None:
        """Silence, now: sound that has not been played is not to be played."""
        for one in self._all.values():
            one.carrier.flush()

    def send_text(self, page: str, text: str) -> bool:
        """Say this over the socket of `page`; False when it has none that is open."""
        sockets = [one.socket for one in self._all.values() if one.carrier.page == page]
        sent = [socket.send_text(text) for socket in sockets if socket is not None]
        return any(sent)

    async def hang_up(self, peer: str) -> str:
        """Send no more frames; returns the name of the page, or nothing where it got none."""
        one = self._all.pop(peer, None)
        if one is None:
            return ""
        if self._sockets is not None:
            self._sockets.withdraw(peer)
        if one.socket is not None:
            one.socket.on_closed = lambda: None
            one.socket.close()
        await one.carrier.close()
        return one.carrier.page

    async def close(self) -> None:
        """End all."""
        await self._tasks.close()
        for peer in list(self._all):
            await self.hang_up(peer)

    # ---- inside -----------------------------------------------------------------------------

    def _deliver_by_message(self, message: Frames, buffers: tuple[bytes, ...]) -> None:
        if self._by_messages:
            self._listener.on_widget_message(message, buffers)

    async def _invite(self, request: Subscribe, sockets: SocketServer) -> None:
        """Without a port it goes on by widget messages."""
        peer = request.peer
        try:
            port, token = await sockets.invite(
                peer, request.origin, lambda socket: self._use(peer, socket)
            )
        except MediaError:
            return
        if peer in self._all:
            granted = SocketGranted(request.page, peer, port, token)
            self._listener.on_widget_message(granted)
        else:
            sockets.withdraw(peer)

    def _use(self, peer: str, socket: SocketConnection) -> None:
        """A page has come by its socket: its frames go that way from now on."""
        one = self._all.get(peer)
        if one is None:
            socket.close()
            return
        self._give_up_socket(one)  # the page knows better that it is of no use any more
        page, one.socket = one.carrier.page, socket
        socket.on_text = lambda text: self._listener.on_page_text(page, text)
        socket.on_closed = lambda: self._on_socket_closed(peer, socket)

        def deliver(message: Frames, buffers: tuple[bytes, ...]) -> None:
            socket.send_bytes(pack_frames(message, buffers))

        one.carrier.deliver_by(deliver)
        if not self._by_messages:
            one.carrier.restart()  # what was sent so far has not come
        self._listener.on_page_opened(page)

    def _on_socket_closed(self, peer: str, socket: SocketConnection) -> None:
        one = self._all.get(peer)
        if one is not None and one.socket is socket:
            one.socket = None
            one.carrier.deliver_by(self._deliver_by_message)

    def _give_up_socket(self, one: _Subscription) -> None:
        """It is half open: the page is at its other end no more, as after a sleep."""
        socket, one.socket = one.socket, None
        one.carrier.deliver_by(self._deliver_by_message)
        if socket is not None:
            socket.on_closed = lambda: None
            socket.close()

    def _make_room(self, page: str) -> None:
        """A page plays one subscription, whatever it has asked for; and there are not too many."""
        ours = [peer for peer, one in self._all.items() if one.carrier.page == page]
        oldest = list(self._all)[: max(0, len(self._all) - MOST_SUBSCRIPTIONS + 1)]
        for peer in {*ours, *oldest}:
            self._listener.on_page_gone(peer)
