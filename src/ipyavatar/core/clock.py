"""Time as an argument: media and sessions are paced by a `Clock`, so tests need not wait."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from .system_time import SystemTime


class Clock(Protocol):
    """Monotonic time in seconds, and a way to wait for it."""

    def now(self) -> float:
        """Seconds from an arbitrary origin; never goes back."""

    async def sleep_until(self, deadline: float) -> None:
        """Return once `now()` has reached `deadline`; at once when it already has."""


class MonotonicClock:
    """The machine's monotonic clock. While the machine sleeps it stands still, on most systems."""

    def now(self) -> float:
        """Seconds from an arbitrary origin."""
        return SystemTime.monotonic()

    async def sleep_until(self, deadline: float) -> None:
        """Return once `now()` has reached `deadline`."""
        delay = deadline - SystemTime.monotonic()
        if delay > 0:
            await asyncio.sleep(delay)


LOOK_EVERY_S = 1.0
"""Timers stand still while the machine sleeps: so often it is looked whether it has."""


class AwakeClock:
    """Time that goes on while the machine sleeps, as it does for everybody else.

    Args:
        read: Gives that time in seconds.
        sleep: Waits some seconds while the machine is awake.
    """

    def __init__(
        self,
        read: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._read = read or time_through_sleep()
        self._sleep = sleep

    def now(self) -> float:
        """Seconds from an arbitrary origin."""
        return self._read()

    async def sleep_until(self, deadline: float) -> None:
        """Return once `now()` has reached `deadline`, at most a second late after a sleep."""
        while (delay := deadline - self._read()) > 0:
            await self._sleep(min(delay, LOOK_EVERY_S))


def time_through_sleep(platform: str = sys.platform) -> Callable[[], float]:
    """What gives seconds that go on while the machine sleeps."""
    # Linux has a clock for it. On macOS it is CLOCK_MONOTONIC, which is not what Python's
    # monotonic() reads there; on Windows that is it.
    name = {"linux": "CLOCK_BOOTTIME", "darwin": "CLOCK_MONOTONIC"}.get(platform, "")
    clock = getattr(time, name, None)
    if clock is not None:
        return lambda: time.clock_gettime(clock)
    return SystemTime.monotonic if platform == "win32" else WallProgress().read


class WallProgress:
    """Monotonic time that follows the wall clock forwards, where nothing better is known."""

    def __init__(
        self,
        monotonic: Callable[[], float] = SystemTime.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._monotonic = monotonic
        self._wall = wall
        self._last = (monotonic(), wall())
        self._now = 0.0

    def read(self) -> float:
        """Seconds from an arbitrary origin."""
        monotonic, wall = self._monotonic(), self._wall()
        self._now += max(monotonic - self._last[0], wall - self._last[1])
        self._last = (monotonic, wall)
        return self._now
