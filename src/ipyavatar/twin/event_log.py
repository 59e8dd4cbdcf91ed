"""The event log: what happened to live media and its viewers, for those who ask why it stopped."""

from __future__ import annotations

import sys
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

MAX_NAME = 100


@dataclass(frozen=True)
class EventLogEntry:
    """One event: `who` is a client's identity, `what` a description."""

    seq: int
    at: float
    session: str
    who: str
    what: str


class EventLog:
    """The last entries, oldest first. There are no secrets in it."""

    def __init__(self, keep: int) -> None:
        self._entries: deque[EventLogEntry] = deque(maxlen=keep)
        self._seq = 0

    def append(self, at: float, session: str, who: str, what: str) -> None:
        """Log an event."""
        self._seq += 1
        self._entries.append(EventLogEntry(self._seq, at, session, who[:MAX_NAME], what))

    def to_json(self, last: int = sys.maxsize) -> list[dict[str, Any]]:
        """The `last` entries as JSON values, oldest first."""
        return [asdict(entry) for entry in list(self._entries)[-last:]]
