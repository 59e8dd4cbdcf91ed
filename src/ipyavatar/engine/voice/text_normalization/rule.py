"""A rule of reading: a pattern, what is said for it, and why."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ....core.log import get_logger

_log = get_logger(__name__)

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
        text = each.pattern.sub(_guarded(each.name, each.replacement), text)
    return text


def _guarded(name: str, replacement: Replacement) -> Replacement:
    """`replacement`, leaving a match as it is where it fails: an error must not lose a speech."""
    if isinstance(replacement, str):
        return replacement

    def replace(match: re.Match[str]) -> str:
        try:
            return replacement(match)
        except Exception:
            report_failure(name)
            return match.group()

    return replace


@functools.cache
def report_failure(name: str) -> None:
    """Logs the current exception of a rule; once, for the same text is often said again."""
    _log.exception("the rule of reading %r failed; its text is left as written", name)


def any_of(words: Iterable[str]) -> str:
    """A pattern of one of `words`, the longest that fits."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
