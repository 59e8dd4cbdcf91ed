"""A rule of reading: a pattern, what is said for it, and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Replacement = str | Callable[[re.Match[str]], str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rewriting of a sentence.

    Attributes:
        name: What it reads.
        pattern: Where it applies; what repeats in it is bounded or unambiguous, so it is linear.
        replacement: What is said there.
        why: Why it is needed, or why it stands where it stands.
    """

    name: str
    pattern: re.Pattern[str]
    replacement: Replacement
    why: str


def rule(name: str, pattern: str, replacement: Replacement, why: str) -> Rule:
    """A rule, from the text of its pattern."""
    return Rule(name, re.compile(pattern), replacement, why)


def apply_rules(rules: Iterable[Rule], text: str) -> str:
    """`text` rewritten by `rules`, one after the other."""
    for each in rules:
        text = each.pattern.sub(each.replacement, text)
    return text


def any_of(words: Iterable[str]) -> str:
    """A pattern of one of `words`, the longest that fits."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
