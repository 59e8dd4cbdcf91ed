"""Cutting long text into pieces a service accepts, at the best place there is."""

from __future__ import annotations

import re
import unicodedata

from ..errors import InvalidArgument

# From best to worst: the end of a paragraph, of a sentence (with closing quotes and brackets, and
# the full stops of Chinese, Japanese, Hindi and Arabic, which need no space after them), of a
# clause, of a word.
_CUTS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\n\s*\n",
        r"[.!?…]+[\"'»”’)\]]*(?=\s)|[。！？।؟]+[」』”’）]*|\n",  # noqa: RUF001
        r"[,;:](?=\s)|\s[–—-](?=\s)|[，、；：،]",  # noqa: RUF001
        r"\s+",
    )
)


def split_text(text: str, limit: int) -> tuple[str, ...]:
    """Cut `text` into pieces of at most `limit` characters, in order.

    Nothing is lost but the white space at the cuts. Each piece is as long as it can be; it ends
    with a sentence where one ends in its second half, else with a clause, else with a word, else
    between two characters, never between a letter and its accent. Linear in the length of `text`.

    Args:
        text: What to cut; blank text gives no pieces.
        limit: Most characters in one piece, at least 1.

    Raises:
        InvalidArgument: `limit` is below 1.
    """
    if limit < 1:
        raise InvalidArgument(
            f"A text limit of {limit} cannot work.", "Give a whole number of 1 or more."
        )
    pieces = []
    at, end = 0, len(text)
    while at < end:
        if text[at].isspace():
            at += 1
            continue
        stop = end if end - at <= limit else _cut(text, at, at + limit)
        piece = text[at:stop].strip()
        if piece:
            pieces.append(piece)
        at = stop
    return tuple(pieces)


def _cut(text: str, start: int, most: int) -> int:
    """Where to cut `text[start:most]`, given that more text follows."""
    # A cut in the first half would make twice as many pieces as needed, and pauses where they show.
    half = start + (most - start) // 2
    for cut in _CUTS:
        # One character more, so that the white space after a full stop at the very end is seen.
        ends = [m.end() for m in cut.finditer(text, half, most + 1)]
        fitting = [end for end in ends if half < end <= most]
        if fitting:
            return fitting[-1]
    return _between_characters(text, start, most)


def _between_characters(text: str, start: int, most: int) -> int:
    """The last place up to `most` that does not part a character from its marks."""
    stop = most
    while stop > start + 1 and _joined(text, stop):
        stop -= 1
    # A "character" longer than a whole piece is no writing; then a hard cut is as good as any.
    return most if stop == start + 1 and _joined(text, stop) else stop


def _joined(text: str, at: int) -> bool:
    """Whether the characters before and after `at` belong together."""
    before, after = text[at - 1], text[at]
    zero_width_joiner = "\u200d"
    return (
        unicodedata.combining(after) != 0
        or unicodedata.category(after) in {"Mn", "Me"}
        or "\ufe00" <= after <= "\ufe0f"  # variation selectors
        or "\U0001f3fb" <= after <= "\U0001f3ff"  # skin tones
        or zero_width_joiner in (before, after)
    )
