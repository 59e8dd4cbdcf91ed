"""What happened to live media and to those who look: for people who ask why it went dark."""

from __future__ import annotations

import sys
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

LONGEST_NAME = 100


@dataclass(frozen=True)
class EventLogEntry:
    """Something that happened: `who` is a client's identity, `what` says it in words."""

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

    def note(self, at: float, session: str, who: str, what: str) -> None:
        """Write something down."""
        self._seq += 1
        self._entries.append(EventLogEntry(self._seq, at, session, who[:LONGEST_NAME], what))

    def listed(self, last: int = sys.maxsize) -> list[dict[str, Any]]:
        """The `last` entries as JSON values, oldest first."""
        return [asdict(entry) for entry in list(self._entries)[-last:]]
