"""What is measured of one session, and the picture size that follows from it."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.quality import AUTO
from ..protocol import page as p
from ..protocol.host import UsageCounted
from .auto_quality import QualityState, step

OF_A_WAY = frozenset(p.Stats.__struct_fields__) - {"page", "at_ms", "first_frame_ms"}
"""What a page measures of the way by which its stream comes."""


class Numbers:
    """Not thread-safe: used under the session's lock.

    Attributes:
        stats: By name, of host and pages alike.
    """

    def __init__(self, choice: str, quality: str) -> None:
        self.stats: dict[str, object] = {}
        self._usage: UsageCounted | None = None
        self._counted_at = 0.0
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

    def count_page(self, numbers: Mapping[str, object]) -> dict[str, object]:
        """Take what a page measured; what it could not measure is not among it.

        Where the stream comes by another way, what was measured of the one before is of no meaning.
        """
        if numbers.get("transport") != self.stats.get("transport"):
            for name in OF_A_WAY:
                self.stats.pop(name, None)
        return self.count(numbers)

    def count_usage(self, usage: UsageCounted, now: float) -> None:
        """Take in what a paid session took so far."""
        self._usage, self._counted_at = usage, now

    def usage(self, now: float | None) -> dict[str, float | None]:
        """`seconds` and `credits` of it, until `now` where it is still open."""
        usage = self._usage
        if usage is None:
            return {}
        more_s = 0.0 if now is None else max(0.0, now - self._counted_at)
        credits = usage.credits
        if credits is not None and usage.credits_per_minute is not None:
            credits += more_s / 60 * usage.credits_per_minute
        return {"seconds": round(usage.seconds + more_s, 1), "credits": credits}

    def fitting_quality(self, stats: p.Stats, now: float) -> str | None:
        """The size that fits after one more measurement of a page; None for no change."""
        if not self._auto:
            return None
        before, self._quality = self._quality, step(self._quality, stats, now)
        return self._quality.quality if self._quality.quality != before.quality else None
