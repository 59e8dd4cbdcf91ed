"""What is measured of one session, and the picture size that follows from it."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.quality import AUTO
from ..protocol import page as p
from ..protocol.host import UsageCounted
from .auto_quality import QualityState, step


class Numbers:
    """Not thread-safe: used under the session's lock.

    Attributes:
        stats: By name, of host and pages alike.
        usage: `seconds` and `credits` of a paid session so far.
    """

    def __init__(self, choice: str, quality: str) -> None:
        self.stats: dict[str, object] = {}
        self.usage: dict[str, float | None] = {}
        self._auto = choice == AUTO
        self._quality = QualityState(quality)

    def choose(self, choice: str, quality: str) -> bool:
        """The user asks for a size, or has it chosen, from `quality` on. Whether it is chosen."""
        self._auto = choice == AUTO
        self._quality = QualityState(quality)
        return self._auto

    def count(self, numbers: Mapping[str, object]) -> dict[str, object]:
        """Add to the stats, or change them; returns all of them."""
        self.stats.update(numbers)
        return dict(self.stats)

    def count_usage(self, usage: UsageCounted) -> dict[str, float | None]:
        """Take in what the session took so far."""
        self.usage = {"seconds": round(usage.seconds, 1), "credits": usage.credits}
        return dict(self.usage)

    def fitting_quality(self, stats: p.Stats, now: float) -> str | None:
        """The size that fits after one more measurement of a page; None for no change."""
        if not self._auto:
            return None
        before, self._quality = self._quality, step(self._quality, stats, now)
        return self._quality.quality if self._quality.quality != before.quality else None
