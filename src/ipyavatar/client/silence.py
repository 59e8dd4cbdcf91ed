"""Whether somebody who should be heard of has been silent for too long."""

from __future__ import annotations


class Silence:
    """The silence of a process that tells regularly that it runs.

    Looks are counted, not seconds: while the machine was asleep, or this process was stopped or
    starved itself, nobody looked, and nothing is held against the other.

    Args:
        looks: So many looks in a row that find nothing heard are too many.
    """

    def __init__(self, looks: int) -> None:
        self._most = looks
        self._in_vain = 0

    def note(self) -> None:
        """Something was heard."""
        self._in_vain = 0

    def look(self) -> bool:
        """Look, at regular times. Whether it has been silent for too long."""
        self._in_vain += 1
        return self._in_vain >= self._most
