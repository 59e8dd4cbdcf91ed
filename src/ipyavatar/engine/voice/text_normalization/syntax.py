"""Syntax of programs in a sentence: slices, conditions, fields of a line, what a compiler is told."""

# ruff: noqa: E501 - patterns are read in one piece

from __future__ import annotations

import re

from ....core.markup.characters import CONDITION
from .rule import Rule, rule

_BOUND = r"(?:[-+]?[\w.]*|'[^'\[\]]{1,40}'|\"[^\"\[\]]{1,40}\")"
_ENDS = re.compile(r"^\s*(?=:)|(?<=:)\s*$|(?<=:)(?=:)")


def _slice(match: re.Match[str]) -> str:
    """With the colons that have nothing on one side; between two bounds there is a range."""
    return f"[{','.join(map(_range, match[1].split(',')))}]"


def _range(part: str) -> str:
    if _ENDS.search(part):
        return part.replace(":", " colon ")
    return part.replace(":", " to ", 1).replace(":", " by ")


def _fields(match: re.Match[str]) -> str:
    return re.sub(r"\$(?=\d|NF\b)", "dollar ", match.group())


SYNTAX: tuple[Rule, ...] = (
    rule(
        "slice",
        rf"(?<=[\w)\]])\[((?=[^\[\]]{{0,80}}:){_BOUND}(?:\s?[:,]\s?{_BOUND}){{1,6}})\]",
        _slice,
        "a[1:], a[::-1]: a colon at an end is silent, and x[1:10] is no time; before addresses.",
    ),
    rule(
        "range of R",
        r"(?:(\bfor(?: ?\(\w{1,20}| [a-z]) in )|(?<= <- ))(\d{1,6}):(?=(?:\d{1,6}|[nN])(?:\)|$))",
        r"\1\2 to ",
        "for (i in 1:10) is no time, likewise.",
    ),
    rule(
        "assignment of R",
        r"(?<![\w.])([a-z][\w.]{0,40}) <- (?=[\w(\"'-])",
        r"\1 gets ",
        "x <- c(1, 2): nothing comes from it.",
    ),
    rule(
        "one or the other by a condition",
        CONDITION.pattern,
        r"\g<of>, then \g<then>, else ",
        "x ? y : z asks nobody.",
    ),
    rule("optional member", r"(?<=[\w)\]])\?\.(?=[A-Za-z_\[])", ".", "obj?.name, likewise."),
    rule(
        "told to a compiler",
        r"(?<!\S)#\s?(?=(?:include|define|undef|ifdef|ifndef|endif|pragma)\b)",
        "hash ",
        "#include is no hashtag.",
    ),
    rule(
        "fields of a line",
        r"\{ ?print [^{}]{0,80}\}",
        _fields,
        "awk '{print $1}' costs nothing.",
    ),
    rule(
        "minus of a name after a word",
        r"(?:(?<=\belse )|(?<=\breturn ))-(?!(?:we|you|he|she|it|they|I|so|or|and|the|as|if|not|no)\b)"
        r"(?=[A-Za-z_][\w.]{0,40}(?:[;(\[)\]*/^+]| (?:if|[-+*/^=<>]+) |[.,]?$))",
        "minus ",
        "x if x > 0 else -x.",
    ),
    rule(
        "decrement before a name",
        r"(?<![\w-])--(?=[a-z](?:[;,)\]]|\.?$))",
        "minus minus ",
        "--j: no option has one letter.",
    ),
)
"""Before shells, paths and addresses: of these, a part alone would be one."""
