"""How long nobody has used a session."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ..core.clock import Clock


class IdleWatch:
    """Waits until nothing has been done for a while. Used on one loop.

    Args:
        clock: Time.
        max_idle_s: How long.
    """

    def __init__(self, clock: Clock, max_idle_s: float) -> None:
        self._clock = clock
        self._max_idle_s = max_idle_s
        self._used_at = clock.now()
        self._uses = 0

    def touch(self) -> None:
        """Somebody uses it."""
        self._used_at = self._clock.now()

    @contextlib.contextmanager
    def using(self) -> Iterator[None]:
        """It is in use for as long as the block runs."""
        self._uses += 1
        try:
            yield
        finally:
            self._uses -= 1
            self.touch()

    async def wait(self) -> None:
        """Return once it has not been used for so long."""
        while True:
            if self._uses:
                self.touch()
            end_at = self._used_at + self._max_idle_s
            if self._clock.now() >= end_at:
                return
            await self._clock.sleep_until(end_at)
