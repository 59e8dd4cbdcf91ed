"""Scripts: who says what, in which chapter. Plain text, Markdown, or a conversation.

# Welcome
ava: Good morning, Leo.
leo: Good morning!
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from .markup import strip_markup
from .markup.markdown import drop_code_blocks, drop_front_matter

_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
_TURN = re.compile(r"^[ \t]*(?:\*\*|__)?(\w{1,40})(?:\*\*|__)?[ \t]*:(?:\*\*|__)?[ \t]*(.*)$")


@dataclass(frozen=True, slots=True)
class Line:
    """What somebody says without a pause for others: a paragraph.

    Attributes:
        speaker: Who says it.
        text: What, as it was written.
        chapter: The title of the chapter that begins with it; None where none does.
    """

    speaker: str
    text: str
    chapter: str | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """Lines in the order in which they are said."""

    lines: tuple[Line, ...]

    @property
    def speakers(self) -> tuple[str, ...]:
        """Who says something, in the order of the first time."""
        return tuple(dict.fromkeys(line.speaker for line in self.lines))


def parse_script(text: str, speakers: Collection[str], first: str) -> Script:
    """Read a script.

    A paragraph is a line. One that begins with a speaker's name and a colon is that one's, and so
    is what follows, until the next name; any other word before a colon is part of the text. A
    heading of Markdown begins a chapter, and is not said; nor are code and what stands above all.

    Args:
        text: The script.
        speakers: Names that may stand before a colon, in small letters.
        first: Who speaks where no name stands before.
    """
    reader = _Reader(frozenset(speakers), first)
    # Of the whole text: a block of code that is a paragraph of its own is not all there is.
    for line in drop_code_blocks(drop_front_matter(text)).splitlines():
        reader.read(line)
    reader.end_paragraph()
    return Script(tuple(reader.lines))


class _Reader:
    def __init__(self, speakers: frozenset[str], first: str) -> None:
        self._speakers = speakers
        self._speaker = first
        self._paragraph: list[str] = []
        self._chapter: str | None = None
        self.lines: list[Line] = []

    def read(self, line: str) -> None:
        heading, turn = _HEADING.match(line), _TURN.match(line)
        if heading is not None:
            self.end_paragraph()
            self._chapter = strip_markup(heading[2]).strip() or None
        elif turn is not None and turn[1].lower() in self._speakers:
            self.end_paragraph()
            self._speaker = turn[1].lower()
            self._paragraph.append(turn[2])
        elif line.strip():
            self._paragraph.append(line)
        else:
            self.end_paragraph()

    def end_paragraph(self) -> None:
        text, self._paragraph = "\n".join(self._paragraph).strip(), []
        if strip_markup(text).strip():
            self.lines.append(Line(self._speaker, text, self._chapter))
            self._chapter = None
