"""When a face does what marks in a text ask for, and what goes with speaking by itself."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from ..core.markup import strip_markup
from ..core.markup.expressions import EXPRESSIONS, find_marks
from ..core.speech import SpokenWord

NOD_BEFORE_END_S = 0.45
"""A question ends with a nod: it begins so long before the silence is over."""


class Gestures:
    """Of one speech. Used on the loop.

    Args:
        express: Has the face do it now.
    """

    def __init__(self, express: Callable[[str], None]) -> None:
        self._express = express
        self._marks: deque[tuple[int, str]] = deque()  # words before it, and what it asks for
        self._noted = 0  # words of the text so far
        self._begun = 0  # words that have begun to sound, or are about to
        self._timers: list[asyncio.TimerHandle] = []

    def add_text(self, text: str) -> None:
        """More of what will be said."""
        for at, name in find_marks(text):
            if name in EXPRESSIONS:
                self._marks.append((self._noted + _count_words(text[:at]), name))
        self._noted += _count_words(text)

    def on_caption(self, text: str, words: Sequence[SpokenWord], seconds: float) -> None:
        """These words are being spoken from now on, for `seconds`."""
        while self._marks and self._marks[0][0] < self._begun + len(words):
            place, name = self._marks.popleft()
            self._later(words[max(0, place - self._begun)][1], name)
        self._begun += len(words)
        if text.rstrip("\"')”").endswith("?"):
            self._later(max(0.0, seconds - NOD_BEFORE_END_S), "nod")

    def finish(self) -> None:
        """All was said: what stands at the end is done now."""
        while self._marks:
            self._express(self._marks.popleft()[1])

    def cancel(self) -> None:
        """Nothing more of it is done."""
        self._marks.clear()
        for timer in self._timers:
            timer.cancel()

    def _later(self, seconds: float, name: str) -> None:
        loop = asyncio.get_running_loop()
        self._timers.append(loop.call_later(seconds, self._express, name))


def _count_words(text: str) -> int:
    return sum(any(map(str.isalnum, word)) for word in strip_markup(text).split())
