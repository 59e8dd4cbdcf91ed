"""Arrays that know their time: what `frames()` and `audio()` give out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.address_space import require_address_space
from ..protocol.media import MediaItem

SAMPLES = 960
"""Samples of a piece of sound: 20 ms at 48 kHz."""


class TimedArray(np.ndarray[Any, Any]):
    """A NumPy array, as good as any other, with its time.

    Attributes:
        timestamp: Seconds on the clock of the session's media: sound and pictures have the same.
            What is computed from such an array keeps it.
    """

    timestamp: float = 0.0

    def __array_finalize__(self, parent: Any) -> None:
        """A view, or a copy, has the time of what it is of."""
        self.timestamp = getattr(parent, "timestamp", 0.0)


class Frame(TimedArray):
    """A picture: `uint8[height, width, 3]`, RGB."""

    @classmethod
    def of(cls, item: MediaItem) -> Frame:
        """The picture that the host sent."""
        frame = rgb_of(item).view(cls)
        frame.timestamp = item.at
        return frame


class Sound(TimedArray):
    """A piece of sound: `float32[n]`, mono, 48,000 samples a second."""

    @classmethod
    def of(cls, item: MediaItem) -> Sound:
        """The sound that the host sent."""
        samples = np.frombuffer(item.data, np.float32).copy() if item.data else _silence()
        sound = samples.view(cls)
        sound.timestamp = item.at
        return sound


def rgb_of(item: MediaItem) -> NDArray[np.uint8]:
    """The picture that the host sent, as `uint8[height, width, 3]`, RGB."""
    require_address_space("cv2")
    import cv2  # a kernel that reads no pictures does without

    i420 = np.frombuffer(item.data, np.uint8).reshape(item.height * 3 // 2, item.width)
    return np.asarray(cv2.cvtColor(i420, cv2.COLOR_YUV2RGB_I420), np.uint8)


def _silence() -> NDArray[np.float32]:
    return np.zeros(SAMPLES, np.float32)
