"""LiveKit's data channels with one client."""

from __future__ import annotations

from collections.abc import Callable

from aiortc import RTCDataChannel, RTCPeerConnection
from livekit.protocol import models as m

from ...core.decode import decode_protobuf
from ...core.guard import guard
from ...errors import MalformedData

RELIABLE, LOSSY = "_reliable", "_lossy"

MAX_UNSENT = 256
"""Data packets for a client whose channel is not open yet; the oldest are dropped."""

MAX_BUFFERED = 1_000_000
"""Bytes buffered in a data channel; packets are dropped while there are more."""


class DataChannels:
    """Sends packets over the reliable channel, and receives them from every channel.

    Args:
        on_data: Called with the payload and the topic of each user packet.
        on_protocol_error: Called with what the client sent that makes no sense.
    """

    def __init__(
        self, on_data: Callable[[bytes, str], None], on_protocol_error: Callable[[str], None]
    ) -> None:
        self._on_data = on_data
        self._on_protocol_error = on_protocol_error
        self._channels: dict[str, RTCDataChannel] = {}
        self._unsent: list[bytes] = []

    @property
    def unsent(self) -> int:
        """How many data packets wait for the channel."""
        return len(self._unsent)

    def create(self, pc: RTCPeerConnection) -> None:
        """Create both channels on our connection, the first time."""
        if not self._channels:
            self._register(pc.createDataChannel(RELIABLE, ordered=True))
            self._register(pc.createDataChannel(LOSSY, ordered=True, maxRetransmits=0))

    def receive_from(self, channel: RTCDataChannel) -> None:
        """Receive from a channel of the client's."""
        channel.on("message", self._on_message)

    def adopt(self, channel: RTCDataChannel) -> None:
        """Use a channel of the client's in both directions, if it is one of the two."""
        if channel.label not in (RELIABLE, LOSSY):
            self.receive_from(channel)
            return
        self._register(channel)
        if channel.label == RELIABLE:
            self._send_unsent()

    def send(self, packet: bytes) -> None:
        """Send a `DataPacket`, or keep it until the channel is open."""
        channel = self._channels.get(RELIABLE)
        if channel is None or channel.readyState == "connecting":
            self._unsent = [*self._unsent, packet][-MAX_UNSENT:]
        elif channel.readyState == "open" and channel.bufferedAmount < MAX_BUFFERED:
            channel.send(packet)

    def _register(self, channel: RTCDataChannel) -> None:
        self._channels[channel.label] = channel
        self.receive_from(channel)
        if channel.label == RELIABLE:
            channel.on("open", self._send_unsent)

    def _send_unsent(self) -> None:
        unsent, self._unsent = self._unsent, []
        for packet in unsent:
            self.send(packet)

    def _on_message(self, data: str | bytes) -> None:
        try:
            packet = decode_protobuf(data, m.DataPacket)
        except MalformedData:
            self._on_protocol_error("sent data that is not LiveKit's")
            return
        if packet.WhichOneof("value") == "user":
            with guard("A client's data packet"):  # what is raised here would end its connection
                self._on_data(packet.user.payload, packet.user.topic)
