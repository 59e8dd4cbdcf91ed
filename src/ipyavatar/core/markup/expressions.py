"""Marks for the face in a text: "[smile] Well done!". They are shown, and neither said nor sent."""

from __future__ import annotations

import re
from collections.abc import Iterator

EXPRESSIONS = ("smile", "nod", "think")
"""What a mark, and `express()`, can ask for."""

# A word of its own: no link, no index, no box of a list.
_MARK = re.compile(r"(?<![^\s(])\[([a-z]{3,12})\](?![^\s.,!?;)])")


def find_marks(text: str) -> Iterator[tuple[int, str]]:
    """Where each mark is, and what it asks for, known or not."""
    for match in _marks(text):
        yield match.start(), match[1]


def drop_marks(text: str) -> str:
    """`text` without them."""
    if "[" not in text:
        return text
    parts, at = [], 0
    for match in _marks(text):
        parts.append(text[at : match.start()])
        at = match.end() + (text[match.end() : match.end() + 1] == " ")
    return "".join([*parts, text[at:]])


def unknown_marks(text: str) -> list[str]:
    """What marks ask for that no face can do, each once."""
    return list(dict.fromkeys(name for _, name in find_marks(text) if name not in EXPRESSIONS))


def _marks(text: str) -> Iterator[re.Match[str]]:
    # Some language models think between these two.
    thinks = "[/think]" in text
    return (match for match in _MARK.finditer(text) if not (thinks and match[1] == "think"))


_NUMBERS_IN_BRACKETS = re.compile(r"[\[\]\d\s.,e+-]{4,}")
_BARE_POINT = re.compile(r"(?<=\d)\.(?=[\s,\]])")


def close_floats(text: str) -> str:
    """`text` with "[0, 1]" for "[0., 1.]": in an array no sentence ends."""
    return _NUMBERS_IN_BRACKETS.sub(_close, text) if "[" in text else text


def _close(match: re.Match[str]) -> str:
    run = match.group()
    begin, end = run.find("["), run.rfind("]")
    if begin < 0 or end < begin:
        return run
    return run[:begin] + _BARE_POINT.sub("", run[begin : end + 1]) + run[end + 1 :]
