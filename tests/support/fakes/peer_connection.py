"""A peer connection without a network: real senders of aiortc, and what they sent."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from aiortc import RTCRtpSender
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpSendParameters
from aiortc.rtp import RtpPacket, is_rtcp


class FakeTransport:
    """Keeps the RTP packets that a sender hands it."""

    state = "new"

    def __init__(self) -> None:
        self.packets: list[RtpPacket] = []

    def _register_rtp_sender(self, sender: RTCRtpSender, parameters: RTCRtpSendParameters) -> None:
        pass

    def _unregister_rtp_sender(self, sender: RTCRtpSender) -> None:
        pass

    async def _send_rtp(self, data: bytes) -> None:
        if not is_rtcp(data):
            self.packets.append(RtpPacket.parse(data))
        await asyncio.sleep(0)


class FakePeerConnection:
    """Takes tracks; `negotiate` agrees on a codec for each, as an answer does."""

    def __init__(self) -> None:
        self.transceivers: list[SimpleNamespace] = []

    def addTransceiver(self, track: Any, direction: str) -> SimpleNamespace:
        transport = FakeTransport()
        transceiver = SimpleNamespace(
            sender=RTCRtpSender(track, transport),  # type: ignore[arg-type]
            transport=transport,
            direction=direction,
            codecs=[],
        )
        transceiver.setCodecPreferences = transceiver.codecs.extend
        self.transceivers.append(transceiver)
        return transceiver

    async def negotiate(self) -> None:
        """Each sender begins to send, with the codec that its side likes best."""
        for transceiver in self.transceivers:
            best = transceiver.codecs[0]
            codec = RTCRtpCodecParameters(best.mimeType, best.clockRate, payloadType=100)
            await transceiver.sender.send(RTCRtpSendParameters(codecs=[codec]))

    async def close(self) -> None:
        for transceiver in self.transceivers:
            await transceiver.sender.stop()
