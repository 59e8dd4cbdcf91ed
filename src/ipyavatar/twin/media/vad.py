"""Voice activity detection: when the user of a microphone begins and ends to speak."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

THRESHOLD = 0.02
"""RMS, of 1, above which audio counts as speech: about -34 dBFS."""

BEGIN_S = 0.1
"""Speech begins after this long above the threshold."""

END_S = 0.7
"""Speech ends after this long below it; shorter pauses belong to the sentence."""


class VoiceActivityDetector:
    """An energy gate with hysteresis. Time is counted in samples; it needs no clock."""

    def __init__(self, on_change: Callable[[bool], None]) -> None:
        self.speaking = False
        self._on_change = on_change
        self._changed_s = 0.0  # how long the level contradicts `speaking`

    def feed(self, samples: NDArray[np.int16], rate: int) -> None:
        """Process `int16[n]` mono samples at `rate` samples a second."""
        if not len(samples) or rate <= 0:
            return
        level = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) / 32768
        if (level > THRESHOLD) == self.speaking:
            self._changed_s = 0.0
            return
        self._changed_s += len(samples) / rate
        if self._changed_s >= (END_S if self.speaking else BEGIN_S):
            self.speaking = not self.speaking
            self._changed_s = 0.0
            self._on_change(self.speaking)

    def end(self) -> None:
        """No more of it comes: who was speaking has ended."""
        self._changed_s = 0.0
        if self.speaking:
            self.speaking = False
            self._on_change(False)
