"""How large pictures are, and of how many bits, for what a line carries: steps down and up."""

from __future__ import annotations

from dataclasses import dataclass

from .encoders import bitrate_for

HELD_UP_PICTURES = 4
"""So many pictures that had to wait, one soon after the other, are more than a hiccup."""

HELD_UP_S = 2.0
"""Within so long they count together; and after a step the line gets this long to recover."""

STEADY_S = 10.0
"""After so long without one that had to wait, a step up is tried; each that fails doubles it."""

LONGEST_STEADY_S = 160.0


@dataclass(frozen=True)
class Step:
    """Pictures are made smaller by `scale`, and get this share of the bits that suit the full size.

    Both of a whole picture's: a smaller one needs more bits a pixel to look clean.
    """

    scale: float
    bits: float


STEPS = (Step(1, 1), Step(2 / 3, 0.5), Step(1 / 2, 0.25), Step(1 / 3, 0.12))


class PictureLadder:
    """Where one subscription stands."""

    def __init__(self) -> None:
        self._at = 0
        self._changed_at = 0.0
        self._held_up: list[float] = []
        self._calm_since = 0.0
        self._steady_s = STEADY_S

    @property
    def scale(self) -> float:
        """The side of a picture, of the full one's."""
        return STEPS[self._at].scale

    def bitrate(self, width: int, height: int) -> int:
        """Bits per second for pictures whose full size is this."""
        return round(bitrate_for(width, height) * STEPS[self._at].bits)

    def note_held_up(self, now: float) -> None:
        """A picture was dropped, since the window was full."""
        self._calm_since = now
        self._held_up = [at for at in self._held_up if now - at < HELD_UP_S] + [now]
        few = len(self._held_up) < HELD_UP_PICTURES
        if few or now - self._changed_at < HELD_UP_S or self._at == len(STEPS) - 1:
            return
        if self._changed_at and now - self._changed_at < self._steady_s:
            self._steady_s = min(LONGEST_STEADY_S, self._steady_s * 2)
        self._move(now, self._at + 1)

    def note_sent(self, now: float) -> None:
        """A picture goes out."""
        if self._at > 0 and now - max(self._calm_since, self._changed_at) > self._steady_s:
            self._move(now, self._at - 1)

    def _move(self, now: float, step: int) -> None:
        self._at, self._changed_at = step, now
        self._held_up.clear()
