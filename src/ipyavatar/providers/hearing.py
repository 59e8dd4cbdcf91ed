"""Whether a page that gets a speech by WebRTC has heard it to the end.

A connection that breaks is noticed late, by the page and by ICE; what is said meanwhile nobody
hears. While one lives something comes of it: reports about once a second, and acknowledgements of
what is sent over its data channel. Where nothing has just come, the end of a speech waits for an
acknowledgement: it comes before the page has heard the last word. Where that does not come either,
the page takes another way, and says what it has missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from ..core.clock import Clock
from ..core.tasks import wait_until

LOOK_S = 0.3

ANSWER_S = 0.6
"""A page that is asked is there: its browser acknowledges that at once, whatever the page does."""

POLL_S = 0.02
"""The next speech may wait for the end of this one."""

LOST_S = 10.0
"""So long a speech waits for a page that was lost, which takes another way within 3 to 6 s,"""

COMES_S = 2.0
"""and so long for its word, once it has one."""


class Connection(Protocol):
    """A peer connection to a page."""

    async def received(self) -> int:
        """How many packets came of the page."""

    def ask(self) -> None:
        """Send something that is acknowledged."""


class Hearing:
    """Watches the one connection by which speeches are heard; used on one loop.

    Args:
        only: The only way by which anybody hears, where it is a peer connection; else None.
        anybody: Whether any page is there.
        clock: Time.
    """

    def __init__(
        self, only: Callable[[], Connection | None], anybody: Callable[[], bool], clock: Clock
    ) -> None:
        self._only, self._anybody, self._clock = only, anybody, clock
        self._watched: Connection | None = None
        self._count = 0
        self._told = asyncio.Event()

    async def watch(self) -> None:
        """Note when something comes, until it is cancelled: while a speech is played."""
        while True:
            connection = self._only()
            if connection is not None:
                await self._news(connection)
            await self._clock.sleep_until(self._clock.now() + LOOK_S)

    def note_missed(self) -> None:
        """A page has said what it missed, and that is said again."""
        self._told.set()

    async def until_heard(self) -> None:
        """All has sounded: return once nobody may have missed some of it and not said so."""
        connection = self._only()
        if connection is None or await self._news(connection):
            return
        self._told.clear()
        connection.ask()
        if await self._comes(connection, ANSWER_S):
            return
        deadline = self._clock.now() + LOST_S
        while self._anybody() and self._only() is connection and self._clock.now() < deadline:
            if self._told.is_set() or await self._comes(connection, LOOK_S):
                return
        if self._anybody() and self._only() is not connection:
            await wait_until(self._clock, self._clock.now() + COMES_S, self._told)

    async def _comes(self, connection: Connection, within_s: float) -> bool:
        """Whether anything comes of it; what a page says it has missed ends the wait."""
        deadline = self._clock.now() + within_s
        while self._clock.now() < deadline and not self._told.is_set():
            await self._clock.sleep_until(min(deadline, self._clock.now() + POLL_S))
            if await self._news(connection):
                return True
        return False

    async def _news(self, connection: Connection) -> bool:
        """Whether anything has come of it since somebody looked last."""
        count = await connection.received()
        news = connection is not self._watched or count != self._count
        self._watched, self._count = connection, count
        return news
