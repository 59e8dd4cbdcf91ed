"""The stage: takes sound and pictures off one timeline, on time, and hands them to every page.

One clock rules: every 20 ms a packet of sound is taken from the performer, and its position is the
time of everything. A picture is drawn for the position of the sound that goes out meanwhile
(`AHEAD` says why that is in step). A late picture is dropped, sound never. With nobody watching and
nothing being said the stage stands still; with nobody watching nothing is drawn or encoded.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Executor
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..core.clock import Clock
from ..engine.pcm import to_int16
from ..engine.playout import SAMPLE_RATE, AudioPacket, PlayoutEvent, PlayoutTimeline
from ..engine.pose import Mouth
from .encoders import FPS
from .shared_encoder import SharedEncoders
from .tracks import AudioTrack, VideoTrack

log = logging.getLogger(__name__)

PACKET = SAMPLE_RATE // 50
"""Samples in a packet of sound: 20 ms, Opus' own frame."""

PACKET_S = PACKET / SAMPLE_RATE

PICTURE_EVERY = SAMPLE_RATE // FPS // PACKET
"""Packets from one picture to the next."""

AHEAD = 0
"""Samples by which a picture is drawn before the sound of its position goes out.

None: a browser holds sound for about 45 ms and pictures for about 10, and drawing, encoding and
decoding take about as long as the difference. `make bench ROWS=avsync` measures what is left.
"""

SUSPENDED_S = 0.25
"""Later than this means the machine slept or stalled: go on from now, do not send a burst."""

REFRESH_S = 0.4
"""An unchanged picture is sent again after this long, so that a keyframe request is soon met."""


class FrameSource(Protocol):
    """Draws the avatar. `key` runs on the loop and is cheap; `draw` runs on a worker thread."""

    def key(self, at: float, mouth: Mouth, speaking: bool, stress: float) -> Hashable:
        """Decide the pose at `at` seconds; equal keys mean an equal picture."""

    def draw(self) -> NDArray[np.uint8]:
        """The picture last decided, I420 `uint8[h * 3 // 2, w]`, untouched for the next 3 calls."""


class Subscriber:
    """One page's place before the stage: its two tracks, and whether anyone looks."""

    def __init__(self, encodings: SharedEncoders | None = None) -> None:
        self.audio = AudioTrack(encodings)
        self.video = VideoTrack(encodings)
        self.watching = True


class MediaPump:
    """Runs one avatar's timeline for all its pages. Lives on one loop; `close()` ends it."""

    def __init__(
        self,
        performer: PlayoutTimeline,
        clock: Clock,
        painter: Executor,
        on_cues: Callable[[Sequence[PlayoutEvent]], None],
    ) -> None:
        self._performer = performer
        self._portrait: FrameSource | None = None  # until its sprites are loaded
        self._clock = clock
        self._painter = painter
        self._on_cues = on_cues
        self._encodings = SharedEncoders()
        self._seats: list[Subscriber] = []
        self._needed = asyncio.Event()
        self._drawing: asyncio.Future[None] | None = None
        self._drawn_key: Hashable = None
        self._drawn_at = 0  # sample position of the last picture
        self._sound_open = False
        self._overdue = False  # somebody came, or another portrait: draw even if nothing moved
        self._task = asyncio.get_running_loop().create_task(self._run(), name="stage")
        self.pictures = 0
        """Pictures handed out so far."""
        self.late = 0
        """Pictures that were due while the one before was still being drawn."""

    @property
    def watched(self) -> bool:
        """Whether anyone looks: a page without a view of the avatar does not count."""
        return any(seat.watching for seat in self._seats)

    def join(self) -> Subscriber:
        """A seat for a page; its first picture comes at once."""
        seat = Subscriber(self._encodings)
        self._seats.append(seat)
        self._overdue = True
        self._needed.set()
        return seat

    def look(self, seat: Subscriber, watching: bool) -> None:
        """The page says whether it shows the avatar; if so its next picture comes at once."""
        if watching and not seat.watching:
            self._overdue = True
            self._needed.set()
        seat.watching = watching

    def leave(self, seat: Subscriber) -> None:
        """Give the seat up; twice is harmless."""
        if seat in self._seats:
            self._seats.remove(seat)
        seat.audio.stop()
        seat.video.stop()

    def open_sound(self) -> None:
        """Send sound from now on.

        Not before: while models load, Python's lock stalls the pacing for up to 300 ms, and a
        browser that has seen this once delays sound by as much for the next half minute.
        """
        self._sound_open = True

    def wake(self) -> None:
        """There is something to say: run even with nobody watching."""
        self._needed.set()

    def show(self, portrait: FrameSource) -> None:
        """Draw with this portrait from the next picture on."""
        self._portrait = portrait
        self._overdue = True

    async def close(self) -> None:
        """Stop, and wait until the last picture is drawn."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self._drawing is not None:
            await asyncio.gather(self._drawing, return_exceptions=True)
        for seat in list(self._seats):
            self.leave(seat)

    async def _run(self) -> None:
        while True:
            while not self.watched and not self._performer.sounding:
                self._needed.clear()
                await self._needed.wait()
            begin, packets = self._clock.now(), 0
            while self.watched or self._performer.sounding:
                due = begin + packets * PACKET_S
                late = self._clock.now() - due
                if late > SUSPENDED_S:
                    begin += late
                elif late < 0:
                    await self._clock.sleep_until(due)
                else:
                    await asyncio.sleep(0)  # catching up: let the senders take what is there
                self._tick()
                packets += 1

    def _tick(self) -> None:
        packet = self._performer.take(PACKET)
        self._hand_out(packet)
        due = self._overdue or (packet.start // PACKET) % PICTURE_EVERY == 0
        if due and self.watched:
            self._consider(packet.start + AHEAD)
        if packet.cues:
            self._on_cues(packet.cues)

    def _hand_out(self, packet: AudioPacket) -> None:
        if self._sound_open:
            sound = None if packet.audio is None else to_int16(packet.audio)
            for seat in self._seats:
                seat.audio.put(packet.start, sound)

    def _consider(self, position: int) -> None:
        """Draw the picture of `position` if it differs from the last, or that one is old."""
        if self._portrait is None:
            return
        if self._drawing is not None and not self._drawing.done():
            self.late += 1
            return
        performer = self._performer
        key = self._portrait.key(
            position / SAMPLE_RATE,
            performer.mouth_at(position),
            performer.sounding,
            performer.stress_at(position),
        )
        old = position - self._drawn_at > REFRESH_S * SAMPLE_RATE
        if key == self._drawn_key and not old and not self._overdue:
            return
        self._drawn_key, self._drawn_at, self._overdue = key, position, False
        loop = asyncio.get_running_loop()
        self._drawing = loop.create_task(self._draw(self._portrait, position), name="draw")

    async def _draw(self, portrait: FrameSource, position: int) -> None:
        loop = asyncio.get_running_loop()
        try:
            picture = await loop.run_in_executor(self._painter, portrait.draw)
        except Exception:
            # A picture that cannot be drawn must not stop the sound; the next one may do better.
            log.exception("A picture could not be drawn")
            self._drawn_key = None
            return
        for seat in self._seats:
            if seat.watching:
                seat.video.put(position, picture)
        self.pictures += 1
