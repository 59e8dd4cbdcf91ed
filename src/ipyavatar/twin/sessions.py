"""The session registry of one service: finds, counts, and forgets some time after the end."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Generic, TypeVar

from .session import TwinPhase, TwinSession

T = TypeVar("T")

MAX_OPEN = 1000
"""Sessions that exist at one time, also those that were never started."""


class Recent(Generic[T]):
    """The last `limit` items by key, so that a twin that runs for days stays small."""

    def __init__(self, limit: int) -> None:
        self._items: OrderedDict[str, T] = OrderedDict()
        self._limit = limit

    def put(self, key: str, item: T) -> None:
        """Remember `item`, and forget the oldest one when there are too many."""
        self._items[key] = item
        self._items.move_to_end(key)
        while len(self._items) > self._limit:
            self._items.popitem(last=False)

    def get(self, key: str) -> T | None:
        """What is remembered under `key`."""
        return self._items.get(key)

    def pop(self, key: str) -> T | None:
        """What is remembered under `key`, and forget it."""
        return self._items.pop(key, None)

    def __iter__(self) -> Iterator[T]:
        return iter(self._items.values())

    def __len__(self) -> int:
        return len(self._items)


class SessionRegistry:
    """The sessions of one service. Time is an argument, as in `TwinSession`."""

    def __init__(self, *, keep_closed: int) -> None:
        self._open: dict[str, TwinSession] = {}
        self._closed: Recent[TwinSession] = Recent(keep_closed)

    def add(self, session: TwinSession) -> None:
        """Take in a new session."""
        self._open[session.id] = session

    def get(self, session_id: object, now: float) -> TwinSession | None:
        """The session of this id as it is now, also when it has ended not too long ago."""
        if not isinstance(session_id, str):
            return None
        session = self._open.get(session_id)
        if session is None:
            return self._closed.get(session_id)
        session.advance(now)
        self._move_if_closed(session)
        return session

    def open(self, now: float) -> list[TwinSession]:
        """Every session that still exists, oldest first."""
        for session in tuple(self._open.values()):
            session.advance(now)
            self._move_if_closed(session)
        return list(self._open.values())

    def count_open(self, now: float, *, include_new: bool) -> int:
        """How many count against the concurrency limit."""
        return sum(include_new or session.phase is not TwinPhase.NEW for session in self.open(now))

    def is_full(self, now: float) -> bool:
        """Whether no more are taken, whatever the concurrency limit counts."""
        return len(self._open) >= MAX_OPEN and len(self.open(now)) >= MAX_OPEN

    def closed(self, now: float) -> list[TwinSession]:
        """Every remembered session that has ended, newest end first."""
        self.open(now)
        return list(self._closed)[::-1]

    def _move_if_closed(self, session: TwinSession) -> None:
        if not session.is_open:
            self._open.pop(session.id, None)
            self._closed.put(session.id, session)
