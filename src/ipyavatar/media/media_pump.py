"""The media pump: takes sound and pictures off one timeline, on time, for every subscriber.

One clock rules: every 20 ms a packet of sound is taken off the timeline, and its position is the
time of everything. It is encoded here, once for all. A picture is drawn for the position of the
sound that goes out meanwhile (`AHEAD` says why that is in step). A late picture is dropped, sound
never. With nobody watching and nothing being said the pump stands still; with nobody watching
nothing is drawn.

Sinks (readers, recorders) take sound and pictures as they are. Where there are sinks and nobody
watches live, time is theirs: what is prepared goes out as fast as they take it, none of it is
dropped, and nothing goes on while a voice is still at what comes next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Executor
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..core.clock import Clock
from ..core.speech import SpokenWord
from ..core.tasks import TaskSet, wait_until
from ..engine.pcm import to_int16
from ..engine.playout import (
    SAMPLE_RATE,
    AudioPacket,
    PlayoutEvent,
    PlayoutTimeline,
    SegmentStarted,
)
from ..engine.pose import Mouth
from .encoders import ENCODERS, FPS, SILENT_OPUS, SpeechOpusEncoder
from .failures import Failures
from .shared_encoder import SharedEncoders, SubscriberEncoder
from .sinks import MediaSink, SpokenCaption
from .speech_ahead import SpeechAhead
from .tracks import AudioTrack, VideoTrack

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

REFINEMENTS = 5
"""How often the picture that a motion ends with is sent again at once, before it rests.

A moving picture gets few bits, and what is left of it would stay for as long as nothing moves
there. The encoder spends what the still picture saves on what is not yet right: with two or three
repetitions it is as good as it gets.
"""

SETTLING_S = 0.5
"""After the last sound the face comes to rest within this time. What it does by itself from then on
are small steps a few times a second: each is sent once, and refines the rest of the picture, too.
"""


class FrameSource(Protocol):
    """Draws the avatar. `key` runs on the loop and is cheap; `draw` runs on a worker thread."""

    def key(self, at: float, mouth: Mouth, speaking: bool, stress: float) -> Hashable:
        """Decide the pose at `at` seconds; equal keys mean an equal picture."""

    def draw(self) -> NDArray[np.uint8]:
        """The picture last decided, I420 `uint8[h * 3 // 2, w]`, untouched for the next 3 calls."""


class Subscriber:
    """Who gets sound and pictures: two tracks, and whether anyone watches them."""

    def __init__(self, encoders: SharedEncoders, ahead: SpeechAhead | None = None) -> None:
        self._encoders = encoders
        self.ahead = ahead  # sound goes there, if it is to be had ahead of its time
        self.audio = AudioTrack()
        self.video = VideoTrack()
        self.watching = True

    def encoder(self, mime: str) -> SubscriberEncoder:
        """An encoder for the pictures, `video/VP8` for example; all subscribers share the work."""
        return self._encoders.subscriber(mime.lower(), ENCODERS[mime.lower()])


class MediaPump:
    """Plays one avatar's timeline to all its subscribers. Lives on one loop; `close()` ends it."""

    def __init__(
        self,
        timeline: PlayoutTimeline,
        clock: Clock,
        drawing_executor: Executor,
        on_events: Callable[[Sequence[PlayoutEvent]], None],
    ) -> None:
        self.timeline = timeline
        self._frame_source: FrameSource | None = None  # until its sprites are loaded
        self._clock = clock
        self._drawing_executor = drawing_executor
        self._on_events = on_events
        self._encoders = SharedEncoders()
        self._opus = SpeechOpusEncoder()
        self._audio_failures = Failures("A packet of sound could not be sent")
        self._picture_failures = Failures("A picture could not be drawn")
        self._event_failures = Failures("What was played could not be told")
        self._sink_failures = Failures("A reader or a recording could not take what was played")
        self._subscribers: list[Subscriber] = []
        self._sinks: list[MediaSink] = []
        self._more_is_coming = False
        self._wanted = asyncio.Event()
        self._drawing: asyncio.Future[None] | None = None
        self._drawn_key: Hashable = None
        self._picture: NDArray[np.uint8] | None = None  # the last one, unless drawing failed
        self._settled_at = 0  # sample position from which on changes are not refined
        self._refinements_left = 0
        self._sent_at = 0  # sample position of the last picture
        self._audio_enabled = False
        self._overdue = False  # a new subscriber or frame source: draw even if nothing moved
        self._tasks = TaskSet("the media pump")
        self._tasks.start(self._run(), "media pump")
        self.pictures = 0
        """Pictures handed out so far."""
        self.late = 0
        """Pictures that were due while the one before was still being drawn."""

    @property
    def watched(self) -> bool:
        """Whether anyone watches: a page without a view of the avatar does not count."""
        return any(subscriber.watching for subscriber in self._subscribers)

    @property
    def recorded(self) -> bool:
        """Whether a reader or a recording takes what is played."""
        return bool(self._sinks)

    @property
    def failed(self) -> int:
        """What could not be sent or told, since something failed; the first of a kind is logged."""
        kinds = self._audio_failures, self._picture_failures, self._event_failures
        return sum(k.count for k in (*kinds, self._sink_failures, self._encoders.failures))

    def subscribe(self, ahead: SpeechAhead | None = None) -> Subscriber:
        """Send sound and pictures to one more; its first picture comes at once.

        Sound goes to `ahead` if there is one, else into the track.
        """
        subscriber = Subscriber(self._encoders, ahead)
        self._subscribers.append(subscriber)
        self._overdue = True
        self._wanted.set()
        return subscriber

    def set_watching(self, subscriber: Subscriber, watching: bool) -> None:
        """Whether this subscriber shows the avatar; if so its next picture comes at once."""
        if watching and not subscriber.watching:
            self._overdue = True
            self._wanted.set()
        subscriber.watching = watching

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """End the subscriber's tracks. Idempotent."""
        if subscriber in self._subscribers:
            self._subscribers.remove(subscriber)
        if subscriber.ahead is not None:
            subscriber.ahead.stop()
        subscriber.audio.stop()
        subscriber.video.stop()

    def add_sink(self, sink: MediaSink) -> None:
        """Give sound and pictures to one more; its first picture comes at once."""
        self._sinks.append(sink)
        self._overdue = True
        self._wanted.set()

    def remove_sink(self, sink: MediaSink) -> None:
        """Give it nothing more. Idempotent."""
        if sink in self._sinks:
            self._sinks.remove(sink)
        self._wanted.set()

    def expect_more(self, coming: bool) -> None:
        """Whether a voice is at what comes next: with nobody watching, sinks wait for it."""
        self._more_is_coming = coming
        self._wanted.set()

    def end_caption(self) -> None:
        """Nothing is being said any more, since it was cut off."""
        self._give_caption(SpokenCaption(self.timeline.position, 0.0, "", ()))

    def enable_audio(self) -> None:
        """Send sound from now on.

        Not before: while models load, Python's lock stalls the pacing for up to 300 ms, and a
        browser that has seen this once delays sound by as much for the next half minute.
        """
        self._audio_enabled = True

    def wake(self) -> None:
        """There is something to say: run even with nobody watching."""
        self._wanted.set()

    def catch_up(self, within_s: float) -> None:
        """Nothing is late: it is drawn here."""

    def set_frame_source(self, frame_source: FrameSource) -> None:
        """Draw with `frame_source` from the next picture on."""
        self._frame_source = frame_source
        self._overdue = True

    async def close(self) -> None:
        """Stop, and wait until the last picture is drawn."""
        await self._tasks.close()
        if self._drawing is not None:
            await asyncio.gather(self._drawing, return_exceptions=True)
        for subscriber in list(self._subscribers):
            self.unsubscribe(subscriber)
        # A face is tens of megabytes: whoever still holds the pump does not hold that.
        self._frame_source = self._drawing = None

    @property
    def _active(self) -> bool:
        return self.watched or self.timeline.sounding or bool(self._sinks)

    async def _run(self) -> None:
        while True:
            while not self._active:
                self._wanted.clear()
                await self._wanted.wait()
            due = self._clock.now()
            while self._active:
                if await self._run_ahead():
                    due = self._clock.now()
                else:
                    due = await self._keep_time(due)
                self._tick()
                due += PACKET_S

    async def _keep_time(self, due: float) -> float:
        """Wait until the packet is due; returns when it was, or now after a stall."""
        late = self._clock.now() - due
        if late > SUSPENDED_S:
            due += late
        elif late < 0:
            await self._clock.sleep_until(due)
        else:
            await asyncio.sleep(0)  # catching up: let the senders take what is there
        return due

    async def _run_ahead(self) -> bool:
        """Wait until the sinks, with whom nobody watches, have the next packet; False in real time.

        That is where somebody watches, where nothing is said, and where they do not read.
        """
        while self._sinks and not self.watched:
            prepared = self.timeline.queued_s >= PACKET_S
            if not prepared and not self.timeline.sounding and not self._more_is_coming:
                return False
            deadline: float | None = None
            if prepared or not self._more_is_coming:
                holds = [until for sink in self._sinks if (until := sink.hold_until) is not None]
                if not holds:
                    await self._finish_picture()
                    return True
                deadline = max(holds)
                if deadline <= self._clock.now():
                    return False
            self._wanted.clear()
            if deadline is None:
                await self._wanted.wait()
            else:
                await wait_until(self._clock, deadline, self._wanted)
        return False

    async def _finish_picture(self) -> None:
        if self._drawing is not None and not self._drawing.done():
            await asyncio.wait({self._drawing})
        else:
            await asyncio.sleep(0)

    def _tick(self) -> None:
        """Send a packet of sound, and a picture if it is time. What fails ends only itself."""
        packet = self.timeline.take(PACKET)
        try:
            self._send_audio(packet)
        except Exception:
            self._audio_failures.add()
        self._give_to_sinks(packet)
        due = self._overdue or (packet.start // PACKET) % PICTURE_EVERY == 0
        if due and (self.watched or any(sink.pictures for sink in self._sinks)):
            try:
                self._send_picture(packet.start + AHEAD)
            except Exception:
                self._picture_failures.add()
        if packet.events:
            try:
                self._on_events(packet.events)
            except Exception:
                self._event_failures.add()

    def _give_to_sinks(self, packet: AudioPacket) -> None:
        for event in packet.events if self._sinks else ():
            if isinstance(event, SegmentStarted):
                segment = event.segment
                words = tuple[SpokenWord, ...]((w.text, w.start, w.end) for w in segment.words)
                seconds = len(segment.audio) / SAMPLE_RATE
                # Later parts of one sound have no text: the caption of the first one stays.
                more = not segment.text
                self._give_caption(SpokenCaption(event.at, seconds, segment.text, words, more))
        for sink in self._sinks:
            try:
                sink.put_audio(packet.start, packet.audio)
            except Exception:
                self._sink_failures.add()

    def _give_caption(self, caption: SpokenCaption) -> None:
        for sink in self._sinks:
            try:
                sink.put_caption(caption)
            except Exception:
                self._sink_failures.add()

    def _give_picture(self, position: int, picture: NDArray[np.uint8]) -> None:
        for sink in self._sinks:
            try:
                if sink.pictures:
                    sink.put_picture(position, picture)
            except Exception:
                self._sink_failures.add()

    def _send_audio(self, packet: AudioPacket) -> None:
        if self._audio_enabled and self._subscribers:
            opus = SILENT_OPUS
            if packet.audio is not None:
                # On the loop: it takes a tenth of a millisecond, a worker thread's way more.
                opus = self._opus.encode(packet.start, to_int16(packet.audio))
            for subscriber in self._subscribers:
                if subscriber.ahead is None:
                    subscriber.audio.put(packet.start, opus)
                else:
                    subscriber.ahead.put(packet, PACKET)

    def _send_picture(self, position: int) -> None:
        """Draw the picture of `position` if it is a new one, else repeat the last if need be."""
        if self._frame_source is None:
            return
        if self._drawing is not None and not self._drawing.done():
            self.late += 1
            return
        timeline = self.timeline
        key = self._frame_source.key(
            position / SAMPLE_RATE,
            timeline.mouth_at(position),
            timeline.sounding,
            timeline.stress_at(position),
        )
        if timeline.sounding or self._overdue:
            self._settled_at = position + round(SETTLING_S * SAMPLE_RATE)
        if key != self._drawn_key or self._overdue or self._picture is None:
            if position < self._settled_at:
                self._refinements_left = REFINEMENTS
            self._drawn_key, self._overdue = key, False
            loop = asyncio.get_running_loop()
            self._drawing = loop.create_task(self._draw(self._frame_source, position), name="draw")
        elif self._refinements_left:
            self._refinements_left -= 1
            self._put(position, self._picture)
        elif position - self._sent_at > REFRESH_S * SAMPLE_RATE:
            self._put(position, self._picture)
        else:
            self._give_picture(position, self._picture)

    async def _draw(self, frame_source: FrameSource, position: int) -> None:
        loop = asyncio.get_running_loop()
        try:
            self._picture = None
            picture = await loop.run_in_executor(self._drawing_executor, frame_source.draw)
            self._put(position, picture)
            self._picture = picture
        except Exception as error:
            if "after shutdown" in str(error):
                return  # the program ends, and its threads with it
            # A picture that cannot be drawn must not stop the sound; the next one may do better.
            self._picture_failures.add()

    def _put(self, position: int, picture: NDArray[np.uint8]) -> None:
        self._sent_at = position
        for subscriber in self._subscribers:
            if subscriber.watching:
                subscriber.video.put(position, picture)
        self._give_picture(position, picture)
        self.pictures += 1
