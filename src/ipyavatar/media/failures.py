"""Failures that may come fifty times a second: all are counted, only the first is logged."""

from __future__ import annotations

from ..core.log import get_logger

log = get_logger(__name__)


class Failures:
    """Failures of one kind in one place. `add` is called where the exception is handled."""

    def __init__(self, what: str) -> None:
        self._what = what
        self.count = 0

    def add(self) -> None:
        """Count one, and log the first with its traceback."""
        self.count += 1
        if self.count == 1:
            log.exception("%s. Further failures of this kind are only counted.", self._what)
