"""Letters: in forms that the pronunciation knows."""

# ruff: noqa: RUF001 - letters and typographic marks

from __future__ import annotations

import functools
import re
import unicodedata

from ....core.scripts import FOREIGN
from .rule import rule
from .symbols import name_sign

_MARKS = str.maketrans("’‘‛ʼʻ‐‑‒٫٬٪", "'''''---.,%") | {ord("฿"): "THB "}
_UNKNOWN = frozenset("ÈËÐÙÛÝ")  # of Latin-1; the pronunciation would drop them
# Accents that no letter of a word has, on a letter by itself: x̄ is a mean, p̂ an estimate.
_ACCENTS = {
    "\u0304": "bar", "\u0305": "bar", "\u0302": "hat", "\u0303": "tilde", "\u0307": "dot",
    "\u20d7": "vector", "\u0308": "double dot",
}  # fmt: skip
_OF_WORDS = frozenset("äëïöüÿãñõ")
# By themselves they are named, not accented: the letter ñ.
_END = r"(?![^\W\d_ᵢⱼₐ-ₜᵣᵤᵥⁿᵀ])"
"""Of a letter by itself; an index may follow."""
_ACCENTED = re.compile(
    rf"(?<![^\W\d_])([^\W\d_])([{''.join(_ACCENTS)}]){_END}|([Α-ω])([{''.join(_ACCENTS)}])"
)
_ALONE = re.compile(rf"(?<![^\W\d_])[^\W\d_\x00-\x7f]{_END}(?![\u0300-\u036f])")
_PLANCK = re.compile(r"ℏ|(?<![^\W\d_]{2})ħ(?![^\W\d_]{2})")
_PLACED = ("<super>", "<sub>", "<fraction>")  # formulas read these
_NAMED = re.compile(
    r"LATIN (?:SMALL |CAPITAL )?(?:LETTER |LIGATURE )(?:SMALL CAPITAL |TURNED |REVERSED )?"
    r"([A-Z]{1,2})(?: WITH .*)?"
)
_LOOKS = re.compile(
    r"LATIN |GREEK |COPTIC |SMALL |CAPITAL |LETTER |MODIFIER |LIGATURE |ARCHAIC | ?SYMBOL| WITH .*"
)


def plain_letters(text: str) -> str:
    """`text` with the digits of every script as ours, and letters that the voice knows."""
    if text.isascii():
        return text
    text = unicodedata.normalize("NFC", text.translate(_MARKS))
    text = _PLANCK.sub(" h bar ", text)
    text = _ACCENTED.sub(lambda m: f"{m[1] or m[3]} {_ACCENTS[m[2] or m[4]]} ", text)
    text = _ALONE.sub(_accented, text)
    return "".join(map(_plain, text))


def _accented(match: re.Match[str]) -> str:
    """The same accents, where there is one sign for the letter with it: ȳ, ŷ, ẋ."""
    parts = unicodedata.normalize("NFD", match.group())
    letter, mark = parts[0], parts[1:]
    if mark not in _ACCENTS or match.group().lower() in _OF_WORDS:
        return match.group()
    return f"{letter} {_ACCENTS[mark]} "


@functools.lru_cache(4096)
def _plain(char: str) -> str:  # noqa: PLR0911 - a way out for each kind of character
    if char <= "\xff" and char not in _UNKNOWN:
        return char
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    plain = unicodedata.normalize("NFKC", char)
    placed = unicodedata.decomposition(char).startswith(_PLACED) and not FOREIGN.match(plain)
    if category in ("No", "Nl") and not placed:
        return f" {unicodedata.numeric(char):g} "
    if category in ("Sm", "Sc") and FOREIGN.match(char):
        return name_sign(char)
    if category in ("Mn", "Me", "Mc", "Lm") and unicodedata.normalize("NFKC", char) == char:
        return ""
    name = unicodedata.name(char, "")
    if not name.startswith("LATIN ") or category == "Lm":
        return char
    base = "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))
    if base.isascii():
        return base
    return _by_name(char, name)


def _by_name(char: str, name: str) -> str:
    """ł is an l, and ə is called schwa."""
    found = _NAMED.fullmatch(name)
    if found:
        return found.group(1) if char.isupper() else found.group(1).lower()
    return _called(char)


def _called(char: str) -> str:
    name = unicodedata.name(char, "")
    words = _LOOKS.sub("", name).replace("-", " ").lower().split()
    # A number in a name ("M001") is that of a catalogue.
    return f" {' '.join(word for word in words if not any(map(str.isdigit, word)))} "


OTHER_LETTERS = rule(
    "other letter",
    r"[^\x00-\xff\W\d_]",
    lambda match: _called(match.group()),
    "What is neither English nor of another script has at least a name.",
)
