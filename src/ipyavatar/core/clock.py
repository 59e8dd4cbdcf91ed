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


async def until(clock: Clock, deadline: float, event: asyncio.Event) -> None:
    """Return when `event` is set, or at `deadline`."""
    waiting = [
        asyncio.ensure_future(event.wait()),
        asyncio.ensure_future(clock.sleep_until(deadline)),
    ]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
