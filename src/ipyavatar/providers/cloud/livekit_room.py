"""This process in a session's LiveKit room, where no page is: for data only, no media.

Needs the package `livekit`, an optional extra; its native library is loaded at the first use.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ...core.guard import Guard
from ...core.log import get_logger
from ...core.secret import Secret
from ...errors import AuthenticationError, MissingPart, NoAnswer, ServiceError, SpeechFailed
from ...protocol.grants import StreamGrant
from .driver import ROOM_FIX
from .service_events import ServiceEvent, read_packet
from .spec import ServiceSpec

if TYPE_CHECKING:
    from livekit.rtc import DataPacket, Room

log = get_logger("ipyavatar.providers")

CONNECT_S = 10.0

SEND_S = 5.0
"""A channel that does not open in this time does not open."""

CLOSE_S = 3.0
"""Saying goodbye may take this long; the service notices an absence by itself."""

GONE = {
    "CLIENT_INITIATED": "it was closed here",
    "DUPLICATE_IDENTITY": "somebody else joined the room in our place",
    "SERVER_SHUTDOWN": "the service is shutting down",
    "PARTICIPANT_REMOVED": "the service has put us out of the room",
    "ROOM_DELETED": "the service has closed the room",
    "ROOM_CLOSED": "the service has closed the room",
    "SIGNAL_CLOSE": "the line to the room was lost",
    "CONNECTION_TIMEOUT": "the line to the room was lost",
    "UNKNOWN_REASON": "the line to the room was lost",
}


class LiveKitRoom:
    """A joined room. Made by `connect_livekit_room`; use it on one loop, and `close` it there.

    Attributes:
        gone: Done when we are not in the room any more, with the reason in words.
    """

    def __init__(
        self,
        room: Room,
        on_event: Callable[[ServiceEvent], None],
        secrets: Sequence[Secret] = (),
    ) -> None:
        self.gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._room = room
        self._on_event = on_event
        # A listener's mistake must not deafen the session.
        self._telling = Guard("A listener of the room's events failed", log)
        self._secrets = secrets
        room.on("data_received", self._data_came)
        room.on("disconnected", self._thrown_out)

    @property
    def hears(self) -> bool:
        """Whether what the service tells in the room gets here now."""
        return not self.gone.done() and self._room.isconnected()

    async def send(self, topic: str, payload: bytes) -> None:
        """Send a reliable data packet into the room.

        Raises:
            SpeechFailed: It could not be sent.
        """
        if self.gone.done():
            raise SpeechFailed(
                f"The service's room takes no orders from here: {self.gone.result()}.",
                "Say it again, or show the avatar in a page.",
            )
        publishing = self._room.local_participant.publish_data(payload, topic=topic)
        try:
            await asyncio.wait_for(publishing, SEND_S)
        except asyncio.TimeoutError:
            raise SpeechFailed(
                f"The service's room took no order within {SEND_S:g} s.", "Say it again."
            ) from None
        except Exception as error:
            # The library's errors have no common base; their texts may hold an address.
            raise SpeechFailed(
                f"The service's room did not take an order ({type(error).__name__}).",
                "Say it again.",
            ) from None

    async def close(self) -> None:
        """Leave the room, and wait for it; may be called twice. Does not stop the session."""
        with contextlib.suppress(Exception):  # whatever it is, we are leaving
            await asyncio.wait_for(self._room.disconnect(), CLOSE_S)
        self._end("CLIENT_INITIATED")

    def _data_came(self, packet: DataPacket) -> None:
        event = read_packet(packet.topic or "", packet.data, self._secrets)
        if event is None:
            return
        self._telling.run(lambda: self._on_event(event))

    def _thrown_out(self, reason: Any) -> None:
        from livekit.rtc import DisconnectReason

        try:
            self._end(DisconnectReason.Name(reason))
        except ValueError:
            self._end("UNKNOWN_REASON")

    def _end(self, reason: str) -> None:
        if not self.gone.done():
            self.gone.set_result(GONE.get(reason, reason.lower().replace("_", " ")))


async def connect_livekit_room(
    grant: StreamGrant,
    on_event: Callable[[ServiceEvent], None],
    spec: ServiceSpec[Any],
    *,
    within_s: float = CONNECT_S,
) -> LiveKitRoom:
    """Join a session's room, subscribing to nothing.

    Args:
        grant: Its address and a token; who is in it with the same token has to go.
        on_event: Told every event, on the loop.
        spec: Whose room it is.
        within_s: Seconds it may take; loading the library comes on top.

    Raises:
        MissingPart: The package `livekit` is not installed, or has no library for this machine.
        AuthenticationError: The token is refused.
        ServiceError: The room cannot be joined.
    """
    # It takes a second, and whoever paces media on this loop must not miss it.
    rtc = await asyncio.to_thread(_load)
    room = rtc.Room()
    joined = LiveKitRoom(room, on_event, (grant.url, grant.token))
    options = rtc.RoomOptions(auto_subscribe=False)
    token = (grant.token or Secret("")).reveal()
    connecting = asyncio.ensure_future(room.connect(grant.url.reveal(), token, options))
    try:
        await asyncio.wait({connecting}, timeout=within_s)
    finally:
        if not connecting.done():
            _abandon(room, connecting)
    if not connecting.done():
        raise NoAnswer(
            f"{spec.title}'s room could not be joined within {within_s:g} s.",
            "Check that WebRTC gets through the network; then try again.",
            sent=True,
            service=spec.name,
            call="room",
        )
    failed = connecting.exception()
    if failed is not None:
        raise _refused(spec, str(failed)) from None  # its text holds the address
    return joined


_leaving: set[asyncio.Future[None]] = set()


def _abandon(room: Room, connecting: asyncio.Future[None]) -> None:
    """Leave the room as soon as it has been joined after all.

    The library tries for half a minute and cannot be told to stop; joined late, it would put out
    whoever is in the room with the same token by then.
    """

    async def leave() -> None:
        with contextlib.suppress(Exception):  # most often, that it could not be joined
            await connecting
            await asyncio.wait_for(room.disconnect(), CLOSE_S)

    task = asyncio.ensure_future(leave())
    _leaving.add(task)
    task.add_done_callback(_leaving.discard)


def _load() -> Any:
    """The library, with its native part loaded.

    Raises:
        MissingPart: It is not there.
    """
    try:
        from livekit import rtc
        from livekit.rtc._ffi_client import FfiClient

        assert FfiClient.instance  # noqa: S101  # loads the native part
    except ImportError as error:
        raise MissingPart(
            "To be in the service's room without a page, Python needs the package livekit, which "
            "is missing or does not work on this machine.",
            ROOM_FIX,
        ) from error
    return rtc


def _refused(spec: ServiceSpec[Any], text: str) -> ServiceError:
    """What a failure to join means; `text` is read and not shown."""
    low = text.lower()
    if any(sign in low for sign in ("401", "403", "unauthorized", "forbidden", "invalid token")):
        return AuthenticationError(
            f"{spec.title}'s room does not take the token of this session.",
            "Stop the session and start another.",
            service=spec.name,
            call="room",
        )
    return NoAnswer(
        f"{spec.title}'s room cannot be joined.",
        "Check the network, and that the session is still open; then try again.",
        sent=True,
        service=spec.name,
        call="room",
    )
