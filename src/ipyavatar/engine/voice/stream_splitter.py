"""Where to cut a text that comes bit by bit: the first clause at once, then sentence by sentence.

The markup of a piece is taken away when it is said, so no cut is in the middle of a formula, of
code or of words in bold type: what has begun and not ended is waited for, up to a bound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...core.markup.markdown import drop_code_blocks
from ...core.text import is_silent
from .splitter import (
    CLAUSE_END,
    MAX_CHARS,
    OPENING,
    PARAGRAPH_END,
    SENTENCE_END,
    cut_long,
    ends_sentence,
)

LOOK = 2_000
"""Characters that are looked at for a cut: a piece is much shorter."""

FIRST_LETTERS = 5
"""The first piece ends with a clause if that has so many letters, else it would sound chopped."""

_LINE = re.compile(r"\n(?=[ \t]*(?:[-*•+]|\d{1,3}[.)]|#{1,6})[ \t])")
_LIST_NUMBER = re.compile(r"(?:^|\n)[ \t]*\d{1,3}[.)]$")
# What may belong to the number behind it: Python 3.9, 3.10; 2010 - present.
_IN_A_ROW = re.compile(r"\d(?:\.\d{1,4},|\s[-\u2013\u2014])\Z")
_NUMBER_COMES = re.compile(r"\s{0,40}[\d:]{1,40}\Z")
_FENCE = re.compile(r"^[ \t]*(```+|~~~+)", re.MULTILINE)
_SPANS = (
    # What begins, what ends it, and how many characters are waited for that.
    (re.compile(r"\$\$"), "$$", 1_000),
    (re.compile(r"\\\["), "\\]", 1_000),
    (re.compile(r"\\\("), "\\)", 400),
    (re.compile(r"(?<!`)`(?!`)"), "`", 200),
    (re.compile(r"\*\*(?=\S)"), "**", 400),
    (re.compile(r"\\begin\{"), "\\end{", 1_000),
    (re.compile(r"\A\s*---[ \t]*\n"), "\n---", 1_000),  # what is told of a document at its top
)
_SPANS_OF_A_LINE = (
    # The same, but no longer than their line: rows of tables, links, emphasis.
    (re.compile(r"^[ \t]*\|(?=[^|\n])", re.MULTILINE), "\n", 400),
    (re.compile(r"\[(?=[^\s\]])"), "]", 200),
    (re.compile(r"(?<![\w*)\]\\])\*(?=[^\s*.])"), "*", 200),
    (re.compile(r"(?<![\w~])~~(?=[^\s~])"), "~~", 200),
    (re.compile(r"(?<![\w)\]=])==(?=[^\s=])"), "==", 200),
)


class StreamSplitter:
    """Takes bits of a text, and gives pieces of it that can be said one by one."""

    def __init__(self) -> None:
        self._rest = ""
        self._begun = False

    def add(self, bit: str) -> None:
        """More of the text is there."""
        self._rest += bit

    def take(self, *, pausing: bool = False, ended: bool = False) -> str | None:
        """The next piece; None where more of the text has to come first.

        Args:
            pausing: Nothing has come for a while: a full stop at the end is one.
            ended: Nothing more comes: the rest is a piece.
        """
        while self._rest:
            cut = len(self._rest) if ended else self._find_cut(pausing)
            if cut is None:
                return None
            piece, self._rest = self._rest[:cut], self._rest[cut:]
            if self._begun:  # code alone would be read: there is something else
                piece = drop_code_blocks("x\n\n" + piece)[1:]
            if not is_silent(piece):
                self._begun = True
                return piece.strip()
        return None

    def _find_cut(self, pausing: bool) -> int | None:
        text = self._rest[:LOOK]
        fence = _FENCE.search(text)
        if fence is not None and not text[: fence.start()].strip():
            return self._end_of_code(fence)
        spans = _spans(text)
        limit = len(text) if fence is None else fence.start()
        cuts = [match.end() for match in (*PARAGRAPH_END.finditer(text), *_LINE.finditer(text))]
        cuts += _sentence_ends(text, pausing)
        cuts += [] if self._begun else _first_clauses(text)
        fitting = [cut for cut in cuts if cut <= limit and not _is_within(cut, spans)]
        if fitting:
            return min(fitting)
        if fence is not None:
            return limit  # code is a block of its own
        limit = min([begin for begin, end in spans if end > limit], default=limit)
        return cut_long(text[:limit])[0] if limit > MAX_CHARS else None

    def _end_of_code(self, fence: re.Match[str]) -> int | None:
        """Just behind the line that closes a block, once it is there."""
        closing = self._rest.find("\n" + fence[1], fence.end())
        line = self._rest.find("\n", closing + 1)
        return None if closing < 0 or line < 0 else line + 1


def _spans(text: str) -> list[tuple[int, int]]:
    """What must not be cut in two: where it begins and ends, or will end, later than `text`."""
    spans: list[tuple[int, int]] = []
    for kinds, in_line in ((_SPANS, False), (_SPANS_OF_A_LINE, True)):
        for kind in kinds:
            spans += _spans_of(text, *kind, in_line=in_line)
    return spans


def _spans_of(
    text: str, opening: re.Pattern[str], closing: str, longest: int, *, in_line: bool
) -> Iterator[tuple[int, int]]:
    at = 0
    while (begin := opening.search(text, at)) is not None:
        end = text.find(closing, begin.end())
        line = text.find("\n", begin.end()) if in_line and closing != "\n" else -1
        if line >= 0 and not begin.end() <= end < line:
            at = line  # one that its line does not close is none
            continue
        if end < 0:
            if len(text) - begin.start() <= longest:
                yield begin.start(), len(text) + 1
            return
        at = end + len(closing)
        if at - begin.start() <= longest:
            yield begin.start(), at


def _is_within(cut: int, spans: list[tuple[int, int]]) -> bool:
    return any(begin < cut < end for begin, end in spans)


def _first_clauses(text: str) -> Iterator[int]:
    for match in CLAUSE_END.finditer(text):
        if _IN_A_ROW.search(text, max(0, match.end() - 12), match.end()):
            continue
        if sum(map(str.isalnum, text[: match.end()])) >= FIRST_LETTERS:
            yield match.end()


def _sentence_ends(text: str, pausing: bool) -> Iterator[int]:
    """Just behind each sentence, if what follows tells that it is one."""
    for match in SENTENCE_END.finditer(text):
        follows = text[match.end() : match.end() + 40].strip()
        line = text[max(0, match.end() - 40) : match.end()]
        # By a bracket or a hyphen alone it is not known yet what goes on: Eq. (5), find . -name.
        # Nor by a number that may go on: Matt. 5:3, but Matt. 5 people.
        numbered = _NUMBER_COMES.match(text, match.end()) is not None
        known = pausing or (follows.lstrip(OPENING + "-\\<") and not numbered)
        if not _LIST_NUMBER.search(line) and known and ends_sentence(text, match):
            yield match.end()
