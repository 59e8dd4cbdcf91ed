"""When a received picture is shown, on the clock of the sound that comes with it."""

from __future__ import annotations

from ..engine.playout import SAMPLE_RATE

ADAPT = 0.05
"""Share of a new difference between the clocks that is believed at each picture."""

JUMP_S = 0.25
"""Further apart the clocks are not the same as before."""


class PictureClock:
    """Places pictures evenly, as they were sent, though they come unevenly.

    Sender and receiver have clocks of their own. What is believed of their difference follows what
    comes slowly, so that the network's jitter does not show.
    """

    def __init__(self) -> None:
        self._difference: float | None = None
        self._last = -1

    def place(self, position: int, at: float) -> int:
        """Sample position of a picture of the time `at` that comes with the sound at `position`."""
        difference = position / SAMPLE_RATE - at
        if self._difference is None or abs(difference - self._difference) > JUMP_S:
            self._difference = difference
        self._difference += ADAPT * (difference - self._difference)
        # Never back, and never at one time with the one before.
        self._last = max(round((at + self._difference) * SAMPLE_RATE), self._last + 1)
        return self._last

    def reset(self) -> None:
        """Another connection: the sender's clock is not known."""
        self._difference = None
