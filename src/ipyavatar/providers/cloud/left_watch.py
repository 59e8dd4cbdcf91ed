"""Ends a session whose pages were there and are gone.

Jupyter tells nobody that a notebook was closed, an output cleared, or a callback's avatar replaced
by the next one; the session would go on costing until its idle limit.
"""

from __future__ import annotations

from collections.abc import Callable

from ...core.clock import Clock
from ..idle_watch import IdleWatch
from .viewers import Viewers

LEFT_S = 60.0
"""A session that no page plays any more ends so long after the last one, or after its last use. A
page that is loaded anew, and a cell that is moved, take a few seconds."""

LEFT = "Ended to save credits: no page shows it any more. Start it again any time."


class LeftWatch:
    """Used on one loop.

    Args:
        clock: Time.
        viewers: The session's pages.
        is_used: Whether something is being said, or received in Python.
        end: Ends the session: why.
    """

    def __init__(
        self,
        clock: Clock,
        viewers: Viewers,
        is_used: Callable[[], bool],
        end: Callable[[str], None],
    ) -> None:
        self._viewers = viewers
        self._is_used = is_used
        self._end = end
        self._idle = IdleWatch(clock, LEFT_S)
        self._was_left = False

    def touch(self) -> None:
        """It was used."""
        self._idle.touch()

    def on_pages(self) -> None:
        """What pages do has changed; nothing, where it was left, and still is.

        A page that nobody sees hangs up after a minute, too: that is no use of it.
        """
        was_left, self._was_left = self._was_left, self._viewers.left
        if not (was_left and self._was_left):
            self._idle.touch()

    async def run(self) -> None:
        """End the session once it is left. Begun with its first page: before, nobody has left."""
        while True:
            await self._idle.wait()
            if self._viewers.left and not self._is_used():
                self._end(LEFT)
                return
            self._idle.touch()
