"""The sound of a page's microphone as it comes over a peer connection.

aiortc's own receiver has a thread for each, holds sound back for 80 ms, keeps what nobody reads
without end, and ends for good when the browser says goodbye to a track, as it does each time the
microphone is turned off. This one takes its place at the same seam: packets are decoded as they
come, and what comes while nobody listens is dropped undecoded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import av
import numpy as np
from aiortc import RTCRtpTransceiver
from aiortc.rtcrtpparameters import RTCRtpReceiveParameters
from aiortc.rtp import RtpPacket
from numpy.typing import NDArray

from .failures import Failures

RATE = 48_000
"""Of Opus in RTP, whatever was encoded."""

PACKET_SAMPLES = 960
"""20 ms, as browsers send it."""

HOLE_PACKETS = 10
"""Packets that are missing are silence, at most so many: a longer pause is none."""

MOST_LATE = 1_000
"""A number so far below the last is a late packet's; one further below begins a new count."""


class MicrophoneReceiver:
    """Decodes the packets of one track of sound.

    Args:
        on_samples: Called with `float32[n]`, mono, of `RATE`.

    Attributes:
        listening: Whether packets are decoded.
    """

    def __init__(self, on_samples: Callable[[NDArray[np.float32]], None]) -> None:
        self.listening = False
        self._on_samples = on_samples
        self._decoder: av.AudioCodecContext | None = None
        self._newest: int | None = None
        self._payload_types: frozenset[int] = frozenset()
        self._failures = Failures("The sound of a microphone could not be decoded")
        self._unused = Failures("The sound of a microphone could not be used")

    def receive_in_place_of(self, transceiver: RTCRtpTransceiver) -> None:
        """Get what this transceiver receives, once that is agreed on."""
        receiver = transceiver.receiver
        registered = False

        async def receive(parameters: RTCRtpReceiveParameters) -> None:
            nonlocal registered
            if registered:  # it is called at each negotiation
                return
            registered = True
            self._payload_types = frozenset(
                codec.payloadType
                for codec in parameters.codecs
                if codec.payloadType is not None and codec.mimeType.lower() == "audio/opus"
            )
            receiver.transport._register_rtp_receiver(self, parameters)

        receiver.receive = receive  # type: ignore[method-assign]

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        """Take a packet; aiortc calls this."""
        del arrival_time_ms
        if not self.listening:
            self._newest = None
            return
        if packet.payload_type not in self._payload_types or not packet.payload:
            return
        missing = self._count_missing(packet.sequence_number)
        if missing is None:
            return
        try:
            sound = self._decode(packet.payload)
        except Exception:
            self._failures.add()
            return
        if missing:
            sound = np.concatenate([np.zeros(missing * PACKET_SAMPLES, np.float32), sound])
        if len(sound):
            # What is raised here would end the connection, with its pictures and its sound.
            try:
                self._on_samples(sound)
            except Exception:
                self._unused.add()

    async def _handle_rtcp_packet(self, packet: Any) -> None:
        """A report, or a track's goodbye: another may follow. aiortc calls this."""

    def _handle_disconnect(self) -> None:
        """The connection is over; aiortc calls this."""
        self.listening = False

    def _count_missing(self, number: int) -> int | None:
        """How many packets are missing before the one of this number; None where it is late."""
        newest, ahead = self._newest, 1
        if newest is not None:
            ahead = (number - newest) % 65_536
            if ahead == 0 or ahead > 65_536 - MOST_LATE:
                return None
        self._newest = number
        return ahead - 1 if ahead <= HOLE_PACKETS else 0

    def _decode(self, payload: bytes) -> NDArray[np.float32]:
        if self._decoder is None:
            self._decoder = av.AudioCodecContext.create("libopus", "r")
            self._decoder.sample_rate = RATE
            self._decoder.layout = "mono"
        frames = self._decoder.decode(av.Packet(payload))
        parts = [_mono(frame) for frame in frames]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def _mono(frame: Any) -> NDArray[np.float32]:
    array = frame.to_ndarray()
    if not frame.format.is_planar:
        array = array.reshape(-1, frame.layout.nb_channels).T
    mono = array.mean(axis=0, dtype=np.float32)
    return np.asarray(mono if array.dtype.kind == "f" else mono / 32768, np.float32)
