"""A stream that comes from elsewhere, as a source of sound and pictures for readers and recorders.

It is received while somebody takes it, and not before. Its clock is the sound's: what comes is laid
end to end, none of it is dropped, and a picture has the time of the sound that comes with it. Where
no sound comes for a while it is silent, so that pictures go on, and a recording lasts as long as
the time that went by.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from operator import methodcaller
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..core.clock import Clock
from ..core.log import get_logger
from ..core.retry import RetryPolicy, next_delay
from ..core.speech import SpokenWord
from ..core.tasks import TaskSet, wait_until
from ..engine.playout import SAMPLE_RATE
from ..errors import (
    AuthenticationError,
    AvatarError,
    CannotRecord,
    MediaError,
    MissingPart,
    StreamTaken,
)
from .failures import Failures
from .picture_clock import PictureClock
from .sinks import MediaSink, SpokenCaption

log = get_logger(__name__)

PACKET = SAMPLE_RATE // 50

SILENT_AFTER_S = 1.5
"""So far sound may be behind time before silence takes its place: what holds it up takes less."""

LOOK_EVERY_S = 0.1

GOODBYE_S = 15.0
"""A connection that has not ended by then holds up no other; leaving a room takes up to 12 s."""

CLOSE_S = 4.0
"""So long the end of the session waits for goodbyes: a peer connection takes 2 s, a call 1 s."""

LOUD = 300
"""Of 32768: what is not silence."""

PAUSE = 12
"""So many silent packets, 240 ms, are more than a pause between two words."""

AROUND_S = 0.3
"""So much of the time that a service calls a speech's may be silent, before it or behind it."""

AGAIN = RetryPolicy(attempts=5, first_s=2.0, cap_s=8.0, budget_s=60.0)
"""A connection that is lost, or cannot be made, is tried anew so often in a row. Not at once: most
often it is lost since the session is over, which is found out meanwhile."""

FINAL = (MissingPart, AuthenticationError, StreamTaken, CannotRecord)
"""What another try would not change."""


class StreamListener(Protocol):
    """Who is told what comes of a stream, on the loop."""

    def on_sound(self, samples: NDArray[np.int16], played_at: float | None = None) -> None:
        """Mono, 48,000 samples a second; as many as come.

        With `played_at`, seconds of our clock, the sender has played it then, and nothing is
        missing of what comes, however late that is.
        """

    def on_picture(self, at: float, picture: NDArray[np.uint8], early_s: float = 0.0) -> None:
        """I420; `at` is its time in seconds on any clock of the sender's.

        It belongs to the sound that comes `early_s` seconds later, for so much longer is that
        kept back on the way.
        """

    async def wait_taken(self, within_s: float) -> None:
        """Return when whoever takes it has room for more; after `within_s` in any case."""

    def on_lost(self, error: AvatarError) -> None:
        """Nothing more comes by this connection."""


class Reception(Protocol):
    """A connection by which a stream comes."""

    async def close(self) -> None:
        """End it, and wait."""


Connect = Callable[[StreamListener], Awaitable[Reception]]


class ReceivedStream:
    """Receives one stream for all who take it: a `MediaSource`, and a `StreamListener`.

    Args:
        connect: Has the stream come; raises an `AvatarError` where it cannot be had.
        clock: Time. Timestamps count from the making of this.
        random: Gives numbers in 0 to 1, for jitter.
    """

    def __init__(self, connect: Connect, clock: Clock, random: Callable[[], float]) -> None:
        self._connect, self._clock, self._random = connect, clock, random
        self._epoch = clock.now()
        self._position = 0
        self._left_over: NDArray[np.int16] = np.zeros(0, np.int16)
        self._pictures = PictureClock()
        self._sinks: list[MediaSink] = []
        self._failures = Failures("A reader or a recording could not take what came")
        self._tasks = TaskSet("a received stream")
        self._running: asyncio.Task[None] | None = None
        self._earlier: list[asyncio.Task[None]] = []  # runs that were ended, and goodbyes
        self._closed = False
        self._changed = asyncio.Event()
        self._connected = False  # or about to be; else what comes is of one that ends
        self._flows = False  # by the connection of now
        self._flowed = False  # since somebody takes it
        self._lost: AvatarError | None = None
        self._late: int | None = None  # samples from playing to coming, where that was told
        self._captions: deque[SpokenCaption] = deque()  # of what is still to come
        self._quiet = PAUSE  # silent packets in a row
        self._speech_at: int | None = None  # where its sound has begun

    # ---- `MediaSource` ----------------------------------------------------------------------

    def add_sink(self, sink: MediaSink) -> None:
        """Give what comes to one more; the first has it come."""
        self._sinks.append(sink)
        if not self._closed and (self._running is None or self._running.done()):
            self._captions.clear()  # what was still to come for those who have gone
            self._running = self._tasks.start(self._run(), "receive a stream")

    def remove_sink(self, sink: MediaSink) -> None:
        """Give it nothing more; after the last nothing comes. Idempotent."""
        if sink in self._sinks:
            self._sinks.remove(sink)
        if not self._sinks:
            self._end_running()

    def wake(self) -> None:
        """A sink takes more: what is kept back for it may go on."""
        self._changed.set()

    def catch_up(self, within_s: float) -> Awaitable[None] | None:
        """Wait until what was played until now has come, where it comes late; else nothing.

        Args:
            within_s: So long at most, and for a tenth of that where nothing comes.
        """
        if self._late is None:
            return None
        return self._catch_up(self._now() + self._late, within_s)

    @property
    def taken(self) -> bool:
        """Whether somebody takes what comes."""
        return bool(self._sinks)

    # ---- for its session --------------------------------------------------------------------

    async def wait_flowing(self, within_s: float) -> None:
        """Return when it comes, or nobody takes it any more; after `within_s` in any case."""
        deadline = self._clock.now() + within_s
        while self._sinks and self._clock.now() < deadline:
            if self._flows and self._lost is None:
                return
            await self._wait(deadline)

    def expect_speech(self) -> None:
        """One is about to be said: its sound begins behind a pause."""
        self._speech_at = None

    async def wait_said(self, seconds: float, within_s: float) -> None:
        """Return when the expected speech, which its service has said, has come here, too.

        Args:
            seconds: Its length as the service told it: what comes late may be in a pause of it.
            within_s: Seconds its sound is waited for at most, and those it may be longer.
        """
        said = self._clock.now()
        deadline = said + within_s
        length = round((seconds - AROUND_S) * SAMPLE_RATE)
        while self._flows and self._clock.now() < deadline:
            if self._speech_at is not None:
                missing = self._speech_at + length - self._position
                if missing <= 0 and self._quiet >= PAUSE:
                    return
                if missing > 0:
                    comes = self._clock.now() + missing / SAMPLE_RATE
                    deadline = min(comes, said + seconds) + within_s
            await self._clock.sleep_until(self._clock.now() + LOOK_EVERY_S)

    def put_caption(self, text: str, words: list[SpokenWord], seconds: float) -> None:
        """`text` is being said from now on; empty: nothing is."""
        if not self._sinks:
            return
        if self._late is None:
            caption = SpokenCaption(self._position, seconds, text, tuple(words))
            self._give(lambda sink: sink.put_caption(caption))
        else:
            at = self._now() + self._late
            self._captions.append(SpokenCaption(at, seconds, text, tuple(words)))

    async def close(self, error: AvatarError) -> None:
        """End it; `error` tells those who still take it why."""
        self._closed = True
        self._fail(error)
        self._end_running()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._await_earlier(), CLOSE_S)
        await self._tasks.close()

    # ---- `StreamListener` -------------------------------------------------------------------

    def on_sound(self, samples: NDArray[np.int16], played_at: float | None = None) -> None:
        """Lay it behind what came before."""
        if not self._connected:
            return
        self._begin()
        if played_at is not None:
            # Before what was played, where its sender slept for a while: nothing stands for that.
            self._late = self._position - round((played_at - self._epoch) * SAMPLE_RATE)
        whole = np.concatenate([self._left_over, samples])
        count = len(whole) // PACKET
        self._left_over = whole[count * PACKET :]
        for packet in whole[: count * PACKET].reshape(count, PACKET):
            if np.abs(packet).max() > LOUD:
                if self._speech_at is None and self._quiet >= PAUSE:
                    self._speech_at = self._position
                self._quiet = 0
            else:
                self._quiet += 1
            audio: NDArray[np.float32] = packet.astype(np.float32)
            audio /= 32768
            self._put_audio(audio if packet.any() else None)

    def on_picture(self, at: float, picture: NDArray[np.uint8], early_s: float = 0.0) -> None:
        """It belongs to the sound that comes now, or will come soon."""
        if not self._connected:
            return
        self._begin()
        start = self._pictures.place(self._position + round(early_s * SAMPLE_RATE), at)
        self._give(lambda sink: sink.put_picture(start, picture) if sink.pictures else None)

    async def wait_taken(self, within_s: float) -> None:
        """Return when all sinks have room for more; after `within_s` in any case."""
        deadline = self._clock.now() + within_s
        while self._lost is None and (now := self._clock.now()) < deadline:
            held = [sink.hold_until for sink in self._sinks]
            if not any(until is not None and until > now for until in held):
                return
            await self._wait(deadline)

    def on_lost(self, error: AvatarError) -> None:
        """The connection is made anew, if that may help."""
        self._lost = error
        self._changed.set()

    # ---- inside -----------------------------------------------------------------------------

    async def _run(self) -> None:
        """Receive it until nobody takes it, or it cannot be had."""
        await self._await_earlier()  # a goodbye would take the new connection with it
        tried, began = 0, self._clock.now()
        silence = asyncio.ensure_future(self._keep_time())
        try:
            while True:
                self._lost, self._late, self._flows = None, None, False
                try:
                    await self._receive()
                except AvatarError as error:
                    log.debug("A stream could not be received: %s", error.what)
                    if self._flows:
                        tried, began = 0, self._clock.now()
                    tried += 1
                    elapsed_s = self._clock.now() - began
                    pause = next_delay(AGAIN, tried, elapsed_s, None, self._random())
                    if pause is None or isinstance(error, FINAL):
                        self._flows = False
                        self._fail(error)
                        return
                    await self._clock.sleep_until(self._clock.now() + pause)
        except Exception as failure:  # nobody may wait for ever for what was not foreseen
            log.exception("A stream could not be received, in a way nobody foresaw")
            self._flows = False
            self._fail(MediaError(f"The stream could not be received: {failure!r}."))
        finally:
            self._disconnect()
            silence.cancel()

    async def _receive(self) -> None:
        """Receive it by one connection.

        Raises:
            AvatarError: It is lost, or could not be made.
        """
        self._connected = True
        reception = await self._connect(self)
        try:
            while self._lost is None:
                self._changed.clear()
                await self._changed.wait()
            raise self._lost
        finally:
            goodbye = self._tasks.start(self._say_goodbye(reception), "end a connection")
            self._earlier = [*self._ending(), goodbye]
            await asyncio.wait({goodbye})  # whoever ends this wait does not end the goodbye

    async def _say_goodbye(self, reception: Reception) -> None:
        try:
            await asyncio.wait_for(reception.close(), GOODBYE_S)
        except asyncio.TimeoutError:
            log.debug("A connection did not end within %g s", GOODBYE_S)

    def _end_running(self) -> None:
        if self._running is not None:
            self._running.cancel()  # once: it may end what it was just about to connect
            self._earlier = [*self._ending(), self._running]
            self._running = None
            self._disconnect()  # at once: nobody is to take what ends for what he waits for

    def _disconnect(self) -> None:
        self._connected = self._flows = self._flowed = False

    def _ending(self) -> list[asyncio.Task[None]]:
        return [each for each in self._earlier if not each.done()]

    async def _await_earlier(self) -> None:
        """Wait until all connections of before have ended."""
        while ending := self._ending():
            await asyncio.wait(ending)

    def _begin(self) -> None:
        if not self._flows:
            self._flows = True
            self._left_over = self._left_over[:0]
            self._pictures.reset()
            if self._flowed:
                self._fill(self._now())
            self._position = max(self._position, self._now())
            self._flowed = True
            self._changed.set()

    def _now(self) -> int:
        """Where sound would be that came without delay."""
        return int((self._clock.now() - self._epoch) * 50) * PACKET

    async def _keep_time(self) -> None:
        """Fill with silence what no sound comes for, once something has come."""
        looked = self._clock.now()
        while True:
            await self._clock.sleep_until(looked + LOOK_EVERY_S)
            late, looked = self._clock.now() - looked, self._clock.now()
            # Was this loop held up? Then sound waits to be taken.
            if self._flowed and self._late is None and late < 2 * LOOK_EVERY_S:
                self._fill(self._now() - round(SILENT_AFTER_S * SAMPLE_RATE))

    def _fill(self, position: int) -> None:
        while self._position < position:
            self._put_audio(None)

    def _put_audio(self, audio: NDArray[np.float32] | None) -> None:
        start = self._position
        self._position += PACKET
        while self._captions and self._captions[0].at < self._position:
            self._give(methodcaller("put_caption", self._captions.popleft()))
        self._give(lambda sink: sink.put_audio(start, audio))

    def _give(self, put: Callable[[MediaSink], None]) -> None:
        for sink in list(self._sinks):
            try:
                put(sink)
            except Exception:
                self._failures.add()

    def _fail(self, error: AvatarError) -> None:
        self._give(lambda sink: sink.fail(error))
        self._sinks.clear()
        self._changed.set()

    async def _catch_up(self, position: int, within_s: float) -> None:
        deadline = self._clock.now() + within_s
        while (now := self._clock.now()) < deadline and self._position < position:
            before = self._position
            pause = min(now + within_s / 10, deadline)
            while self._position == before and self._lost is None and self._clock.now() < pause:
                await self._clock.sleep_until(self._clock.now() + LOOK_EVERY_S)
            if self._position == before:
                return

    async def _wait(self, deadline: float) -> None:
        self._changed.clear()
        await wait_until(self._clock, deadline, self._changed)


def as_i420(data: bytes, width: int, height: int) -> NDArray[np.uint8]:
    """An I420 picture as the array that sinks take, without an odd column or row.

    Raises:
        MediaError: It is none.
    """
    half_width, half_height = (width + 1) // 2, (height + 1) // 2
    luma, chroma = width * height, half_width * half_height
    if width < 2 or height < 2 or len(data) != luma + 2 * chroma:
        raise MediaError(f"A picture of {width} by {height} came with {len(data)} bytes.")
    flat = np.frombuffer(data, np.uint8)
    if not (width % 2 or height % 2):
        return flat.reshape(height * 3 // 2, width)
    even_width, even_height = width & ~1, height & ~1
    planes = [flat[:luma].reshape(height, width)[:even_height, :even_width]]
    for begin in (luma, luma + chroma):
        plane = flat[begin : begin + chroma].reshape(half_height, half_width)
        planes.append(plane[: even_height // 2, : even_width // 2])
    whole = np.concatenate([plane.ravel() for plane in planes])
    return whole.reshape(even_height * 3 // 2, even_width)
