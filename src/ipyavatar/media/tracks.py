"""The two tracks of a subscriber: they hand aiortc what the pump puts in, when it puts it in.

Pacing is the pump's; a track only keeps what its sender has not yet taken. When the sender is
late, sound is kept (up to `AUDIO_BACKLOG` packets), pictures are not: only the newest one counts.
"""

from __future__ import annotations

import asyncio
import fractions
from collections import deque
from typing import Any

import numpy as np
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av.packet import Packet
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from ..engine.playout import SAMPLE_RATE

AUDIO_TIME_BASE = fractions.Fraction(1, SAMPLE_RATE)
VIDEO_CLOCK = 90_000
VIDEO_TIME_BASE = fractions.Fraction(1, VIDEO_CLOCK)

AUDIO_BACKLOG = 10
"""20 ms packets kept for a sender that is late; beyond that the oldest is dropped."""


class AudioTrack(MediaStreamTrack):
    """20 ms packets of sound, encoded."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._packets: deque[Packet[Any]] = deque(maxlen=AUDIO_BACKLOG)
        self._filled = asyncio.Event()

    def put(self, start: int, opus: bytes) -> None:
        """Queue an Opus packet of 20 ms that begins at sample `start`."""
        packet = Packet(opus)
        packet.pts = start
        packet.time_base = AUDIO_TIME_BASE
        self._packets.append(packet)
        self._filled.set()

    def stop(self) -> None:
        """End the track and wake its sender."""
        super().stop()
        self._filled.set()

    async def recv(self) -> Packet[Any]:
        """The next packet of sound."""
        while not self._packets:
            if self.readyState != "live":
                raise MediaStreamError
            self._filled.clear()
            await self._filled.wait()
        return self._packets.popleft()


class VideoTrack(MediaStreamTrack):
    """Pictures, the newest only."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._newest: VideoFrame | None = None
        self._filled = asyncio.Event()
        self.dropped = 0
        """Pictures that were replaced before the sender took them."""

    def put(self, start: int, picture: NDArray[np.uint8]) -> None:
        """Offer an I420 picture, `uint8[h * 3 // 2, w]`, shown from audio sample `start` on.

        The array is not copied: it must stay as it is until the picture is encoded.
        """
        frame = VideoFrame.from_numpy_buffer(picture, format="yuv420p")
        frame.pts = start * VIDEO_CLOCK // SAMPLE_RATE
        frame.time_base = VIDEO_TIME_BASE
        if self._newest is not None:
            self.dropped += 1
        self._newest = frame
        self._filled.set()

    def stop(self) -> None:
        """End the track and wake its sender."""
        super().stop()
        self._filled.set()

    async def recv(self) -> VideoFrame:
        """The newest picture the sender has not had yet."""
        while self._newest is None:
            if self.readyState != "live":
                raise MediaStreamError
            self._filled.clear()
            await self._filled.wait()
        frame, self._newest = self._newest, None
        return frame
