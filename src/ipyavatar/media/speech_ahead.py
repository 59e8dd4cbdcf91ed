"""Sound ahead of its time: what is prepared to be said is encoded before it is due.

Who plays it has a store, which lasts while what is between, a kernel for example, stands still.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from aiortc.mediastreams import MediaStreamError
from numpy.typing import NDArray

from ..engine.pcm import to_int16
from ..engine.playout import FADE_S, SAMPLE_RATE, AudioPacket, PlayoutTimeline

AHEAD_S = 1.5
"""How long before its time sound is encoded, at most."""

BACKLOG = 200
"""Packets kept for a listener that is late; beyond that the oldest is dropped."""

FADE = round(FADE_S * SAMPLE_RATE)


class SoundEncoder(Protocol):
    """Makes packets of sound."""

    def encode(self, start: int, audio: NDArray[np.int16]) -> bytes:
        """Encode 20 ms, `int16[960]`, that begin at sample `start`."""


@dataclass(frozen=True, slots=True)
class SoundPacket:
    """20 ms of sound from sample `start` on."""

    start: int
    data: bytes


class SpeechAhead:
    """One listener's packets: every position once, and in order.

    Attributes:
        position: The media clock: the sample that is due.
    """

    def __init__(self, timeline: PlayoutTimeline, encoder: SoundEncoder) -> None:
        self._timeline = timeline
        self._encoder = encoder
        self._next = 0  # the first sample that has not been encoded
        self._flushes = timeline.flushes
        self._packets: deque[SoundPacket] = deque(maxlen=BACKLOG)
        self._filled = asyncio.Event()
        self._stopped = False
        self.position = timeline.position

    def put(self, packet: AudioPacket, samples: int) -> None:
        """`packet` is due: encode it, and what follows as far ahead as it is prepared."""
        self.position, audio = packet.start, packet.audio
        if self._flushes != self._timeline.flushes:
            self._flushes, self._next = self._timeline.flushes, packet.start
            if audio is not None:
                # The end of what was cut off: who has dropped that would hear a click.
                audio = audio.copy()
                audio[:FADE] = 0
                audio = audio if audio.any() else None
        if self._next <= packet.start:
            self._next = packet.start
            if audio is not None:
                self._add(samples, audio)
        until = packet.start + AHEAD_S * SAMPLE_RATE
        while self._next <= until:
            ahead = self._timeline.peek(self._next, samples)
            if ahead is None:
                break
            self._add(samples, ahead)
        self._filled.set()

    def clear(self) -> None:
        """Drop what has not been taken."""
        self._packets.clear()

    def stop(self) -> None:
        """End it; `take` raises."""
        self._stopped = True
        self._filled.set()

    async def take(self) -> list[SoundPacket]:
        """What has come with the latest packet that is due: nothing where it is silent.

        Raises:
            MediaStreamError: It has ended.
        """
        await self._filled.wait()
        if self._stopped:
            raise MediaStreamError
        self._filled.clear()
        packets = list(self._packets)
        self._packets.clear()
        return packets

    def _add(self, samples: int, audio: NDArray[np.float32]) -> None:
        data = self._encoder.encode(self._next, to_int16(audio))
        self._packets.append(SoundPacket(self._next, data))
        self._next += samples
