"""How many connections there may be, and how long each may keep the twin waiting.

What a client owes is a `Wait`: the rest of its request, the rest of a body, the reading of a
response, or the end of a connection that is closing. One that owes nothing is never touched: it is
we who work for it. So clients that say half of something cost a place for some seconds, and the
one that has waited longest makes way for a newcomer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from ..core.guard import Guard
from ..core.log import get_logger

log = get_logger(__name__)

Step = Literal["request", "body", "reading", "closing"]

DEADLINES_S: Mapping[Step, float] = {"request": 10.0, "body": 30.0, "reading": 20.0, "closing": 5.0}
"""How long a client may take for each step."""

SWEEP_S = 0.5
MAX_CONNECTIONS = 400


@dataclass(frozen=True)
class Wait:
    """What a client owes; `turn` tells one request of its connection from the next."""

    step: Step
    turn: Any = None


class Watched(Protocol):
    """A connection."""

    def wait(self) -> Wait | None:
        """What its client owes, or None when it is our turn."""

    def give_up(self, step: Step) -> None:
        """End it: the client has had its time for this step."""

    def abort(self) -> None:
        """End it at once."""


class ConnectionWatch:
    """All connections of the twin. Time is an argument: `now` gives seconds, `sweep` uses them."""

    def __init__(
        self,
        now: Callable[[], float],
        *,
        limit: int = MAX_CONNECTIONS,
        deadlines_s: Mapping[Step, float] = DEADLINES_S,
    ) -> None:
        self._now = now
        self._limit = limit
        self._deadlines_s = deadlines_s
        self._waits: dict[Watched, tuple[Wait | None, float]] = {}

    def __len__(self) -> int:
        return len(self._waits)

    def add(self, connection: Watched) -> None:
        """A new connection; where there are too many, the one that waits longest makes way."""
        if len(self._waits) >= self._limit:
            self.make_room()
        self._waits[connection] = (connection.wait(), self._now())

    def discard(self, connection: Watched) -> None:
        """A connection has ended."""
        self._waits.pop(connection, None)

    def make_room(self) -> bool:
        """Abort the connection whose client has owed something longest; False when none does."""
        self._update()
        waiting = [(since, c) for c, (wait, since) in self._waits.items() if wait is not None]
        if not waiting:
            return False
        _, oldest = min(waiting, key=lambda item: item[0])
        self.discard(oldest)
        oldest.abort()
        return True

    def sweep(self) -> None:
        """Give up every connection whose client is over its time."""
        self._update()
        now = self._now()
        for connection, (wait, since) in list(self._waits.items()):
            if wait is not None and now - since >= self._deadlines_s[wait.step]:
                connection.give_up(wait.step)

    async def run(self) -> None:
        """Sweep until cancelled; one connection's trouble does not end the watch over all."""
        guard = Guard("A connection could not be looked at", log, Exception)
        while True:
            await asyncio.sleep(SWEEP_S)
            guard.run(self.sweep)

    def close(self) -> None:
        """Abort every connection whose client owes something."""
        while self.make_room():
            pass

    def _update(self) -> None:
        now = self._now()
        for connection, (known, _) in self._waits.items():
            wait = connection.wait()
            if wait != known:
                self._waits[connection] = (wait, now)


def connection_limit() -> int:
    """How many connections may be open: half of the descriptors, for media needs some, too."""
    try:
        import resource
    except ImportError:  # Windows
        return MAX_CONNECTIONS
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_CONNECTIONS if soft < 0 else max(16, min(MAX_CONNECTIONS, soft // 2))
