"""A microphone that gives nothing, or far too much: the user is told once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SILENT_S = 8.0
"""Not the smallest noise for so long comes from no microphone that works."""

CLIPPED = 0.98
CLIPPED_SHARE = 0.05
"""With so many of its samples at the limit, for a second, words are lost."""

RATE = 16_000

MUTED = (
    "The microphone is on, and nothing comes from it. Is it muted, at the device or in the system?"
)
TOO_LOUD = "The microphone is too loud: turn its level down in the system, or move away from it."


class MicrophoneLevel:
    """Looks at the sound of one microphone as it comes."""

    def __init__(self) -> None:
        self._silent = 0
        self._clipped = 0.0
        self._told: set[str] = set()

    def find_trouble(self, samples: NDArray[np.float32]) -> str:
        """What is wrong with it, in words for the user, once; else empty."""
        if not len(samples):
            return ""
        peak = float(np.max(np.abs(samples)))
        self._silent = self._silent + len(samples) if peak < 1e-5 else 0
        share = float(np.mean(np.abs(samples) >= CLIPPED))
        self._clipped += (share - self._clipped) * min(1.0, len(samples) / RATE)
        if self._silent >= SILENT_S * RATE:
            return self._tell_once(MUTED)
        return self._tell_once(TOO_LOUD) if self._clipped >= CLIPPED_SHARE else ""

    def _tell_once(self, trouble: str) -> str:
        if trouble in self._told:
            return ""
        self._told.add(trouble)
        return trouble
