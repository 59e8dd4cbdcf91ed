"""Whether the only page that gets a speech has heard it to the end.

A connection that breaks is noticed late, by the page and by ICE; what is said meanwhile nobody
hears. While one lives something comes of it: reports about once a second, and acknowledgements of
what is sent over its data channel. Where nothing has just come, the end of a speech waits for an
acknowledgement: it comes before the page has heard the last word. Where that does not come either,
the page takes another way, and says what it has missed.

Who gets frames acknowledges each: where all sound has come, all is heard, ahead of its time. Where
some has not, the end waits likewise; but not where nothing was acknowledged since the speech began,
for a kernel without subshells passes nothing on while a cell runs.
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
    """A way to a page."""

    @property
    def sound_has_come(self) -> bool | None:
        """Whether the page has acknowledged all sound; None where it does not say."""

    @property
    def ahead_s(self) -> float:
        """So long before its time sound comes."""

    async def received(self) -> int:
        """How many packets came of the page."""

    def ask(self) -> None:
        """Send something that is acknowledged."""


class Hearing:
    """Watches the one way by which speeches are heard; used on one loop.

    Args:
        only: The only way by which anybody hears; None where there are several, or none.
        anybody: Whether any page is there.
        clock: Time.
    """

    def __init__(
        self, only: Callable[[], Connection | None], anybody: Callable[[], bool], clock: Clock
    ) -> None:
        self._only, self._anybody, self._clock = only, anybody, clock
        self._watched: Connection | None = None
        self._count = 0
        self._answered = False  # since the speech began, by the way that is watched
        self._began_at = self._news_at = clock.now()
        self._lost: Connection | None = None  # was given up, and has not answered since
        self._told = asyncio.Event()

    async def watch(self) -> None:
        """Note when something comes, until it is cancelled: while a speech is played."""
        self._began_at, self._answered = self._clock.now(), False
        while True:
            connection = self._only()
            if connection is not None:
                await self._news(connection)
            await self._clock.sleep_until(self._clock.now() + LOOK_S)

    def note_missed(self) -> None:
        """A page has said what it missed, and that is said again."""
        self._told.set()

    async def until_heard(self) -> float | None:
        """All has sounded: return once nobody may have missed some of it and not said so.

        Returns:
            Since when nobody has heard it, where the way to the only page did not come back.
        """
        connection = self._only()
        if connection is None or await self._hears(connection):
            return None
        if connection.sound_has_come is not None and not self._answered:
            return self._began_at if connection is self._lost else None
        since = min(self._clock.now(), self._news_at + connection.ahead_s)
        self._told.clear()
        connection.ask()
        if await self._comes(connection, ANSWER_S):
            return None
        deadline = self._clock.now() + LOST_S
        while self._anybody() and self._only() is connection and self._clock.now() < deadline:
            if self._told.is_set() or await self._comes(connection, LOOK_S):
                return None
        if self._anybody() and self._only() is not connection:
            await wait_until(self._clock, self._clock.now() + COMES_S, self._told)
            return None
        self._lost = connection
        return since

    async def _comes(self, connection: Connection, within_s: float) -> bool:
        """Whether it turns out to be heard; what a page says it has missed ends the wait."""
        deadline = self._clock.now() + within_s
        while self._clock.now() < deadline and not self._told.is_set():
            await self._clock.sleep_until(min(deadline, self._clock.now() + POLL_S))
            if await self._hears(connection):
                return True
        return False

    async def _hears(self, connection: Connection) -> bool:
        news = await self._news(connection)
        come = connection.sound_has_come
        return news if come is None else come

    async def _news(self, connection: Connection) -> bool:
        """Whether anything has come of it since somebody looked last."""
        count = await connection.received()
        another = connection is not self._watched
        news = another or count != self._count
        if news:
            self._news_at = self._clock.now()
            self._answered = not another
            self._lost = None
        self._watched, self._count = connection, count
        return news
