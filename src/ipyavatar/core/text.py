"""What can be said at all, and cutting long text into pieces a service accepts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import AsyncIterable, Iterable

from ..errors import InvalidArgument, type_name
from .speech import Mode

LONGEST_TEXT = 200_000
"""Characters in one speech: more than three hours of talk; beyond that it is a mistake."""

_SURROGATE = re.compile("[\ud800-\udfff]")
# Colours and movements of a terminal, whole; then single control characters.
_CONTROL = re.compile(
    r"\x1b\[[0-?]{0,40}[ -/]{0,4}[@-~]|\x1b\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]"
)
_SIGNS_WITH_WORDS = frozenset("%&@#/\\")

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


def clean_text(text: object) -> str:
    """`text` without what can be neither said, shown nor sent, or an error that says why not.

    Control characters and lone surrogates (half an emoji from a token stream) become spaces; two
    halves side by side are put together.

    Raises:
        InvalidArgument: It is not text, or is too long.
    """
    if not isinstance(text, str):
        raise _not_text(text)
    clean = _CONTROL.sub(_space_or_nothing, well_formed(text))
    if len(clean) > LONGEST_TEXT:
        raise InvalidArgument(
            f"The text has {len(clean):,} characters; one speech takes {LONGEST_TEXT:,}.",
            "Split it and call speak() for each part; speeches queue in order.",
        )
    return clean


def plain_text(text: str) -> str:
    """`text` itself, of no class of users' (an enumeration's, NumPy's): messages take no other."""
    return str.__str__(text)


def well_formed(text: str) -> str:
    """`text` without lone surrogates, which no encoding has."""
    if not _SURROGATE.search(text):
        return plain_text(text)
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return joined.replace("\ufffd", " ")


def name_error(error: BaseException | None) -> str:
    """Its type, and what it says, in short; some cannot be shown. Never raises."""
    try:
        text = well_formed(str(error)).strip()
    except BaseException:  # it is the user's own; whoever tells of it must not end by it
        text = ""
    return f"{type_name(error)}: {text[:500] or 'no message'}"


def is_silent(text: str, mode: Mode = "repeat") -> bool:
    """Whether there is nothing to say in `text`: blanks, punctuation, emoji.

    Tokens come one by one, and "," is a token. A sign that has a word ("%") is something to say,
    and a language model can answer anything but blanks.
    """
    return not (text.strip() if mode == "talk" else any(map(_has_word, text)))


def _has_word(char: str) -> bool:
    if char.isalnum() or char in _SIGNS_WITH_WORDS:
        return True
    return char != "|" and unicodedata.category(char) in ("Sm", "Sc")


def _space_or_nothing(match: re.Match[str]) -> str:
    """Nothing for what only colours; a space for what may have parted words."""
    return "" if match.group().startswith(("\x1b[", "\x1b]")) else " "


def _not_text(value: object) -> InvalidArgument:
    what = f"speak() takes text, not {type_name(value)}."
    if isinstance(value, (bytes, bytearray, memoryview)):
        return InvalidArgument(what, 'Decode it first: value.decode("utf-8").')
    if isinstance(value, (Iterable, AsyncIterable)):
        return InvalidArgument(what, 'Join its pieces first: "".join(pieces).')
    return InvalidArgument(what, "Pass a str, for example str(value).")
