"""Tells from the sound of a microphone when its user begins and ends to speak."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

LOUD = 0.02
"""RMS, of 1, above which a piece of sound counts as speech: about -34 dBFS."""

BEGIN_S = 0.1
"""So long must it be loud."""

END_S = 0.7
"""So long must it be quiet; shorter pauses belong to the sentence."""


class VoiceActivityDetector:
    """An energy gate with hysteresis. Time is counted in samples; there is no clock in it."""

    def __init__(self, on_change: Callable[[bool], None]) -> None:
        self.speaking = False
        self._on_change = on_change
        self._other_s = 0.0  # how long it has been other than `speaking` says

    def hear(self, samples: NDArray[np.int16], rate: int) -> None:
        """Take in `int16[n]` mono samples at `rate` samples a second."""
        if not len(samples) or rate <= 0:
            return
        level = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) / 32768
        if (level > LOUD) == self.speaking:
            self._other_s = 0.0
            return
        self._other_s += len(samples) / rate
        if self._other_s >= (END_S if self.speaking else BEGIN_S):
            self.speaking = not self.speaking
            self._other_s = 0.0
            self._on_change(self.speaking)
