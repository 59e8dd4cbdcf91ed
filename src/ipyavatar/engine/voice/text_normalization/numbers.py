"""Numbers in American words: cardinals, ordinals, years, decimals, Roman numerals."""

# ruff: noqa: SIM905 - lists of words

from __future__ import annotations

import re

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
).split()
_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
_SCALES = ["", *"thousand million billion trillion quadrillion quintillion sextillion".split()]
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_ROMAN_FORM = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")

NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?<=\d)"
"""A number as it is written, with thousands and decimals."""

VULGAR = "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"

LONGEST = 12
"""Digits in a row, without separators: past a trillion nobody follows a number."""


def cardinal(number: int) -> str:
    """`1234` is "one thousand two hundred thirty-four"."""
    if number >= 1000 ** len(_SCALES):
        return digits(str(number))
    if number < 1000:
        return _below_1000(number)
    groups = []
    for scale in _SCALES:
        number, group = divmod(number, 1000)
        if group:
            groups.append(f"{_below_1000(group)} {scale}".strip())
        if not number:
            break
    return " ".join(reversed(groups))


def _below_1000(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    words = [f"{_ONES[hundreds]} hundred"] if hundreds else []
    if rest >= 20:
        tens, ones = divmod(rest, 10)
        words.append(_TENS[tens] + (f"-{_ONES[ones]}" if ones else ""))
    elif rest or not hundreds:
        words.append(_ONES[rest])
    return " ".join(words)


def ordinal(number: int) -> str:
    """`21` is "twenty-first"."""
    head, last = re.fullmatch(r"(.*?)([a-z]+)", cardinal(number), re.DOTALL).groups()  # type: ignore[union-attr]
    if last in _ORDINALS:
        return head + _ORDINALS[last]
    return head + (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")


def year(number: int) -> str:
    """`1905` is "nineteen oh five", `2010` "twenty ten", `2005` "two thousand five"."""
    high, low = divmod(number, 100)
    if not 10 <= high < 100 or (high % 10 == 0 and low < 10):
        return cardinal(number)
    if low == 0:
        return f"{cardinal(high)} hundred"
    return f"{cardinal(high)} {'oh ' if low < 10 else ''}{cardinal(low)}"


def plural(word: str) -> str:
    """`"nineteen ninety"` is "nineteen nineties"."""
    if word.endswith("y"):
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("x", "s")) else f"{word}s"


def digits(text: str) -> str:
    """Each digit by itself."""
    return " ".join(_ONES[int(digit)] for digit in text)


def whole(text: str) -> str:
    """A whole number as it is written: separators do not count, leading zeros are said."""
    bare = re.sub(r"[^0-9]", "", text)
    if len(bare) > 1 and bare[0] == "0":
        return digits(bare)
    if len(bare) > LONGEST and len(bare) == len(text):
        return digits(bare)
    return cardinal(int(bare)) if len(bare) <= 3 * len(_SCALES) else digits(bare)


def decimal(text: str) -> str:
    """`-1,234.50` is "minus one thousand two hundred thirty-four point five zero"."""
    sign = "minus " if text[:1] in ("-", "−") else ""  # noqa: RUF001
    before, point, after = text.lstrip("+-−").partition(".")  # noqa: RUF001
    words = whole(before) if before else ""
    return f"{sign}{words}{' point ' + digits(after) if point and after else ''}".replace(
        "  ", " "
    ).strip()


def is_one(number: str) -> bool:
    """Whether a number, as it is written, is followed by the singular."""
    return number in ("1", "-1", "−1") or (len(number) == 1 and number in VULGAR)  # noqa: RUF001


def paired(text: str) -> str:
    """`"1080"` is "ten eighty": three or four digits in two parts."""
    head, tail = text[:-2], text[-2:]
    if len(text) not in (3, 4) or head == "0" or tail == "00":
        return whole(text)
    return f"{cardinal(int(head))} {'oh ' if tail[0] == '0' else ''}{cardinal(int(tail))}"


def roman(text: str) -> int:
    """The value of a Roman numeral; 0 where it is none."""
    if not text or not _ROMAN_FORM.fullmatch(text):
        return 0
    values = [_ROMAN[letter] for letter in text]
    following = [*values[1:], 0]
    return sum(-a if a < b else a for a, b in zip(values, following, strict=True))
