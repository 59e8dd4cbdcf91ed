"""Capitals: what is shouted is read as words, what is an acronym is not."""

# ruff: noqa: RUF001, SIM905 - patterns and lists of words are read in one piece

from __future__ import annotations

import re

from .rule import Rule, rule
from .vocabulary import is_acronym, is_word

_WORD = re.compile(r"[A-Z][A-Z'’]*[A-Z]|\b[AI]\b")
_SENTENCE = re.compile(r"(?:^|[.!?:]\s+)[\"'“(]*([a-z])")
_SHORT = frozenset(
    "AM AN AS AT BE BY DO GO HE IF IN IS IT ME MY NO OF ON OR SO TO UP US WE".split()
)
_SHOUTED = frozenset("AN AS BE BY DO HE IF IN IS MY NO OF ON SO TO WE AND BUT NOT ALL YOU".split())


def lower_shouting(text: str) -> str:
    """A sentence in capitals as a sentence; its acronyms stay."""
    if re.search("[a-z]", text):
        return text
    words = [word.replace("’", "'") for word in _WORD.findall(text)]
    if len(words) < 2 or not any(_is_shouted(word) for word in words):
        return text
    lowered = _WORD.sub(_lower_in_shouting, text)
    return re.sub(r"^\W*[a-z]", lambda m: m.group().upper(), lowered)


def _is_shouted(word: str) -> bool:
    return word in _SHOUTED or (len(word) > 3 and is_word(word.lower()))


def _lower_in_shouting(match: re.Match[str]) -> str:
    word = match.group()
    if word == "I":
        return word
    lower = word.lower().replace("’", "'")
    if len(word) == 2 and word not in _SHORT:
        return word
    return lower if len(word) == 1 or is_word(lower) else word


def _emphasis(match: re.Match[str]) -> str:
    """One word in capitals: a word where it is one, and no acronym of its own."""
    word = match.group()
    if word in _SHOUTED:
        return word.lower()
    if len(word) < 3 or is_acronym(word) or not is_word(word.lower()):
        return word
    return word.lower()


CAPITALS: tuple[Rule, ...] = (
    rule(
        "said twice",
        r"\b(is|was|are|were|be|been|being) +is (?=less|greater|not equal|about|much|proportional)",
        r"\1 ",
        "The sentence had the verb of a sign.",
    ),
    rule("plural of an acronym", r"\b([A-Z]{2,})s\b", r"\1s", "GPUs: known to the voice."),
    rule("emphasis", r"(?<![\w.&-])[A-Z]{2,}(?![\w&-])", _emphasis, "VERY, NOT."),
)
