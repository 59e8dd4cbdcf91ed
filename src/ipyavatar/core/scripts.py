"""Scripts: what is written in other letters than Latin ones, and how fast each is read aloud."""

from __future__ import annotations

import re
import unicodedata

# Letters past Latin; a lone Greek letter is a symbol and is read by its name.
_GREEK = "\u0370-\u03ff\u1f00-\u1fff"
FOREIGN = re.compile(
    rf"(?:(?<![{_GREEK}])[{_GREEK}]{{2,}}|[\u1f00-\u1fff])"
    r"|[\u0400-\u1cff\u2c00-\u2c5f\u2c80-\u2dff\u2e80-\ua71f\ua800-\uab2f\uab70-\ufaff\ufb13-\ufdff"
    r"\ufe70-\ufefc\uff66-\uffdc\U00010000-\U0001cfff\U00020000-\U0003ffff]+"
)

CHARACTERS_PER_SECOND = 15.0
"""Usual pace of English read aloud, spaces counted; other alphabets are about as fast."""

DIGIT_S = 0.4
"""A digit, which is read as a word: 1,234 is ten syllables."""

# Where a character is a syllable or more. Kana is a mora; Thai, Arabic and Hebrew and the scripts
# of India write fewer vowels than are said.
_PACES = (
    (re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"), 4.5),
    (re.compile("[\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f]"), 7.5),
    (re.compile("[\uac00-\ud7a3]"), 5.5),
    (re.compile("[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"), 11.0),
)
_DIGIT = re.compile(r"\d")
_SHORTEST_S = 0.3


def find_foreign(text: str) -> str:
    """The parts of plain `text` in scripts other than Latin, joined by spaces."""
    if text.isascii():
        return ""
    found = (match.group().strip() for match in FOREIGN.finditer(text))
    return " ".join(part for part in found if any(map(_is_foreign, part)))


def estimate_seconds(text: str) -> float:
    """How long plain `text` takes to be read aloud: each script at its own pace."""
    text = text.strip()
    return max(_SHORTEST_S, sum(map(_seconds, _runs(text))))


def _runs(text: str) -> list[tuple[int, float]]:
    """How many characters of each kind, with the seconds that one takes."""
    left, runs = len(text), []
    for pattern, pace in ((_DIGIT, 1 / DIGIT_S), *(() if text.isascii() else _PACES)):
        count = sum(1 for _ in pattern.finditer(text))
        runs.append((count, 1 / pace))
        left -= count
    return [*runs, (left, 1 / CHARACTERS_PER_SECOND)]


def _seconds(run: tuple[int, float]) -> float:
    count, each = run
    return count * each


_OURS = ("LATIN", "MICRO", "FEMININE", "MASCULINE", "MODIFIER", "SUPERSCRIPT", "SUBSCRIPT")


def _is_foreign(char: str) -> bool:
    """A letter of another script; modifiers and the letters of formulas do not count."""
    return char.isalpha() and char > "\u024f" and not unicodedata.name(char, "").startswith(_OURS)
