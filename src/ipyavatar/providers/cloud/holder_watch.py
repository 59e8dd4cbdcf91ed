"""Whether the page that has a stream which only one can have is still there.

A page that is closed says so; one whose browser or machine dies does not, and the session would go
on, and cost, with nobody to see it. So once another page wants the stream, the one that has it is
asked. What hears nothing of it hears of the other page, or else it is no more than a busy kernel.
"""

from __future__ import annotations

from collections.abc import Callable

from ...core.clock import Clock
from ...core.tasks import TaskSet

ANSWER_S = 5.0
"""A page answers at once, even one that nobody sees."""

SILENCES = 3
"""So many questions in a row that others answer, and it does not, and it is gone."""

LOOK_S = 30.0
"""One that has answered is asked again after this: the other page still waits."""


class HolderWatch:
    """Asks while somebody waits; used on one loop.

    Args:
        clock: Time.
        holder: The page that has the stream; None while none has.
        ask: Has every page say something.
        on_gone: Called once nothing comes of the one that has it.
    """

    def __init__(
        self,
        clock: Clock,
        holder: Callable[[], str | None],
        ask: Callable[[], None],
        on_gone: Callable[[], None],
    ) -> None:
        self._clock, self._holder, self._ask, self._on_gone = clock, holder, ask, on_gone
        self._heard: set[str] = set()
        self._tasks = TaskSet("a watch over the page that has a stream")

    def hear(self, page: str) -> None:
        """Something has come of `page`."""
        self._heard.add(page)

    def start(self) -> None:
        """Another page wants what one has; idempotent."""
        if not len(self._tasks):
            self._tasks.start(self._watch())

    async def close(self) -> None:
        """Ask no more."""
        await self._tasks.close()

    async def _watch(self) -> None:
        holder, silences = self._holder(), 0
        while holder is not None and holder == self._holder():
            self._heard.clear()
            self._ask()
            await self._clock.sleep_until(self._clock.now() + ANSWER_S)
            if holder in self._heard:
                silences = 0
                await self._clock.sleep_until(self._clock.now() + LOOK_S)
            elif self._heard:
                silences += 1
                if silences == SILENCES:
                    self._on_gone()
                    return
