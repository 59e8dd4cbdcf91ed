"""When a click in a page was, on this machine's clock. Pure: time is an argument."""

from __future__ import annotations

from collections import OrderedDict, deque

KEPT = 60
"""Messages of a page that are taken into account: a page that plays sends one a second."""

PAGES = 64
"""Pages that are known: one that went without a word is forgotten when so many others have come."""

LATEST_MS = 1e14
"""The year 5138: what is later is no time."""


class PageClocks:
    """When, on this machine's clock, a page's click was: a message may wait for a busy kernel.

    The clocks of page and machine differ by a constant. The message that was quickest tells it
    best, so the smallest difference of the last ones is taken; of the last, since a clock may be
    set anew.
    """

    def __init__(self) -> None:
        self._offsets: OrderedDict[str, deque[float]] = OrderedDict()

    def note(self, page: str, at_ms: float, now: float) -> float:
        """Take in a message that `page` sent at `at_ms` of its own clock, 0 when it did not say.

        Returns:
            When that was, in seconds of the clock of `now`.
        """
        if not 0 < at_ms < LATEST_MS:
            return now
        offsets = self._offsets.setdefault(page, deque(maxlen=KEPT))
        self._offsets.move_to_end(page)
        if len(self._offsets) > PAGES:
            self._offsets.popitem(last=False)
        offsets.append(now - at_ms / 1000)
        return min(now, at_ms / 1000 + min(offsets))

    def forget(self, page: str) -> None:
        """The page is gone."""
        self._offsets.pop(page, None)
