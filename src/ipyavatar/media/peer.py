"""One peer connection: the page offers, we answer, media and a data channel flow.

aiortc takes preferences only before the remote description is set, and resolves `.local`
candidates for a second each in vain; both are dealt with here, and nowhere else.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence

import numpy as np
from aioice import ice
from aiortc import (
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCSessionDescription,
)
from numpy.typing import NDArray

from ..core.guard import guard
from ..core.log import get_logger
from ..errors import MediaError
from ..protocol import page_codec
from ..protocol.page import Sync
from ..protocol.page_codec import parts
from .media_pump import Subscriber
from .microphone import MicrophoneStream
from .microphone_receiver import RATE, MicrophoneReceiver
from .peer_connection import PeerConnection
from .senders import add_tracks

log = get_logger(__name__)

CHANNEL = "control"
"""Label of the data channel the page makes."""

CODECS = ("video/H264", "video/VP8")
"""What we encode well, best first; the page's offer decides what is left of it."""

MAX_MESSAGE_BYTES = 256 * 1024
"""Longer ones are cut for every page: some browsers that name no limit close the channel."""

UNSAID_MESSAGE_BYTES = 64 * 1024
"""What a page takes that does not say how much (RFC 8841)."""

LEAST_MESSAGE_BYTES = 1024
"""Nobody takes less; who says so is not believed."""

MAX_BUFFERED_BYTES = 4 * 1024 * 1024
"""A page for which so much waits does not read: it is told by the other way."""

CLOSE_S = 2.0
"""A TURN server that does not answer holds nobody up for longer; it frees what we had by itself."""

CONNECT_S = 30.0
"""A connection that has not come up by then is given up."""


class Peer:
    """One page's connection. `close()` is idempotent and waits.

    Args:
        page: Its name.
        subscriber: What it is sent.
        on_message: Called with each text of the data channel.
        on_connected: Called when that is open.
        on_closed: Called when the connection is lost.
        on_microphone: Called with the sound of the page's microphone, see `listen`; where it is
            missing, no sound is taken.
        codecs: Of pictures, best first.
        ice_servers: By which it may be reached.
    """

    def __init__(
        self,
        page: str,
        subscriber: Subscriber,
        *,
        on_message: Callable[[str], None],
        on_connected: Callable[[], None],
        on_closed: Callable[[], None],
        on_microphone: Callable[[NDArray[np.float32]], None] | None = None,
        codecs: Sequence[str] = CODECS,
        ice_servers: Sequence[RTCIceServer] = (),
    ) -> None:
        prepare()
        self.page = page
        self.subscriber = subscriber
        self._on_message = on_message
        self._on_connected = on_connected
        self._on_closed = on_closed
        self._codecs = codecs
        self._receiver = _receiver_for(on_microphone)
        self._channel: RTCDataChannel | None = None
        self._max_bytes = UNSAID_MESSAGE_BYTES
        self._closing: asyncio.Task[None] | None = None
        self._pc = PeerConnection(RTCConfiguration(iceServers=list(ice_servers)))
        self._pc.on("datachannel", self._channel_opened)
        self._pc.on("connectionstatechange", self._state_changed)
        self._giving_up = asyncio.get_running_loop().call_later(CONNECT_S, self._give_up)

    @property
    def connected(self) -> bool:
        """Whether media flows."""
        return self._pc.connectionState == "connected"

    async def answer(self, sdp: str) -> str:
        """Answer the page's offer.

        Raises:
            MediaError: The offer makes no sense, or has no codec that we can send.
        """
        for sender in add_tracks(self._pc, self.subscriber, self._codecs):
            # A stream for each. Within one stream Chromium keeps the two in step by delaying the
            # sound, by 60 to 100 ms; our own timing does better (see AHEAD in media_pump.py).
            sender._stream_id = f"avatar-{sender.kind}"
        self._take_microphone()
        try:
            self._max_bytes = max_message_bytes(sdp)
            offer = RTCSessionDescription(without_mdns(sdp), "offer")
            await self._pc.setRemoteDescription(offer)
            answer = await self._pc.createAnswer()
            await self._pc.setLocalDescription(answer)
        except Exception as error:
            raise MediaError(
                f"The page's offer could not be answered: {error}.",
                "Reload the page; if that does not help, try another browser.",
            ) from error
        return self._pc.localDescription.sdp

    def listen(self, listening: bool) -> None:
        """Decode what the page's microphone sends, or not any more."""
        if self._receiver is not None:
            self._receiver.listening = listening

    def _take_microphone(self) -> None:
        """The section of sound goes both ways, if the page offers that."""
        for transceiver in self._pc.getTransceivers():
            if transceiver.kind == "audio" and self._receiver is not None:
                transceiver.direction = "sendrecv"
                self._receiver.receive_in_place_of(transceiver)

    def send(self, text: str) -> bool:
        """Send the JSON `text` over the data channel; False when there is none that takes it."""
        channel = self._channel
        if channel is None or channel.readyState != "open":
            return False
        if channel.bufferedAmount > MAX_BUFFERED_BYTES:
            return False
        for part in parts(text, self._max_bytes):
            channel.send(part)
        return True

    async def received(self) -> int:
        """How many packets came of the page: reports, acknowledgements, and its microphone."""
        reports = [await sender.getStats() for sender in self._pc.getSenders()[:1]]
        lines = (line for report in reports for line in report.values())
        return sum(line.packetsReceived for line in lines if line.type == "transport")

    @property
    def sound_has_come(self) -> None:
        """Nobody knows: browsers acknowledge no sound."""

    ahead_s = 0.0
    """Sound goes out in its time."""

    def ask(self) -> None:
        """Send something that the page's browser acknowledges, whatever the page does.

        At once: it acknowledges every second packet, and a single one 0.2 s later (RFC 9260, 6.2).
        """
        for _ in range(2):
            self.send(page_codec.text(Sync()))

    async def close(self) -> None:
        """Close the connection, telling the page; a second caller waits for the first."""
        if self._closing is None:
            self._giving_up.cancel()
            self._closing = asyncio.get_running_loop().create_task(self._pc.close())
        done, _ = await asyncio.wait({self._closing}, timeout=CLOSE_S)
        for closed in done:
            closed.result()

    def _channel_opened(self, channel: RTCDataChannel) -> None:
        if channel.label != CHANNEL:
            return
        self._channel = channel
        channel.on("message", self._message)
        channel.on("close", self._lost)
        self._on_connected()

    def _message(self, data: str | bytes) -> None:
        if isinstance(data, str):
            # What is raised here would end the connection.
            with guard("A page's message"):
                self._on_message(data)

    def _state_changed(self) -> None:
        if self._pc.connectionState in {"failed", "closed"}:
            self._lost()

    def _give_up(self) -> None:
        if not self.connected:
            log.info("A page did not connect within %.0f s", CONNECT_S)
            self._lost()

    def _lost(self) -> None:
        self._giving_up.cancel()
        self._on_closed()


def _receiver_for(
    on_microphone: Callable[[NDArray[np.float32]], None] | None,
) -> MicrophoneReceiver | None:
    if on_microphone is None:
        return None
    stream = MicrophoneStream(on_microphone)
    return MicrophoneReceiver(lambda sound: stream.push(sound, RATE))


def max_message_bytes(sdp: str) -> int:
    """How long a message the page takes that makes this offer."""
    found = _MAX_MESSAGE.search(sdp)
    said = UNSAID_MESSAGE_BYTES if found is None else int(found[1]) or MAX_MESSAGE_BYTES
    return min(MAX_MESSAGE_BYTES, max(LEAST_MESSAGE_BYTES, said))


_MAX_MESSAGE = re.compile(r"^a=max-message-size:(\d{1,12})\s*$", re.MULTILINE)


def without_mdns(sdp: str) -> str:
    """The offer without `.local` candidates.

    aioice looks them up for a second each, mostly in vain; the browser's checks reach us anyway.
    """
    lines = sdp.splitlines(keepends=True)
    return "".join(
        line for line in lines if not (line.startswith("a=candidate") and ".local " in line)
    )


def prepare() -> None:
    """Let aioice use loopback in this process where there is nothing else.

    Doing it twice is harmless.
    """
    ice.get_host_addresses = _addresses


_aioice_addresses = ice.get_host_addresses


def _addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    """This machine's addresses, or loopback where it has no other: a notebook on a plane.

    aioice leaves loopback out always; without any network there would be no candidate at all.
    """
    return _aioice_addresses(use_ipv4, use_ipv6) or ["127.0.0.1"]
