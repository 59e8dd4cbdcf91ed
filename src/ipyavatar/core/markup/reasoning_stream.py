"""What a language model thought before it answered, taken out of a text that comes bit by bit."""

from __future__ import annotations

import re

from .model_output import CHANNEL_END, CHANNEL_THOUGHT, THOUGHT

LONGEST_MARK = 240
"""Characters that are held back at the end of what came: they may be the beginning of a mark."""

_BEGINNING = re.compile(
    # "<", "</thi", "<|begin_of", "[THI", "◁", and a tag with attributes that has not ended; and
    # half a character.
    r"(?:[<\[◁](?:[/|]{0,2}[A-Za-z_:|-]{0,30}[/|▷]?|[A-Za-z_:-]{1,30}\s[^<>\n]{0,200})"
    r"|<\|channel\|>[^<]{0,120}(?:<\|?[a-z]{0,10}\|?)?|[\ud800-\udbff])$"
)


class ReasoningFilter:
    """Bits of a text in, bits of what is meant to be heard out.

    Thoughts may be nested. An end without a beginning (some templates write the beginning
    themselves) ends what has not been given out yet.
    """

    def __init__(self) -> None:
        self._held = ""
        self._depth = 0
        self._in_channel = False

    def add(self, bit: str) -> str:
        """What can be said now that `bit` has come."""
        text = self._held + bit
        beginning = _BEGINNING.search(text, max(0, len(text) - LONGEST_MARK))
        end = len(text) if beginning is None else beginning.start()
        self._held = text[end:]
        return self._drop(text[:end])

    def finish(self) -> str:
        """The rest: nothing more comes."""
        held, self._held = self._held, ""
        return self._drop(held)

    def _drop(self, text: str) -> str:
        said, at = [], 0
        while at < len(text):
            if self._in_channel:
                end = CHANNEL_END.search(text, at)
                self._in_channel = end is None
                at = len(text) if end is None else end.start()
                continue
            marks = THOUGHT.search(text, at), CHANNEL_THOUGHT.search(text, at)
            mark = min(filter(None, marks), key=lambda one: one.start(), default=None)
            if not self._depth:
                said.append(text[at : len(text) if mark is None else mark.start()])
            if mark is None:
                break
            at = mark.end()
            if mark is marks[1]:
                self._in_channel = True
            elif mark["open"] == "[think]":  # a mark for the face
                said.append("" if self._depth else mark["open"])
            elif mark["open"]:
                self._depth += 1
            elif self._depth:
                self._depth -= 1
            else:
                said.clear()
        return "".join(said)
