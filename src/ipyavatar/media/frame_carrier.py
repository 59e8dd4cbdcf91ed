"""Carries one subscription's sound and pictures as numbered frames, where WebRTC does not pass.

How they travel is the owner's: it gets batches of frames, and says what the page acknowledges.
Sound always goes, ahead of its time (`SpeechAhead`); a picture only while the window of
acknowledged frames is open (`SendWindow`), in a size that the line carries (`PictureLadder`), else
in a trickle. At rest nothing is drawn, nor sent.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable

from aiortc.mediastreams import MediaStreamError
from av.video.frame import VideoFrame
from msgspec.structs import replace

from ..core.clock import Clock
from ..core.tasks import TaskSet
from ..engine.playout import KEPT_S, SAMPLE_RATE
from ..protocol.frames import Acknowledge, FrameKind, Frames, MediaFrame, Subscribe
from .failures import Failures
from .frame_format import choose_format
from .media_pump import MediaPump, Subscriber
from .picture_ladder import PictureLadder
from .send_window import SendWindow
from .speech_ahead import AHEAD_S, SoundPacket, SpeechAhead
from .tracks import VIDEO_CLOCK

BATCH_EVERY_S = 0.025
"""Frames that are there sooner after the batch before go together: a notebook server counts
messages, and drops them where there are too many."""

BATCH_BYTES = 12_000
"""A batch that is larger goes out at once. A page can use nothing of a message before all of it has
come: 1.5 s of samples as one would take 0.1 s over 10 Mbit/s, and leave a gap in the sound."""

REST_AFTER_S = 10.0
"""After so long without a sound the avatar holds still: what is sent keeps a kernel from being
culled. While it holds still nothing is drawn."""

LOOK_S = 1.0
"""How long an avatar at rest moves when a page needs a new picture."""

KEYFRAME_EVERY_S = 0.5
"""A page may ask for keyframes more often, and gets them so often: they are large."""

TRICKLE_EVERY_S = 0.25
"""While the window is full a picture goes out so often all the same. It may be that only the
acknowledgements wait: a kernel without subshells passes nothing on while a cell runs."""

AGAIN_EVERY_S = 0.2
"""Lost sound is sent again so often at most, however often a page says that it is lost."""

SENT_PACKETS = 100
"""Packets of sound that are kept for that: those that are not yet due are fewer."""

MISSED_PACKETS = 25
"""So much lost sound whose time is over, 0.5 s, is words that nobody has heard,"""

KNOWN_PACKETS = round(KEPT_S * 50)
"""as far back as they could be said again."""

SOUND_PER_MS = SAMPLE_RATE / 1000
PICTURE_PER_MS = VIDEO_CLOCK / 1000
"""What a frame's time is counted in."""

Deliver = Callable[[Frames, tuple[bytes, ...]], None]
"""Sends a batch: the message, and the bytes of its frames."""


class FrameCarrier:
    """One page's subscription. Lives on the pump's loop; `close()` ends it, and waits.

    Args:
        request: Which page wants frames.
        pump: Whose sound and pictures are carried.
        clock: Paces the batches.
        deliver: Takes a batch.
        on_gone: Called once when nobody takes what is sent.
        on_missed: Called with how many seconds ago words were due that got lost.
    """

    def __init__(
        self,
        request: Subscribe,
        pump: MediaPump,
        clock: Clock,
        deliver: Deliver,
        *,
        on_gone: Callable[[], None],
        on_missed: Callable[[float], None],
    ) -> None:
        self.page = request.page
        self._peer = request.peer
        self._pump = pump
        self._clock = clock
        self._deliver = deliver
        self._on_gone = on_gone
        self._on_missed = on_missed
        self._format = choose_format(plain=request.plain)
        sound = self._format.make_sound_encoder()
        self._ahead = SpeechAhead(pump.timeline, sound)
        self._subscriber: Subscriber = pump.subscribe(self._ahead)
        self._encoder = self._format.make_picture_encoder()
        self._window = SendWindow()
        self._ladder = PictureLadder()
        self._failures = Failures("A picture could not be encoded")
        self._number = 0
        self._batch: list[tuple[MediaFrame, bytes]] = []
        self._batch_bytes = 0
        self._batch_at = -BATCH_EVERY_S  # when the last one went out
        self._waits = False  # for its time to go out
        self._keyframe_wanted = True
        self._keyframe_at = -KEYFRAME_EVERY_S
        self._picture_at = -TRICKLE_EVERY_S
        self._sound: deque[tuple[int, SoundPacket]] = deque(maxlen=SENT_PACKETS)
        self._sound_sent: deque[tuple[int, int]] = deque(maxlen=KNOWN_PACKETS)  # number, sample
        self._sound_again_at = -AGAIN_EVERY_S
        self._flushes = 0
        self._acknowledged: tuple[float, float] | None = None  # the page's clock then, and ours
        self._acknowledgements = 0
        self._newest_acknowledged = 0  # the page has this frame, or has told that it got lost
        self._last_sound = 0  # number of the newest frame of sound
        self._shown = True  # somebody could see it
        self._awake_until = clock.now() + REST_AFTER_S
        self._resting = False
        self._gone = False  # nobody takes what is sent
        self._tasks = TaskSet("a frame carrier")
        self.dropped = 0
        """Pictures that were not sent because the window was full."""
        self._tasks.start(self._carry_sound(), "carry sound")
        self._tasks.start(self._carry_pictures(), "carry pictures")

    # ---- what the page says -----------------------------------------------------------------

    def acknowledge(self, told: Acknowledge) -> None:
        """The page has got frames, and may have lost some."""
        self._acknowledged = told.at_ms, self._clock.now()
        self._acknowledgements += 1
        self._newest_acknowledged = min(max(self._newest_acknowledged, told.number), self._number)
        self._window.acknowledge(told.number)
        if told.lost_from:
            self._send_sound_again(told.lost_from, told.lost_to)
            self._look_for_missed(told.lost_from, told.lost_to)
        if told.gap:
            self._keyframe_wanted = True
            self._wake(LOOK_S)  # also at rest it gets a new picture

    @property
    def sound_has_come(self) -> bool:
        """The page has got all sound, or has told what it missed: the rest it plays by itself."""
        return self._newest_acknowledged >= self._last_sound

    ahead_s = AHEAD_S
    """So long before its time sound is sent, where it is prepared."""

    @property
    def unanswered_s(self) -> float:
        """For how long the page has not acknowledged what is under way to it."""
        return self._window.oldest_s(self._clock.now())

    async def received(self) -> int:
        """How often the page has said what it got."""
        return self._acknowledgements

    def ask(self) -> None:
        """Send a picture, where one can be seen: it is acknowledged, and shows what got lost."""
        self._wake(LOOK_S)

    def deliver_by(self, deliver: Deliver) -> None:
        """Frames travel by another way from now on. What is under way there was lost, or comes."""
        self._deliver = deliver

    def restart(self) -> None:
        """The page asks again: what was sent so far has not come, and is forgotten."""
        self._window.acknowledge(self._number)
        self._keyframe_wanted = True
        self._wake(REST_AFTER_S)

    def set_shown(self, shown: bool) -> None:
        """Whether somebody could see it in the page; else nothing is drawn, and sound goes on."""
        if shown and not self._shown:
            self._keyframe_wanted = True
            self._awake_until = self._clock.now() + REST_AFTER_S
        self._shown = shown
        self._look()

    def flush(self) -> None:
        """Silence, now: sound that was sent and has not been played is not to be played."""
        self._ahead.clear()
        self._sound.clear()
        self._sound_sent.clear()
        self._flushes += 1
        self._drop_waiting_sound()
        self._last_sound = 0  # none is to be heard
        if not self._resting:
            self._send_batch()

    async def close(self) -> None:
        """End it. Idempotent."""
        await self._tasks.close()
        self._pump.unsubscribe(self._subscriber)

    # ---- rest -------------------------------------------------------------------------------

    def _wake(self, seconds: float) -> None:
        self._awake_until = max(self._awake_until, self._clock.now() + seconds)
        self._look()

    def _look(self) -> None:
        """Find out whether it rests now, and whether anybody is there."""
        now = self._clock.now()
        if self._window.is_gone(now) and not self._gone:
            self._gone = True
            self._on_gone()
        # Unseen and silent it brings nothing, which the page is to know of: all is well.
        nothing = not self._shown and not self._pump.timeline.sounding
        resting = nothing or now > self._awake_until
        self._pump.set_watching(self._subscriber, watching=self._shown and not resting)
        if resting != self._resting:
            self._resting = resting
            if resting:
                self._send_batch()
                # What got lost would be under way for as long as it rests: the page would be gone.
                self._window.acknowledge(self._number)

    # ---- frames -----------------------------------------------------------------------------

    async def _carry_sound(self) -> None:
        with contextlib.suppress(MediaStreamError):  # the pump has ended
            while True:
                packets = await self._ahead.take()
                if packets:
                    self._wake(AHEAD_S + REST_AFTER_S)
                self._look()
                for packet in packets:
                    self._add_sound(packet)
                self._send_due()

    def _add_sound(self, packet: SoundPacket) -> None:
        self._add("sound", packet.start / SOUND_PER_MS, packet.data, key=True)
        self._last_sound = self._number
        self._sound.append((self._number, packet))
        self._sound_sent.append((self._number, packet.start))

    def _send_sound_again(self, first: int, last: int) -> None:
        """What was lost, and is not yet due."""
        now = self._clock.now()
        if now - self._sound_again_at < AGAIN_EVERY_S:
            return
        self._sound_again_at = now
        for number, packet in list(self._sound):
            if first <= number <= last and packet.start > self._ahead.position:
                self._add_sound(packet)
        self._send_due()

    def _look_for_missed(self, first: int, last: int) -> None:
        """What was lost, and can only be said again: its time is over."""
        again = {start for number, start in self._sound_sent if number > last}
        missed = [
            start
            for number, start in self._sound_sent
            if first <= number <= last and start <= self._ahead.position and start not in again
        ]
        if len(missed) >= MISSED_PACKETS:
            self._on_missed((self._ahead.position - missed[0]) / SAMPLE_RATE)

    async def _carry_pictures(self) -> None:
        with contextlib.suppress(MediaStreamError):  # the pump has ended
            while True:
                frame = await self._subscriber.video.recv()
                self._look()
                if self._may_send_picture():
                    await self._send_picture(frame)

    def _may_send_picture(self) -> bool:
        now = self._clock.now()
        if self._resting or self._gone or not self._shown:
            return False
        since = now - self._picture_at
        if self._window.is_full(now):
            self._ladder.note_held_up(now)
            if since < TRICKLE_EVERY_S:
                self.dropped += 1
                return False
        elif since < self._format.picture_every_s:
            return False
        return not self._keyframe_wanted or now - self._keyframe_at >= KEYFRAME_EVERY_S

    async def _send_picture(self, frame: VideoFrame) -> None:
        now, keyframe = self._clock.now(), self._keyframe_wanted
        self._picture_at = now
        self._ladder.note_sent(now)
        size = self._ladder.scale, self._ladder.bitrate(frame.width, frame.height)
        self._keyframe_wanted = False  # unless the page asks for another meanwhile
        loop, encode = asyncio.get_running_loop(), self._encoder.encode
        try:
            data, key = await loop.run_in_executor(None, encode, frame, *size, keyframe)
        except Exception:
            # It may have half of this picture in it: the next one begins anew.
            self._failures.add()
            self._encoder, self._keyframe_wanted = self._format.make_picture_encoder(), True
            return
        if key:
            self._keyframe_at = now
        if data:
            self._add("picture", (frame.pts or 0) / PICTURE_PER_MS, data, key=key)
            self._send_due()

    def _add(self, kind: FrameKind, at_ms: float, data: bytes, *, key: bool) -> None:
        if self._resting or self._gone:
            self._keyframe_wanted |= kind == "picture"  # the page has not got this one
            return
        now = self._clock.now()
        self._number += 1
        self._window.note_sent(self._number, now)
        self._batch.append((MediaFrame(kind, self._number, round(at_ms, 1), key), data))
        self._batch_bytes += len(data)
        if self._batch_bytes >= BATCH_BYTES:
            self._send_batch()

    def _send_due(self) -> None:
        """What is there goes out, unless the batch before has only just gone: then it waits."""
        due = self._batch_at + BATCH_EVERY_S
        if not self._batch:
            return
        if self._clock.now() >= due:
            self._send_batch()
        elif not self._waits:
            self._waits = True
            self._tasks.start(self._send_batch_at(due), "send frames")

    def _drop_waiting_sound(self) -> None:
        """What does not go out leaves no hole in the numbers: a page would wait for a keyframe."""
        waiting, self._batch, self._batch_bytes = self._batch, [], 0
        if waiting:
            self._number = waiting[0][0].number - 1
            self._window.take_back(self._number)
        for frame, data in waiting:
            if frame.kind == "picture":
                self._number += 1
                self._window.note_sent(self._number, self._clock.now())
                self._batch.append((replace(frame, number=self._number), data))
                self._batch_bytes += len(data)

    async def _send_batch_at(self, due: float) -> None:
        await self._clock.sleep_until(due)
        self._waits = False
        if self._batch:
            self._send_batch()

    def _send_batch(self) -> None:
        batch, self._batch, self._batch_bytes = self._batch, [], 0
        self._batch_at = self._clock.now()
        message = Frames(
            self.page,
            self._peer,
            tuple(frame for frame, _ in batch),
            clock_ms=round(self._ahead.position / SOUND_PER_MS, 1),
            flushes=self._flushes,
            resting=self._resting,
            echo_ms=self._take_echo(),
        )
        self._deliver(message, tuple(data for _, data in batch))

    def _take_echo(self) -> float | None:
        """When the page would have acknowledged, by its clock, had that come just now."""
        if self._acknowledged is None:
            return None
        (page_ms, at), self._acknowledged = self._acknowledged, None
        return round(page_ms + (self._clock.now() - at) * 1000, 1)
