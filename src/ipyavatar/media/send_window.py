"""The window of acknowledged frames: how much is under way to a page that tells what it has got.

A line that carries less than is sent piles up what is too much, and with it everything else that
goes over it. So pictures wait while a frame is under way for too long; sound is small and goes on.
"""

from __future__ import annotations

from collections import deque

WINDOW_S = 0.5
"""Frames under way for longer mean that the line, or the page, takes less than we send."""

GONE_S = 300.0
"""A page that has acknowledged nothing for so long is not there any more.

Not sooner: a kernel without subshells passes on nothing that a page says while a cell runs.
"""


class SendWindow:
    """Which frames of one subscription are under way."""

    def __init__(self) -> None:
        self._under_way: deque[tuple[int, float]] = deque()  # number, when it was sent

    def note_sent(self, number: int, at: float) -> None:
        """Frame `number` goes out; numbers only grow."""
        self._under_way.append((number, at))

    def take_back(self, number: int) -> None:
        """What comes after this number does not go out."""
        while self._under_way and self._under_way[-1][0] > number:
            self._under_way.pop()

    def acknowledge(self, number: int) -> None:
        """The page has got frames up to this number, or knows that they are lost."""
        while self._under_way and self._under_way[0][0] <= number:
            self._under_way.popleft()

    def is_full(self, now: float) -> bool:
        """Whether pictures have to wait."""
        return self.oldest_s(now) > WINDOW_S

    def is_gone(self, now: float) -> bool:
        """Whether nobody takes what is sent."""
        return self.oldest_s(now) > GONE_S

    def oldest_s(self, now: float) -> float:
        """For how long the oldest frame has been under way; 0 where none is."""
        return now - self._under_way[0][1] if self._under_way else 0.0
