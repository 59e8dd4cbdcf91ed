"""What the avatar is going to say and show, made here by the engine itself: the truth.

A text always sounds the same, so what is synthesized here is what the host performs.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ipyavatar.core.quality import QUALITIES
from ipyavatar.engine.face import FaceRenderer
from ipyavatar.engine.playout import SAMPLE_RATE, PlayoutTimeline, SpeechSegment
from ipyavatar.engine.pose import Mouth, Pose
from ipyavatar.engine.synthesis import synthesize
from ipyavatar.engine.voice import load_voice
from ipyavatar.engine.voice.base import Voice
from ipyavatar.providers.options import validate_options

from .probe import Crop
from .sound import AUDIBLE

CHARACTER = "ava"
SPEAKING = Pose(smile=0.12)
"""A face that talks, with nothing moving but the mouth."""


@functools.cache
def the_voice() -> Voice:
    """The voice that goes with `CHARACTER`, loaded."""
    voice = load_voice(validate_options("embedded", CHARACTER, None, "medium").voice)
    voice.warm()
    return voice


@dataclass(frozen=True)
class Source:
    """A speech as it is performed when nothing is late: its segments one right after the other."""

    audio: NDArray[np.float32]
    segments: tuple[SpeechSegment, ...]

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.audio) / SAMPLE_RATE

    @property
    def lead_ms(self) -> float:
        """Silence at its beginning."""
        return float(np.argmax(np.abs(self.audio) > AUDIBLE)) * 1000 / SAMPLE_RATE

    def mouths(self, per_s: int) -> Iterator[Mouth]:
        """The mouth at each point of a grid."""
        timeline = PlayoutTimeline()
        for segment in self.segments:
            timeline.add(segment)
        for step in range(int(self.seconds * per_s)):
            at = step * SAMPLE_RATE // per_s
            timeline.take(at - timeline.position)
            yield timeline.mouth_at(at)


def synthesized(text: str) -> Source:
    """The source of `text`."""
    segments = tuple(synthesize(the_voice(), "bench", text, threading.Event()))
    return Source(np.concatenate([segment.audio for segment in segments]), segments)


class MouthCamera:
    """Sees mouths as the probe does: the part of the picture that an opening mouth changes."""

    def __init__(self, quality: str) -> None:
        self._width, self._height = QUALITIES[quality]
        self._renderer = FaceRenderer(CHARACTER, self._width, self._height)
        shut, wide = (self._picture(Mouth(jaw=jaw)) for jaw in (0.0, 0.8))
        rows, columns = np.nonzero(np.abs(wide.astype(int) - shut).max(2) > 24)
        x0, x1, y0, y1 = columns.min(), columns.max() + 1, rows.min(), rows.max() + 1
        self._box = slice(y0, y1), slice(x0, x1)
        w, h = self._width, self._height
        self.crop = Crop(x0 / w, y0 / h, (x1 - x0) / w, (y1 - y0) / h)

    def views(self, source: Source, per_s: int) -> NDArray[np.uint8]:
        """`uint8[n, rows, columns]`: the source's mouths as the probe would see them."""
        return np.stack([self._view(mouth) for mouth in source.mouths(per_s)])

    def _view(self, mouth: Mouth) -> NDArray[np.uint8]:
        grey = cv2.cvtColor(self._picture(mouth)[self._box], cv2.COLOR_BGR2GRAY)
        size = self.crop.columns, self.crop.rows
        return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)

    def _picture(self, mouth: Mouth) -> NDArray[np.uint8]:
        return self._renderer.render(replace(SPEAKING, mouth=mouth))[..., :3].copy()
