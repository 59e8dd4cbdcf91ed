"""Keeps what is logged readable: clients that misbehave a thousand times make a line or two."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable

PERIOD_S = 60.0
MAX_LINES = 60
"""In each period, all messages together."""


class RepeatFilter(logging.Filter):
    """Lets each kind of message through once in a period; what is held back is counted.

    A kind is the text before its values are put in. Time is an argument.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__()
        self._now = now
        self._since = now()
        self._lines = 0
        self._seen: Counter[tuple[str, str]] = Counter()
        self._before: Counter[tuple[str, str]] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is shown; the first of a period tells how many were not."""
        if self._now() - self._since >= PERIOD_S:
            self._since, self._lines = self._now(), 0
            self._before, self._seen = self._seen, Counter()
        kind = (record.name, str(record.msg)[:200])
        if kind not in self._seen and len(self._seen) >= MAX_LINES:
            return False
        self._seen[kind] += 1
        if self._seen[kind] > 1 or self._lines >= MAX_LINES:
            return False
        self._lines += 1
        held_back = self._before[kind] - 1
        if held_back > 0:
            record.msg = f"{record.getMessage()} ({held_back} more like it before)"
            record.args = ()
        return True
