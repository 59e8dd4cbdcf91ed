"""One of us in a session's LiveKit room, where no page is, or beside it: for data, sound, pictures.

Needs the package `livekit`, an optional extra; its native library runs in a process of its own.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...core.guard import Guard
from ...core.log import get_logger
from ...core.secret import Secret
from ...core.tasks import TaskSet
from ...errors import (
    AuthenticationError,
    MediaError,
    MissingPart,
    NoAnswer,
    ServiceError,
    SpeechFailed,
)
from ...protocol.grants import StreamGrant
from .driver import ROOM_FIX
from .profile import ServiceProfile
from .room_process import messages as m
from .room_process.process import RoomProcess
from .service_events import GAP, ServiceEvent, read_packet

if TYPE_CHECKING:
    from ...media.received_stream import StreamListener

log = get_logger("ipyavatar.providers")

LOAD_S = 20.0
"""Python and the library are started within this time, or do not work here."""

CONNECT_S = 10.0

SEND_S = 5.0
"""A channel that does not open in this time does not open."""

PICTURES_AHEAD = 3
"""So many pictures are on their way from the room's process at most."""

LINE_LOST = "the line to the room was lost"

GONE = {
    "CLIENT_INITIATED": "it was closed here",
    "DUPLICATE_IDENTITY": "somebody else joined the room in our place",
    "SERVER_SHUTDOWN": "the service is shutting down",
    "PARTICIPANT_REMOVED": "the service has put us out of the room",
    "ROOM_DELETED": "the service has closed the room",
    "ROOM_CLOSED": "the service has closed the room",
    "SIGNAL_CLOSE": LINE_LOST,
    "CONNECTION_TIMEOUT": LINE_LOST,
    "UNKNOWN_REASON": LINE_LOST,
}

_REFUSALS = ("401", "403", "unauthorized", "forbidden", "invalid token", "expired")
"""Signs in the library's words that a token was not taken."""

Tell = Callable[[m.RoomEvent], None]


class LiveKitRoom:
    """A place in a room. Made by `connect_livekit_room`; use it on one loop, and `close` it there.

    Attributes:
        gone: Done when we are not in the room any more, with the reason in words.
        broken: Whether that came by a mishap here, so that another one may well be had.
        left: Whether we have left ourselves.
    """

    def __init__(
        self,
        on_event: Callable[[ServiceEvent], None],
        secrets: Sequence[Secret] = (),
        *,
        make_process: Callable[..., RoomProcess] = RoomProcess,
    ) -> None:
        loop = asyncio.get_running_loop()
        self.gone: asyncio.Future[str] = loop.create_future()
        self.broken = self.left = False
        self._on_event = on_event
        # A listener's mistake must not deafen the session.
        self._telling = Guard("A listener of the room's events failed", log)
        self._secrets = secrets
        self._numbers = itertools.count(1)
        self._sending: dict[int, asyncio.Future[str]] = {}
        self._line_up = False
        self._loaded: asyncio.Future[str] = loop.create_future()
        self._joined: asyncio.Future[str] = loop.create_future()
        self._listener: StreamListener | None = None
        self._process = make_process(self._on_process_event, self._on_process_end, secrets=secrets)

    @property
    def hears(self) -> bool:
        """Whether what the service tells in the room gets here now."""
        return self._line_up and not self.gone.done()

    async def load(self) -> None:
        """Wait until the library is there.

        Raises:
            MissingPart: It is not, or does not work on this machine.
        """
        await asyncio.wait({self._loaded}, timeout=LOAD_S)
        why = self._loaded.result() if self._loaded.done() else f"no sign of it in {LOAD_S:g} s"
        if why:
            log.debug("LiveKit's library is not there: %s", why)
            raise MissingPart(
                "To be in the service's room without a page, Python needs the package livekit, "
                "which is missing or does not work on this machine.",
                ROOM_FIX,
            )

    async def join(self, grant: StreamGrant, within_s: float, avatar: str = "") -> str | None:
        """Join the room; gives the library's words where that fails, None where it took too long.

        They may hold the address. `avatar` is what the service calls its avatar there.
        """
        self._process.send(m.Join(grant.url, grant.token, avatar))
        await asyncio.wait({self._joined}, timeout=within_s)
        return self._joined.result() if self._joined.done() else None

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
        number = next(self._numbers)
        sent = self._sending[number] = asyncio.get_running_loop().create_future()
        self._process.send(m.Send(number, topic, payload))
        try:
            await asyncio.wait({sent}, timeout=SEND_S)
        finally:
            del self._sending[number]
        if not sent.done():
            raise SpeechFailed(
                f"The service's room took no order within {SEND_S:g} s.", "Say it again."
            )
        if sent.result():
            raise SpeechFailed(
                f"The service's room did not take an order ({sent.result()}).", "Say it again."
            )

    def receive(self, listener: StreamListener) -> None:
        """Have `listener` get sound and pictures of the avatar in the room, from now on."""
        self._listener = listener
        self._process.send(m.TakePictures(PICTURES_AHEAD))
        self._process.send(m.Receive(wanted=True))
        self.gone.add_done_callback(lambda _: self._tell_lost(listener))

    def stop_receiving(self) -> None:
        """Have no more of them; stay in the room."""
        self._listener = None
        self._process.send(m.Receive(wanted=False))

    async def close(self) -> None:
        """Leave the room, and wait for it; may be called twice. Does not stop the session."""
        self.left, self._listener = True, None
        self._end("CLIENT_INITIATED")
        await self._process.close()

    # ---- what the process tells ---------------------------------------------------------------

    def _on_process_event(self, event: m.RoomEvent) -> None:
        match event:
            case m.Loaded():
                _answer(self._loaded, "")
            case m.NotLoaded(why):
                _answer(self._loaded, why or "?")
            case m.Joined():
                self._line_up = True
                _answer(self._joined, "")
            case m.NotJoined(why):
                _answer(self._joined, why or "?")
            case m.Line(up):
                self._line_up = up
                if not up:
                    self._tell_gap()
            case m.Left(reason):
                self._end(reason)
            case m.Data(topic, payload):
                self._on_data(topic, payload)
            case m.Sent(number, error):
                _answer(self._sending.get(number), error)
            case m.Sound() | m.Picture():
                self._telling.run(lambda: self._on_media(event))

    def _on_data(self, topic: str, payload: bytes) -> None:
        event = read_packet(topic, payload, self._secrets)
        if event is not None:
            self._telling.run(lambda: self._on_event(event))

    def _on_media(self, event: m.Sound | m.Picture) -> None:
        from ...media.received_stream import as_i420

        listener = self._listener
        if isinstance(event, m.Sound):
            if listener is not None:
                listener.on_sound(np.frombuffer(event.samples, "<i2"))
            return
        self._process.send(m.TakePictures(1))
        if listener is not None:
            listener.on_picture(event.at, as_i420(event.data, event.width, event.height))

    def _on_process_end(self, how: str) -> None:
        self.broken = not self.gone.done()
        _answer(self._loaded, how)
        _answer(self._joined, how)
        for sent in self._sending.values():
            _answer(sent, how)
        self._end(how)

    def _tell_lost(self, listener: StreamListener) -> None:
        if self._listener is listener:
            what = f"The service's stream does not come any more: {self.gone.result()}."
            listener.on_lost(MediaError(what, "Start it again."))

    def _tell_gap(self) -> None:
        """What the service tells from now on is lost, even if the line comes back."""
        self._telling.run(lambda: self._on_event(GAP))

    def _end(self, reason: str) -> None:
        if self.hears and not self.left:
            self._tell_gap()
        _answer(self.gone, GONE.get(reason, reason.lower().replace("_", " ")))


async def connect_livekit_room(
    grant: StreamGrant,
    on_event: Callable[[ServiceEvent], None],
    profile: ServiceProfile,
    abandoned: TaskSet,
    *,
    within_s: float = CONNECT_S,
) -> LiveKitRoom:
    """Join a session's room, subscribing to nothing.

    Args:
        grant: Its address and a token; who is in it with the same token has to go.
        on_event: Told every event, on the loop.
        profile: Whose room it is.
        abandoned: Leaves a room that was not joined in time; its owner waits for that.
        within_s: Seconds it may take; loading the library comes on top.

    Raises:
        MissingPart: The package `livekit` is not installed, or has no library for this machine.
        AuthenticationError: The token is refused.
        ServiceError: The room cannot be joined.
        MediaError: The process for it cannot be started.
    """
    room = LiveKitRoom(on_event, (grant.url, grant.token))
    try:
        await room.load()
        joined = await room.join(grant, within_s, profile.avatar_identity)
        error = _failure(profile, joined, within_s)
        if error is not None:
            raise error
    except BaseException:
        # Joined late, it would put out whoever has the same token by then.
        abandoned.start(room.close(), "leave a room that was not joined")
        raise
    return room


def _answer(future: asyncio.Future[str] | None, text: str) -> None:
    if future is not None and not future.done():
        future.set_result(text)


def _failure(profile: ServiceProfile, text: str | None, within_s: float) -> ServiceError | None:
    """What came of joining; `text` is what the library says: read, and not shown."""
    if text is None:
        return NoAnswer(
            f"{profile.title}'s room could not be joined within {within_s:g} s.",
            "Check that WebRTC gets through the network; then try again.",
            sent=True,
            service=profile.name,
            call="room",
        )
    if not text:
        return None
    low = text.lower()
    # That of the server's certificate, which may have expired, is another one's business.
    if "certificate" not in low and any(sign in low for sign in _REFUSALS):
        why = ", which has run out" if "expired" in low else ""
        return AuthenticationError(
            f"{profile.title}'s room does not take the token of this session{why}.",
            "Stop the session and start another.",
            service=profile.name,
            call="room",
        )
    return NoAnswer(
        f"{profile.title}'s room cannot be joined.",
        "Check the network, and that the session is still open; then try again.",
        sent=True,
        service=profile.name,
        call="room",
    )
