"""Capitals: what is shouted is read as words, what is an acronym is not."""

# ruff: noqa: E501, RUF001, SIM905 - patterns and lists of words are read in one piece

from __future__ import annotations

import re

from .rule import Rule, any_of, rule
from .vocabulary import is_acronym, is_word

_WORD = re.compile(r"[A-Z][A-Z'’]*[A-Z]|\b[AI]\b")
_SHOUTED_PART = re.compile(
    r"(?<![\w.&/=_-])(?:[A-Z][A-Z'’]*[A-Z]|[AI])(?:,? (?:[A-Z][A-Z'’]*[A-Z]|[AI])(?![\w.&/=_(-]*\w)){2,40}(?!\w)"
)
_SHORT = frozenset(
    "AM AN AS AT BE BY DO GO HE IF IN IS IT ME MY NO OF ON OR SO TO UP US WE".split()
)
_SHOUTED = frozenset("AN AS BE BY DO HE IF IN IS MY NO OF ON SO TO WE AND BUT NOT ALL YOU".split())


def lower_shouting(text: str) -> str:
    """A sentence in capitals as a sentence; its acronyms stay."""
    if re.search("[a-z]", text):
        return _SHOUTED_PART.sub(_lower_part, text)
    words = [word.replace("’", "'") for word in _WORD.findall(text)]
    if len(words) < 2 or not any(_is_shouted(word) for word in words):
        return text
    lowered = _WORD.sub(_lower_in_shouting, text)
    return re.sub(r"^\W*[a-z]", lambda m: m.group().upper(), lowered)


_SAID_AS_WORDS = {
    "JSON": "json", "YAML": "yaml", "TOML": "toml", "CUDA": "cuda", "README": "read me", "TODO": "to do", "FIXME": "fix me",
    "NaN": "nan", "GAN": "gan", "MANOVA": "man ova", "BLEU": "blue", "CIFAR": "sea far", "MNIST": "em nist",
    "UMAP": "you map", "DBSCAN": "D B scan", "SHAP": "shap",
}  # fmt: skip
"""Of computing; the dictionary would spell them."""


def _lower_part(match: re.Match[str]) -> str:
    """Three words or more, of which two are words of a sentence: TELL US WHO, no row of names."""
    words = [word.replace("’", "'") for word in _WORD.findall(match.group())]
    common = sum(word in _SHOUTED for word in words)
    if common + sum(map(_is_shouted, words)) < 3 or len(words) < 3:
        return match.group()
    part, first = match.group(), _WORD.match(match.group())
    before = _LAST_WORD.search(match.string, max(0, match.start() - 20), match.start())
    named = before and first and _is_name_behind(before[1], first.group())
    start = first.end() if named and first else 0
    return part[:start] + _WORD.sub(_lower_in_shouting, part[start:])


_LAST_WORD = re.compile(r"([A-Za-z]+) $")
_DETERMINERS = frozenset("the a an my your his her its our their this that".split())


def _is_name_behind(before: str, word: str) -> bool:
    """Whether a short word in capitals is a name by the one before it: the US IS, Grade A IN MATH."""
    if word == "A":
        return before[:1].isupper()
    return before.lower() in _DETERMINERS and (word in _SHORT or is_acronym(word))


def _is_shouted(word: str) -> bool:
    return word in _SHOUTED or (len(word) > 3 and is_word(word.lower()))


# Where "us" does not stand: it begins no sentence.
_COUNTRY = re.compile(r"(?:\b(?i:the) |^\W{0,5}|[:.!?–—|]\W{1,5})$")


def _lower_in_shouting(match: re.Match[str]) -> str:
    word = match.group()
    if word == "I" or (word == "US" and _COUNTRY.search(match.string, 0, match.start())):
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
    rule(
        "acronym that is said as a word",
        rf"(?<![\w-])({any_of(_SAID_AS_WORDS)})(s?)(?![\w-])",
        lambda m: _SAID_AS_WORDS[m[1]] + m[2],
        "JSON, README.",
    ),
    rule("plural of an acronym", r"\b([A-Z]{2,})s\b", r"\1s", "GPUs: known to the voice."),
    rule("emphasis", r"(?<![\w.&-])[A-Z]{2,}(?![\w&-])", _emphasis, "VERY, NOT."),
)
