"""What a number is by the words around it: kelvin or thousands, a score or a day, a field, a rate."""

# ruff: noqa: E501, RUF001 - patterns are read in one piece; typographic marks

from __future__ import annotations

import re

from .rule import Rule, rule

# A word of heat somewhere in a sentence tells little ("the house has new heating and costs 450K"):
# between it and the number there are only words that say where a value stands.
_STANDS = (
    r"(?: of the \w{1,20}| of an? \w{1,20}| point| strength| density)?(?: ?[=≈~<>]|,? (?:of|to|at|is|was|are|were|from|between|and|or|below|above|near|under"
    r"|over|about|around|by|reach(?:es|ed)|only|just|exactly|down|up|then|roughly|approximately|nearly|\d[\d.]{0,6} ?[KT]))"
    r"{1,5} ?$"
)
_OF_HEAT = re.compile(
    r"(?:\b(?i:temperatures?|heated|cooled|heating|cooling|superconduct(?:s|ing)?|boil(?:s|ed|ing)|melt(?:s|ed|ing)|anneal(?:s|ed|ing)|freezes"
    r"|CMB|background|black-?body|(?:helium|nitrogen|hydrogen))"
    + _STANDS
    + r"|\bT(?:_?\w{1,4}|[₀-₉ₐ-ₜ])? ?[=≈<>~] ?$)"
)
_OF_MONEY = re.compile(
    r"\b(?i:prices?|costs?|markets?|salar(?:y|ies)|sales|spending|revenues?|bitcoin)\b"
)
"""They are said to be heated and to cool, too."""

_OF_PENCE = re.compile(
    r"£|\b(?i:costs?|prices?|priced|coins?|pence|penny|worth|pays?|paid|fines?|cheaper)\b"
)
_NO_PENCE = re.compile(
    r"\b(?i:orbitals?|electrons?|shells?|videos?|film(?:s|ed)?|movies?|frames?|fps|cameras?)\b"
)
_HOT = re.compile(
    r" (?:black-?body|black body|temperatures?|cryostat|(?<=\d{4}K )(?:bulbs?|lamps?|lights?|LEDs?|lighting))\b"
)
_OF_MAGNETS = re.compile(
    r"(?:\b(?i:magnet(?:s|ic)?|fields?|MRI|NMR|scann(?:ers?|ed)|flux)"
    + _STANDS
    + r"|\bB(?:_\w|[₀-₉])? ?[=≈] ?$)"
)
_MAGNETIC = re.compile(
    r"[ -](?:(?:\w{1,20} ){0,1}(?:magnets?|magnetic|fields?|MRIs?|NMR|scanners?))\b"
)
_ENDS_THERE = re.compile(
    r"(?:[,;:!?)\]]|\.(?! [a-z]))|$| (?:and|or|to|in|at|across|is|was|on|for|with|from|near|over|through|by|which|that|when|while|along|inside|are|were|gives?|gave|has|had)\b"
)
_OF_DATA = re.compile(
    r"(?i)\b(?:modems?|baud|bit|data (?:rate|link|line|stream)s?|line|link|channel|serial|UART|port|connection|network|transmi\w{1,8}|audio|codec|download|upload)\b"
)
_OF_GENES = re.compile(
    r"(?i)\b(?:[cr]?DNA|m?RNA|amplicons?|primers?|genomes?|genes?|PCR|inserts?|sequences?)\b"
)
_OF_INTEREST = re.compile(
    r"(?i)\b(?:rates?|yields?|spreads?|fed|ecb|basis|bonds?|treasur\w{1,4}|coupon|interest|hikes?|hiked|cuts?|libor|sofr|fees?|margins?)\b"
    r"|\b(?:by|rose|fell|widened|tightened|narrowed|gained|lost|added|climbed|dropped) \d[\d.]{0,8} ?bps\b|\bbps (?:wider?|tighter|higher|lower)\b"
)
"""Looked for after those of data: a modem has a rate, too."""


def _behind(match: re.Match[str]) -> str:
    return match.string[: match.start()]


def _kelvin(match: re.Match[str]) -> str:
    hot = _HOT.match(match.string, match.end()) or (
        _OF_HEAT.search(_behind(match)) and not _OF_MONEY.search(match.string)
    )
    return f"{match[1]} K" if hot else match.group()


def _tesla(match: re.Match[str]) -> str:
    stands = _OF_MAGNETS.search(_behind(match)) and _ENDS_THERE.match(match.string, match.end())
    magnetic = stands or _MAGNETIC.match(match.string, match.end())
    return f"{match[1]} tesla" if magnetic else match.group()


def _pence(match: re.Match[str]) -> str:
    of_money = _OF_PENCE.search(match.string) and not _NO_PENCE.search(match.string)
    return f"{match[1]} {'penny' if match[1] == '1' else 'pence'}" if of_money else match.group()


def _points(match: re.Match[str]) -> str:
    number = match[1]
    one = "" if number == "1" else "s"
    if _OF_GENES.search(match.string):
        return f"{number} base pair{one}"
    if not _OF_DATA.search(match.string) and _OF_INTEREST.search(match.string):
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
        "one tesla or another",
        r"(?<![\w.,$€£¥+-])(\d{1,2}(?:\.\d{1,2})?) ?T(/| or | and )(?=\d{1,2}(?:\.\d{1,2})? ?T[ -](?:\w{1,20} )?(?:magnet|field|MRI|NMR|scanner))",
        lambda m: f"{m[1]} tesla{' or ' if m[2] == '/' else m[2]}",
        "A 1.5T/3T scanner.",
    ),
    rule(
        "tesla behind a power of ten",
        r"(\b10(?:⁻?[⁰¹²³⁴-⁹]{1,2}|\^\{?[-−]?\d{1,2}\}?)|\d[eE][-−]?\d{1,2}) ?T(?![\w/·⋅^²³-]|['’]\w)",
        r"\1 tesla",
        "5×10⁻⁵ T: nothing else is counted by powers.",
    ),
    rule(
        "tesla",
        r"(?<![\w.,$€£¥+-])(\d{1,3}(?:\.\d{1,4})?)[ -]?T(?![\w/·⋅^²³-]|['’]\w|\.\w| (?:tokens?|param|dollars|rows|words)\w{0,8})",
        _tesla,
        "A field of 1.5 T.",
    ),
    rule(
        "pence",
        r"(?<![\w.,$€£¥+=/-])(\d{1,2})p(?![\w/=²³]| ?[+*=<>−·×]|['’]\w)",
        _pence,
        "A bag costs 10p; an electron is in 2p.",
    ),
    rule(
        "basis points",
        r"(?<![\w.,$-])(\d{1,5}(?:\.\d{1,2})?) ?bps\b",
        _points,
        "Rates rose by 25 bps; a line has bits per second.",
    ),
    rule(
        "compact discs",
        r"(?<=\d )cd(?=s?[ -](?:players?|sets?|packs?|copies|box|albums?|collections?|changers?|cases?|drives?|singles?|burners?)\b)",
        "CD",
        "5 cd players: no candelas.",
    ),
    rule(
        "step of a program",
        r"(?:^|(?<=\n)|(?<=[.!?:] ))\[(\d{1,5})/(\d{1,5})\](?=:? ?[A-Z]|$)",
        _told,
        "[1/3] Downloading: no fraction; before brackets go.",
    ),
    rule(
        "score with the number of a day",
        r"(?<![\w/.,-])9/11(?= (?:(?:were|are) (?:correct|right|wrong)|correct|passed|failed|answered)\b)"
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
