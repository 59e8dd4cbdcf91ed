"""Playout: a queue of prepared speech on one timeline, counted in audio samples.

Sound is taken from it packet by packet; the position of the last packet is *the* media clock,
and the mouth at any position near it can be asked for. Nothing here waits, draws or sends: the
same queue serves a media pump, a recorder and a test.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .lips import MouthTrack
from .pose import MOUTH_KEYS, Mouth
from .voice.base import Word

SAMPLE_RATE = 48_000
"""Samples per second of all that is played: Opus' own rate, so nothing is resampled later."""

FADE_S = 0.005
"""An interrupted sound is faded out over this long: a hard cut clicks."""

KEPT_S = 15.0
"""What has sounded is kept so long, for somebody who has not heard it."""

MISSED_S = 0.25
"""Who has missed less of the end of a segment has understood it."""

RELEASE_S = 0.08
"""The mouth eases back to rest over this long after the last sound."""


@dataclass(frozen=True, slots=True)
class SpeechSegment:
    """A prepared piece of one speech.

    Attributes:
        speech: The id of the speech it belongs to.
        audio: `float32[n]` mono at `SAMPLE_RATE`.
        mouth: The lips, on the same time.
        words: Words with seconds from the start of the segment.
        text: What is said, for the caption.
    """

    speech: str
    audio: NDArray[np.float32]
    mouth: MouthTrack
    words: tuple[Word, ...]
    text: str


@dataclass(frozen=True, slots=True)
class SegmentStarted:
    """A segment has begun to sound."""

    segment: SpeechSegment
    at: int
    """Sample position of its first sample."""


@dataclass(frozen=True, slots=True)
class SegmentFinished:
    """A segment has sounded to its end."""

    segment: SpeechSegment


PlayoutEvent = SegmentStarted | SegmentFinished


@dataclass(frozen=True, slots=True)
class AudioPacket:
    """A slice of the timeline: `audio` is None when it is all silence."""

    start: int
    audio: NDArray[np.float32] | None
    events: tuple[PlayoutEvent, ...]


class PlayoutTimeline:
    """One avatar's timeline. Not thread-safe: it belongs to the loop that takes packets from it."""

    def __init__(self) -> None:
        # Each with the position of its first sample.
        self._queue: deque[tuple[int, SpeechSegment]] = deque()
        self._sounded: deque[tuple[int, SpeechSegment]] = deque()  # likewise; lately, to its end
        self._begun = False  # whether the first of the queue has sounded
        self._end = 0  # position just after everything queued
        self._tail: NDArray[np.float32] | None = None  # fading rest of an interrupted sound
        self._rest_from: tuple[int, Mouth] = (-SAMPLE_RATE, Mouth())  # where the lips were let go
        self.position = 0
        """Samples handed out so far: the media clock."""
        self.flushes = 0
        """How often what was queued has been dropped."""

    @property
    def queued_s(self) -> float:
        """Seconds of sound that are prepared and not yet handed out."""
        return max(0, self._end - self.position) / SAMPLE_RATE

    @property
    def sounding(self) -> bool:
        """Whether there is sound at the current position or ahead."""
        return bool(self._queue)

    def add(self, segment: SpeechSegment) -> None:
        """Queue `segment` behind everything else; it sounds at once when nothing is queued."""
        start = max(self._end, self.position)
        self._queue.append((start, segment))
        self._end = start + len(segment.audio)

    def flush(self) -> None:
        """Drop all that is queued. The next packet fades out what was sounding; the lips let go."""
        self._sounded.clear()
        if not self._queue:
            return
        self._cut_off()
        self._queue.clear()
        self._end = self.position

    def rewind(self, position: int) -> list[tuple[SpeechSegment, bool]]:
        """Have all segments sound again from their beginning of which something sounded since then.

        What was still to come follows. At most `KEPT_S` are repeated, and nothing that was dropped.

        Args:
            position: From this sample on nothing was heard.

        Returns:
            What sounds again, the oldest first, and whether it had sounded to its end.
        """
        missed = position + round(MISSED_S * SAMPLE_RATE)
        again = [(one, True) for at, one in self._sounded if at + len(one.audio) > missed]
        if self._begun:
            again.append((self._queue[0][1], False))
        if again:
            following = [one for _, one in self._queue][int(self._begun) :]
            self._cut_off()
            self._sounded.clear()
            self._queue.clear()
            self._end = self.position
            for segment in [*(one for one, _ in again), *following]:
                self.add(segment)
        return again

    def take(self, samples: int) -> AudioPacket:
        """Hand out the next `samples` samples and move the media clock on by them."""
        start, end = self.position, self.position + samples
        out: NDArray[np.float32] | None = None
        events: list[PlayoutEvent] = []
        if self._tail is not None:
            out = np.zeros(samples, np.float32)
            out[: len(self._tail)] = self._tail[:samples]
            self._tail = None
        while self._queue and self._queue[0][0] < end:
            at, segment = self._queue[0]
            if not self._begun:
                self._begun = True
                events.append(SegmentStarted(segment, at))
            low, high = max(at, start), min(at + len(segment.audio), end)
            if out is None:
                out = np.zeros(samples, np.float32)
            out[low - start : high - start] += segment.audio[low - at : high - at]
            if high < at + len(segment.audio):
                break
            self._rest_from = (high, segment.mouth.at(len(segment.audio) / SAMPLE_RATE))
            self._sounded.append(self._queue.popleft())
            self._begun = False
            events.append(SegmentFinished(segment))
        self.position = end
        while self._sounded and self._sounded[0][0] < end - KEPT_S * SAMPLE_RATE:
            self._sounded.popleft()
        return AudioPacket(start, out, tuple(events))

    def peek(self, position: int, samples: int) -> NDArray[np.float32] | None:
        """The sound at `position`, which is ahead; None where there is not so much of it yet."""
        if not self._queue or position < self._queue[0][0] or position + samples > self._end:
            return None
        end, out = position + samples, np.zeros(samples, np.float32)
        for at, segment in self._queue:
            low, high = max(at, position), min(at + len(segment.audio), end)
            if low < high:
                out[low - position : high - position] = segment.audio[low - at : high - at]
        return out

    def mouth_at(self, position: int) -> Mouth:
        """The mouth at `position`, which may be a little ahead of the sound."""
        found = self._at(position)
        if found is not None:
            at, segment = found
            return segment.mouth.at((position - at) / SAMPLE_RATE)
        since, mouth = self._rest_from
        left = 1 - (position - since) / (RELEASE_S * SAMPLE_RATE)
        if left <= 0:
            return Mouth()
        return Mouth(**{key: getattr(mouth, key) * left for key in MOUTH_KEYS})

    def stress_at(self, position: int) -> float:
        """How stressed the syllable at `position` is, 0 to 1."""
        found = self._at(position)
        return (
            0.0 if found is None else found[1].mouth.stress_at((position - found[0]) / SAMPLE_RATE)
        )

    def _cut_off(self) -> None:
        """Fade out what sounds; the lips let go, and what was taken ahead is of no use."""
        start, segment = self._queue[0] if self._queue else (0, None)
        self._rest_from = (self.position, self.mouth_at(self.position))
        offset = self.position - start
        if segment is not None and self._begun and offset < len(segment.audio):
            tail = segment.audio[offset : offset + round(FADE_S * SAMPLE_RATE)]
            self._tail = tail * np.linspace(1, 0, len(tail), dtype=np.float32)
        self._begun = False
        self.flushes += 1

    def _at(self, position: int) -> tuple[int, SpeechSegment] | None:
        for at, segment in self._queue:
            if at <= position < at + len(segment.audio):
                return at, segment
            if at > position:
                break
        return None
