"""Lines under the picture while a service speaks, as well in step as what it tells allows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...core.scripts import estimate_seconds
from .driver import CAPTION_CHARACTERS

READABLE = 0.8
"""A line stays at least this part of the time it takes to be said at the usual pace: services may
tell text ahead of its sound."""

_ENDS = tuple(".!?…。！？।؟")  # noqa: RUF001
_PAUSES = (",", ";", ":")


@dataclass
class _CaptionLine:
    text: str
    hold_s: float | None = None  # None: by its length
    added_at: float = float("-inf")

    @property
    def seconds(self) -> float:
        if self.hold_s is not None:
            return self.hold_s
        return READABLE * estimate_seconds(self.text)


class ToldText:
    """Joins what a service tells bit by bit: words, parts of words, or sentences."""

    def __init__(self) -> None:
        self._own_spaces = False
        self._before = ""

    def add(self, piece: str) -> str:
        """`piece`, with the space before it that is missing."""
        # A service whose words bring their own spaces brings them always, but between sentences.
        self._own_spaces |= piece[:1].isspace() or piece[-1:].isspace()
        joins = self._own_spaces or piece[:1] in (*_ENDS, *_PAUSES, "'", "’")  # noqa: RUF001
        begins = self._before.endswith((".", "!", "?")) and piece[:1].isupper()
        apart = begins or (self._before and not joins)
        self._before = piece
        return f" {piece}" if apart else piece


class CaptionTimeline:
    """What is shown when: lines known beforehand, and text that is told bit by bit.

    Args:
        lines: Known lines, shown from the begin on.
        seconds: How long they take to be said together; each gets its share by its length.
    """

    def __init__(self, lines: Sequence[str] = (), seconds: float = 0.0) -> None:
        shares = [estimate_seconds(line) for line in lines]
        whole = sum(shares) or 1.0
        self._lines = [
            _CaptionLine(line, seconds * share / whole)
            for line, share in zip(lines, shares, strict=True)
        ]
        self._told: _CaptionLine | None = None
        self._joined = ToldText()
        self._at = -1  # the line that is shown
        self._since = 0.0
        self._shows = (-1, "")
        self.begun = False

    def begin(self, at: float) -> None:
        """The speech begins at this time; told again, the line that is shown begins then."""
        self.begun = True
        self._since = at

    def add(self, piece: str, at: float) -> None:
        """This was told: a word, a part of one, or sentences."""
        line = self._told
        more = self._joined.add(piece)
        joined = piece if line is None else line.text + more
        if line is None or _full(line.text) or len(joined.strip()) > CAPTION_CHARACTERS:
            if piece.strip():
                self._told = _CaptionLine(piece.lstrip(), None, at)
                self._lines.append(self._told)
        else:
            line.text = joined

    def show(self, now: float) -> str | None:
        """The line to show from now on; None when it is there already, or there is none."""
        if not self.begun or not self._lines:
            return None
        self._at = max(self._at, 0)
        while (due := self.next_at()) is not None and due <= now:
            self._at, self._since = self._at + 1, due
        shows = self._at, self._lines[self._at].text.strip()
        if shows == self._shows:
            return None
        self._shows = shows
        return shows[1]

    def next_at(self) -> float | None:
        """When the next line is due; None when none is known."""
        if self._at < 0 or self._at + 1 >= len(self._lines):
            return None
        line, coming = self._lines[self._at], self._lines[self._at + 1]
        return max(self._since + line.seconds, coming.added_at)


def _full(text: str) -> bool:
    return text.rstrip(" \n\"'»”’)]」』").endswith(_ENDS)  # noqa: RUF001
