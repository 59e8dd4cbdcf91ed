"""Time as an argument: media and sessions are paced by a `Clock`, so tests need not wait."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Monotonic time in seconds, and a way to wait for it."""

    def now(self) -> float:
        """Seconds from an arbitrary origin; never goes back."""

    async def sleep_until(self, deadline: float) -> None:
        """Return once `now()` has reached `deadline`; at once when it already has."""


class MonotonicClock:
    """The machine's monotonic clock."""

    def now(self) -> float:
        """Seconds from an arbitrary origin."""
        return time.monotonic()

    async def sleep_until(self, deadline: float) -> None:
        """Return once `now()` has reached `deadline`."""
        delay = deadline - time.monotonic()
        if delay > 0:
            await asyncio.sleep(delay)
