"""What a number is by the words around it: kelvin or thousands, a score or a day, a field, a rate."""

# ruff: noqa: E501, RUF001 - patterns are read in one piece; typographic marks

from __future__ import annotations

import re

from .rule import Rule, rule

_OF_HEAT = re.compile(
    r"(?i)\b(?:temperatures?|heated|cooled|heating|cooling|cryogenic|cryostat|superconduct\w{0,8}|black-?body|kelvin"
    r"|boils?|boiling|melts?|melting|anneal\w{0,6}|absolute zero|CMB|cosmic microwave|liquid (?:helium|nitrogen|hydrogen))\b"
    r"|\bT(?:_?\w{1,4}|[₀-₉ₐ-ₜ])? ?[=≈<>~]"
)
_OF_MAGNETS = re.compile(
    r"(?i)\bmagnet\w{0,6}\b|\bfields?\b|\bMRI\b|\bNMR\b|\bscanners?\b|\bflux\b|\bB ?[=≈]"
)
_OF_INTEREST = re.compile(
    r"(?i)\b(?:rates?|yields?|spreads?|fed|ecb|basis|bonds?|treasur\w{1,4}|coupon|interest|hikes?|hiked|cuts?|libor|sofr|fees?|margins?)\b"
)


def _kelvin(match: re.Match[str]) -> str:
    return f"{match[1]} K" if _OF_HEAT.search(match.string) else match.group()


def _tesla(match: re.Match[str]) -> str:
    return f"{match[1]} tesla" if _OF_MAGNETS.search(match.string) else match.group()


def _points(match: re.Match[str]) -> str:
    number = match[1]
    one = "" if number == "1" else "s"
    if _OF_INTEREST.search(match.string):
        return f"{number} basis point{one}"
    return f"{number} bit{one} per second"


def _told(match: re.Match[str]) -> str:
    """How far a program has come."""
    done, of_all = match.groups()
    return f"{done} of {of_all}" if int(done) <= int(of_all) else match.group()


AROUND: tuple[Rule, ...] = (
    rule(
        "kelvin without a gap",
        r"(?<![\w.,$€£¥+-])(\d{1,6}(?:\.\d{1,4})?)K(?![\w/-]|['’]\w| (?:[a-z]{2,}s|people|UHD|TVs?|video|display|screen|monitor|resolution|run|race)\b)",
        _kelvin,
        "Heated to 300K: by a word of heat it is no number of thousands.",
    ),
    rule(
        "tesla",
        r"(?<![\w.,$€£¥+-])(\d{1,3}(?:\.\d{1,4})?)[ -]?T(?![\w/·⋅^²³-]|['’]\w|\.\w| (?:tokens?|param|dollars|rows|words)\w{0,8})",
        _tesla,
        "A field of 1.5 T.",
    ),
    rule(
        "basis points",
        r"(?<![\w.,$-])(\d{1,5}(?:\.\d{1,2})?) ?bps\b",
        _points,
        "Rates rose by 25 bps; a line has bits per second.",
    ),
    rule(
        "step of a program",
        r"(?:^|(?<=\s))\[(\d{1,5})/(\d{1,5})\](?=:? ?[A-Z]|$)",
        _told,
        "[1/3] Downloading: no fraction; before brackets go.",
    ),
    rule(
        "score with the number of a day",
        r"(?<![\w/.,-])9/11(?= (?:(?:were|are|was|is) (?:correct|right|wrong)|correct|passed|failed|answered)\b)"
        r"|(\b(?:got|[Ss]core:?|scored|score of) )9/11(?![\w/]|[.,]\d)",
        lambda m: f"{m[1] or ''}9 out of 11",
        "Else 9/11 is a day.",
    ),
    rule(
        "the day by itself",
        r"(?<=\b[Oo]n )(?<!due on )9/11(?![\w/]|[.,]\d)",
        "nine eleven",
        "Everybody says it so.",
    ),
)
"""Before quantities, ratios and lists."""
