"""Single characters: which can be said or shown at all."""

# ruff: noqa: RUF001 - signs that look like others

from __future__ import annotations

import re
import unicodedata

RAISED = str.maketrans("0123456789+-−n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ⁿ")
"""What stands in an exponent, and how it looks there."""

_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_BLANK_LINES = re.compile(r"\n{2,}")
_GAPS = re.compile(r"[ \t]+(?=[ \t]|[,.;!?](?:\s|$))")  # where an emoji was
# Before a mark that is a word of code: "git add .", "x ? y : z". It is no gap of an emoji.
_GAPS_OF_CODE = re.compile(
    r"(?<=[\w/~'\"]) (?=\.(?:`|[ \t]+[^\sA-Za-z]|[ \t]*\r?$))"
    r"|(?:(?<=\badd)|(?<=\bbuild)|(?<=\binstall)|(?<=\bls)|(?<=\bcd)|(?<= -\w))"
    r" (?=\.[ \t]+[a-z])",
    re.MULTILINE,
)
# One or the other by a condition. A sign of code before its mark tells it from a question.
CONDITION = re.compile(
    r"(?P<of>[=<>!]=?\s?[-\w.]{1,30}(?=\s?\?)"
    r"|(?:[)\]'\"\d]|(?<![\w'\u2019.])[b-hj-zB-HJ-Z]|(?<![^\n])[a-z]\w"
    r"|(?<=[=(,`])[a-z]\w|(?<=[=,] )[a-z]\w"
    r"|(?<=\breturn )[a-z]\w)(?=\s\?))"
    r"(?P<gap>\s?)\?\s(?![A-ZÀ-Þ]|(?:if|well|so|because|and|but|or|then|oh|why)\b)"
    r"(?P<then>[^?:\n]{1,80}?)\s:\s(?=[-\w('\"\[])"
)
_HELD = "\u02fd"  # a mark that nobody types and that no step knows

# Forms of other characters that differ only in look: full width, mathematical letters, ligatures,
# letters and numbers in circles and brackets. The marks of sentences stay as they are in scripts
# that are written without spaces: in plain characters they would end nothing there.
_LOOKS = re.compile(
    "(?<![\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3])[\uff01\uff0c\uff1a\uff1b\uff1f]"
    "|[\uff02-\uff0b\uff0d-\uff19\uff1c-\uff1e\uff20-\uff5e\uffe0-\uffe6\U0001d400-\U0001d7ff\ufb00-\ufb06\u2460-\u24ff\u2776-\u2793"
    "\u2100-\u2134\u2139-\u214d\u2160-\u217f\u32d0-\u33ff\U0001f100-\U0001f16b]"
)
_KEPT_SYMBOLS = frozenset("°©®™№℃℉℗℠℡←→↑↓↔✓✔✗✘✕✖♀♂♭♮⌘⌥⌃☑☒△▵⇌⇋")
_HEART = re.compile("(?<=\\bI )[♥❤]\ufe0f?(?=\\s\\w)")  # as a word
_RATING = re.compile("(?<![★☆])(?:★{1,10}☆{1,10}|★{5}|☆{5})(?![★☆])")  # out of so many
_STARS = re.compile(
    "(?<![\\w.])(\\b[Aa]n? |\\b(?:[Tt]h(?:e|is|at)|[Oo]ur|[Mm]y|[Yy]our|[Hh](?:is|er)|[Tt]heir) "
    "(?=[\\d.]{1,3} ?[★⭐]\ufe0f? "
    "(?!(?:from|for|by|to|of|in|on|at|and|or|is|are|was|were)\\b)[a-z]))?"
    "(?<![\\w.])(\\d(?:\\.\\d)?) ?[★⭐]\ufe0f?(?![★☆⭐])"
)  # so many
_NOTE = re.compile("([♩♪])\\s?(?==\\s?\\d)")
_NOTES = {"♩": "quarter note ", "♪": "eighth note "}
# A bar that is drawn with lines; as a year its count would be misread.
_DRAWN_BAR = re.compile("(?<![\\w/.])(\\d{1,9})/(\\d{1,9}) ?[━╸╺─]{3,200}")
_MARKS_OF_EMOJI = frozenset("\u200d\u20e3\ufe0e\ufe0f")


def keep_readable(text: str) -> str:
    """`text` in its plainest characters, without those that have no reading.

    Left out are control and format characters (half emoji, zero widths, marks of direction) and
    pictures (emoji, frames, blocks). Letters in other looks (ligatures, full width, circled) become
    plain ones.
    """
    text = _overwritten(text) if "\r" in text else text
    text = _LINE_ENDS.sub("\n", text)
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    text = _RATING.sub(_rated, _HEART.sub("love", text))
    text = _STARS.sub(_starred, text)
    text = _NOTE.sub(lambda m: _NOTES[m[1]], text)
    text = _DRAWN_BAR.sub(lambda m: f"{int(m[1]):,} of {int(m[2]):,} ", text)
    text = _LOOKS.sub(_plain, text)
    return unicodedata.normalize("NFC", "".join(c for c in text if _is_kept(c)))


def hold_gaps(text: str) -> str:
    """`text` with what `tidy_gaps` must not take away marked: the gaps that code has."""
    if " ?" in text:
        text = CONDITION.sub(lambda m: m.group().replace(" ?", f"{_HELD}?", 1), text)
    return _GAPS_OF_CODE.sub(_HELD, text) if " ." in text else text


def tidy_gaps(text: str) -> str:
    """`text` without the gaps that taking things out has left."""
    text = "\n".join(line.strip() for line in text.split("\n"))
    return _GAPS.sub("", _BLANK_LINES.sub("\n\n", text)).replace(_HELD, " ").strip()


def _overwritten(text: str) -> str:
    """`text` as a terminal shows it where a progress bar goes back to the start of its line."""
    return "\n".join(
        line.rstrip("\r").rpartition("\r")[2] if "%" in line or "it/s" in line else line
        for line in text.split("\n")
    )


def _rated(match: re.Match[str]) -> str:
    stars = match.group()
    return f" {stars.count('★')}/{len(stars)} "


def _starred(match: re.Match[str]) -> str:
    single = match[2] == "1" or match[1]
    return f"{match[1] or ''}{match[2]} star{'' if single else 's'}"


def _plain(match: re.Match[str]) -> str:
    char = match.group()
    if char in _KEPT_SYMBOLS:
        return char
    plain = unicodedata.normalize("NFKC", char)
    if "\u2460" <= char <= "\u24ff" or "\u2776" <= char <= "\u2793":
        number = unicodedata.numeric(char, None)
        plain = plain if number is None else f"{number:g}"
        return f" {plain} "
    return plain if plain.isprintable() else " "


def _is_kept(char: str) -> bool:
    if char in "\n\t" or char in _KEPT_SYMBOLS:
        return True
    if char in _MARKS_OF_EMOJI or (char >= "\U0001f000" and not char.isalnum()):
        return False
    category = unicodedata.category(char)
    if category == "So":
        return _is_named(char)
    return category not in ("Cc", "Cf", "Cs", "Co", "Cn")


def _is_named(char: str) -> bool:
    """Whether a symbol stands for a word, and is no picture."""
    return "ARROW" in unicodedata.name(char, "") or unicodedata.numeric(char, None) is not None
