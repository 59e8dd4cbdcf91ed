"""A sentence of any language as its voice is to read it, where the voice itself does not know.

Our own voices have `text_normalization`, which is English. Voices of other languages read numbers
and words; what they are written with is said here, in the order of `read_sentence`.
"""

from __future__ import annotations

import functools
import re
import unicodedata

from .language_units import read_units
from .languages import Language, base_of, find_language

_SPACES = re.compile(r"\s+")
_NARROW = "[\u00a0\u2009\u202f ]"
_NUMBER_SPACE = re.compile(rf"(?<=\d){_NARROW}(?=\d{{3}}(?!\d))")
_PRICE = re.compile(rf"(R\$|[$€£¥]){_NARROW}?(\d(?:[\d.,\u00a0\u202f]*\d)?)")
_ONE_SIGN = str.maketrans({"℃": "°C", "℉": "°F", "№": "№ "})
_BEFORE_MARK = re.compile(r" +(?=[,.;:!?，。；：！？、])")  # noqa: RUF001 - of East Asia, too
_QUIET = re.compile(r"[\\|_*^#`{}\[\]<>~]+")


def read_sentence(text: str, language: str) -> str:
    """`text` with what is written short written out.

    The order: abbreviations, whose full stops would be taken for those of numbers; then prices,
    whose sign is said after the number; then units, powers and indices; then the marks within
    numbers; then signs beside them; then what no voice can say.
    """
    known = find_language(language)
    text = text.translate(_ONE_SIGN)
    text = _spoken_pattern(language).sub(lambda m: _say(known, m.group()), text)
    text = _PRICE.sub(r"\2 \1", text)
    text = read_units(text, base_of(language))
    text = _plain_numbers(text, known)
    for sign, word in known.signs.items():
        if "{}" in word:
            number = rf"(\d+(?:[.,]\d+)*){_NARROW}?{re.escape(sign)}"
            text = re.sub(number, word.format(r"\1"), text)
        text = text.replace(sign, f" {word.format('')} ")
    text = "".join(map(_sayable, _QUIET.sub(" ", text)))
    return _BEFORE_MARK.sub("", _SPACES.sub(" ", text)).strip()


@functools.cache
def _spoken_pattern(language: str) -> re.Pattern[str]:
    """All abbreviations of the language, the longest first; spaces in them may be missing."""
    names = sorted(find_language(language).spoken, key=len, reverse=True)
    if not names:
        return re.compile(r"(?!)")
    parts = "|".join(re.escape(name).replace(r"\ ", rf"{_NARROW}?") for name in names)
    return re.compile(rf"(?<!\w)(?:{parts})(?!\w)")


def _say(language: Language, found: str) -> str:
    bare = re.sub(_NARROW, "", found)
    for name, said in language.spoken.items():
        if name.replace(" ", "") == bare:
            return said
    return found


def _plain_numbers(text: str, language: Language) -> str:
    """`1.234,5` is "1234 Komma 5" in German."""
    mark, word = language.decimal
    if not word:
        return text
    text = _NUMBER_SPACE.sub("", text)
    if language.thousands.strip():
        escaped = re.escape(language.thousands)
        grouped = re.compile(rf"(?<![\d.,])\d{{1,3}}(?:{escaped}\d{{3}})+(?![\d])")
        text = grouped.sub(lambda m: m.group().replace(language.thousands, ""), text)
    decimal = re.compile(rf"(?<![\d.,])(\d+){re.escape(mark)}(\d+)(?![\d.,]\d|\d)")
    return decimal.sub(lambda m: f"{m[1]} {word} {_decimals(m[2], language)}", text)


def _decimals(digits: str, language: Language) -> str:
    if language.digits_apart or len(digits) > 2 or digits.startswith("0"):
        return " ".join(digits)
    return digits


def _sayable(char: str) -> str:
    """What no voice can say becomes a space: one sign must not cost a sentence."""
    category = unicodedata.category(char)
    if category in ("Cc", "Cf", "Cn", "Co", "Cs", "So", "Sk") and char not in "\u200c\u200d":
        return " "
    return char
