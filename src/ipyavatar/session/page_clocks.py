"""When a click in a page was, on this machine's clock. Pure: time is an argument."""

from __future__ import annotations


class PageClocks:
    """When, on this machine's clock, a page's click was: a message may wait for a busy kernel.

    The clocks of page and machine differ by a constant. The message that was quickest tells it
    best, so the smallest difference seen so far is taken.
    """

    def __init__(self) -> None:
        self._offsets: dict[str, float] = {}

    def note(self, page: str, at_ms: float, now: float) -> float:
        """Take in a message that `page` sent at `at_ms` of its own clock, 0 when it did not say.

        Returns:
            When that was, in seconds of the clock of `now`.
        """
        if at_ms <= 0:
            return now
        offset = min(now - at_ms / 1000, self._offsets.get(page, float("inf")))
        self._offsets[page] = offset
        return min(now, at_ms / 1000 + offset)

    def forget(self, page: str) -> None:
        """The page is gone."""
        self._offsets.pop(page, None)
