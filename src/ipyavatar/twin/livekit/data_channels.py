"""LiveKit's data channels with one client."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

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
    """Sends packets over both channels, and receives them from every channel.

    Args:
        on_packet: Called with each packet of the client's; its `kind` is that of the channel.
        on_protocol_error: Called with what the client sent that makes no sense.
    """

    def __init__(
        self,
        on_packet: Callable[[m.DataPacket], None],
        on_protocol_error: Callable[[str], None],
    ) -> None:
        self._on_packet = on_packet
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
        channel.on("message", partial(self._on_message, channel.label))

    def adopt(self, channel: RTCDataChannel) -> None:
        """Use a channel of the client's in both directions, if it is one of the two."""
        if channel.label not in (RELIABLE, LOSSY):
            self.receive_from(channel)
            return
        self._register(channel)
        if channel.label == RELIABLE:
            self._send_unsent()

    def send(self, packet: m.DataPacket) -> None:
        """Send a packet by its kind; a reliable one is kept until the channel is open."""
        data = packet.SerializeToString()
        if packet.kind == m.DataPacket.RELIABLE:
            self._send_reliable(data)
        else:
            self._send_if_open(LOSSY, data)

    def _send_reliable(self, data: bytes) -> None:
        channel = self._channels.get(RELIABLE)
        if channel is None or channel.readyState == "connecting":
            self._unsent = [*self._unsent, data][-MAX_UNSENT:]
        else:
            self._send_if_open(RELIABLE, data)

    def _send_if_open(self, label: str, data: bytes) -> None:
        channel = self._channels.get(label)
        if channel is None or channel.readyState != "open":
            return
        if channel.bufferedAmount < MAX_BUFFERED:
            channel.send(data)

    def _register(self, channel: RTCDataChannel) -> None:
        self._channels[channel.label] = channel
        self.receive_from(channel)
        if channel.label == RELIABLE:
            channel.on("open", self._send_unsent)

    def _send_unsent(self) -> None:
        unsent, self._unsent = self._unsent, []
        for data in unsent:
            self._send_reliable(data)

    def _on_message(self, label: str, data: str | bytes) -> None:
        try:
            packet = decode_protobuf(data, m.DataPacket)
        except MalformedData:
            self._on_protocol_error("sent data that is not LiveKit's")
            return
        packet.kind = m.DataPacket.LOSSY if label == LOSSY else m.DataPacket.RELIABLE
        with guard("A client's data packet"):  # what is raised here would end its connection
            self._on_packet(packet)
