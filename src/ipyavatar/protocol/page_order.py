"""Which state of a page is the newest: two ways bring them, and one waits for a busy kernel."""

from __future__ import annotations

from collections import OrderedDict

from .listening import Microphone
from .page import FromPage, Media

PAGES = 64
"""Pages that are known: the one that said nothing for longest is forgotten when more come."""


class PageOrder:
    """Tells a page's states from older ones of the same page that come after them.

    What a page is (whether it plays, whether its microphone is on) is told when it changes: over
    the data channel, or by a widget message where there is none yet. The latter waits for a cell
    that runs, and would then undo what the page has said since.
    """

    def __init__(self) -> None:
        self._newest: OrderedDict[str, dict[type, int]] = OrderedDict()

    def is_news(self, message: FromPage) -> bool:
        """Whether nothing newer of its kind has come from its page; what is no state is news."""
        if not isinstance(message, Media | Microphone) or not message.number:
            return True
        newest = self._newest.setdefault(message.page, {})
        self._newest.move_to_end(message.page)
        if len(self._newest) > PAGES:
            self._newest.popitem(last=False)
        if message.number <= newest.get(type(message), 0):
            return False
        newest[type(message)] = message.number
        return True
