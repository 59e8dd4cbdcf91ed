"""Quotients and differences of letters: derivatives, the formulas of physics, slopes, factorials."""

# ruff: noqa: E501, RUF001 - patterns are read in one piece

from __future__ import annotations

import re
import unicodedata

from .formulas import fraction
from .numbers import NUMBER, cardinal
from .rule import Rule, any_of, rule
from .units import PER, PERIODS, POWER, UNIT, UNITS, say_per, say_power

_LETTER = "[A-Za-zα-ωΑ-Ω]"
_INDEX = r"(?:_?\d|[₀-₉])"
_OF_NO_ROW = frozenset("rtuvxyzVαβγθλμρσφω")
"""Letters whose differences are written without gaps; with others, A4-A3 is a range or a move."""
_UNITS_OF_LETTERS = "m/s|J/K|W/K|N/m|V/m|A/m|C/m|J/s|W/m|g/L|m/m"
"""Rates that look like quotients of two quantities."""
_BELOW = {name: one for name, (one, _) in UNITS.items() if name not in PERIODS} | PERIODS
_RAISED = str.maketrans("-−123", "⁻⁻¹²³")


def _difference(match: re.Match[str]) -> str:
    """Of the same letter a row may be meant, where the numbers rise: Q1 - Q4."""
    first, index, gap, second, other = match.groups()
    low, high = (int(unicodedata.normalize("NFKC", text.lstrip("_"))) for text in (index, other))
    rises = first == second and low < high and not (gap and first.islower())
    string, end = match.string, match.end()
    alone = not (
        string[: match.start()].endswith(("(", "=", "/", "= ")) or string[end : end + 1] == "/"
    )
    if not gap and alone and not {first, second} <= _OF_NO_ROW:
        return match.group()
    if rises or (first != second and not (gap and first.islower() and second.islower())):
        return match.group()
    return f"{first}{chr(0x2080 + low)} minus {second}{chr(0x2080 + high)}"  # V2 is no version


def _letters_over(match: re.Match[str]) -> str:
    above, below = match.groups()
    return f"{' '.join(above) if above.isalpha() else above} over {below}"


def _rate_of_product(match: re.Match[str]) -> str:
    """Of a bare unit there are many; behind a number it is counted as any other is."""
    number, unit, first, first_power, second, second_power = match.groups()
    said = UNITS[unit][0 if number == "1" else 1] + say_per(first, first_power)
    last = f"{_BELOW[second]}{say_power(second_power)}"
    return f"{number or ''} {said} {last}".strip()


def _raised(match: re.Match[str]) -> str:
    return re.sub(r"\^\{?([-−]?[123])\}?", lambda power: power[1].translate(_RAISED), match.group())


QUOTIENTS: tuple[Rule, ...] = (
    rule(
        "derivative in capitals",
        rf"(?<![\w/])d([A-ZΑ-Ω]|{_LETTER}[₀-₉])/d({_LETTER})(?![\w/])",
        r"d \1 over d \2",
        "dV/dt: of small letters all are quotients.",
    ),
    rule(
        "quotient of differences",
        rf"(?<![\w/])([Δ∆]{_LETTER}{{1,2}}[₀-₉]?)/(?=[Δ∆]?{_LETTER}(?![A-Za-z/]))",
        r"\1 over ",
        "Δx/Δt.",
    ),
    rule(
        "quotient of quantities",
        rf"(?:(?<=\b\w = )|(?<=√\())(?!(?:{_UNITS_OF_LETTERS})(?!\w))({_LETTER}{{1,2}}[₀-₉]?|\d{{1,3}})/({_LETTER}[₀-₉]?)(?![\w/'’(])",
        _letters_over,
        "ρ = m/V has no volts, and I = V/R is no pair.",
    ),
    rule(
        "score with an exclamation",
        r"(?<![\w.])(\d{1,3})!{1,3}/(?=(?:5|10|100) (?:rating|score|stars?|review|points|for|from|by|would)\b)",
        r"\1/",
        "5!/10 rating: nothing is a factorial.",
    ),
    rule(
        "over a factorial",
        r"(?<![\w.])([nkmrN]|\d{1,3})!/(?=[\w(])",
        r"\1! over ",
        "n!/2: before an exclamation.",
    ),
    rule(
        "factorial times another",
        r"(?<=[nkmrN]!)(?=\(\w{1,2}\s?[-−+]\s?\w{1,2}\)!)",
        " times ",
        "k!(n-k)!.",
    ),
    rule(
        "difference of indexed letters",
        rf"(?<![\w.-])({_LETTER})({_INDEX})(\s?)[-−–]\3({_LETTER})({_INDEX})(?![\w-]|\.\w)",
        _difference,
        "(y2 - y1)/(x2 - x1): a hyphen is silent, a minus is not.",
    ),
    rule(
        "square over",
        r"(?<![A-Za-zα-ω])([a-ln-rt-zα-ω][²³])/(?=[\d(α-ω]|[a-z][²³]?(?![\w'’]))",
        r"\1 over ",
        "x²/2; m²/s is a rate.",
    ),
    rule(
        "factors behind a fraction",
        r"(?<![\w.⁄])(\d{1,2})⁄(\d{1,2}) ([a-zA-Z]) (?=[a-zA-Z](?:[²³]|[₀-₉])?(?![\w'’.]))",
        lambda m: f"{fraction(int(m[1]), int(m[2]))} {m[3]} ",
        "1⁄2 m v² has no meters.",
    ),
    rule(
        "factors behind a number",
        r"(?<![eE][+-])(?:(?:(?<=[(√=+−-])|(?<=[=+−-] ))|(?<![\w.,/^])(?=\d{1,3} [a-zA-Z] [a-zA-Z] [b-hj-wyz]\b))"
        r"(\d{1,3}) ?([a-zA-Z]) (?=[b-hj-wyz](?![\w'’./²³]))",
        lambda m: f"{cardinal(int(m[1]))} {m[2]} ",
        "√(2 g h) has no grams.",
    ),
    rule(
        "typed powers of units",
        rf"(?<=\d )(?=[A-Za-zµμ^ 0-9·⋅]{{0,20}}\^\{{?[-−])(?:(?:{PER})(?:\^\{{?[-−]?[123]\}}?)?(?:[ ·⋅](?=\S)|(?![\w^]))){{1,5}}",
        _raised,
        "9.81 m s^-2, as m s⁻²; before powers.",
    ),
    rule(
        "rate below a rate",
        rf"(?<=\d)(\s?(?:{UNIT})/(?:{PER}))/({any_of(unit for unit in _BELOW if len(unit) > 1 or unit in 'Km')})(?![\w/])",
        lambda m: f"{m[1]} per {_BELOW[m[2]]}",
        "8.3 J/mol/K: no path.",
    ),
    rule(
        "degrees per something",
        rf"(?<=\d)(\s?°\s?[CF])/({PER})(?![\w/])",
        lambda m: f"{m[1]}{say_per(m[2], None)}",
        "10 °C/km.",
    ),
    rule(
        "degrees of an angle per something",
        r"(?<=\d)\s?°\s?/\s?(s|min|h|m|km|mm|cm|d|day|year|yr)(?![\w/])",
        lambda m: f" degrees{say_per(m[1], None)}",
        "5 °/s.",
    ),
    rule(
        "product of units with a gap or a star",
        r"(?<=\d)(\s?)(?:(?=kg.m|N.m|g.m|[NJVA].s|Pa.s|k?W.h|A.h))(kg|N|Pa|J|kW|W|A|V|g)( |\*)(m|s|h)(?=/|²|\^|[,.;)](?:\s|$)|$)",
        lambda m: f"{m[1]}{m[2]}·{m[4]}",
        "5 kg m/s, 5 kg*m/s^2: no factors.",
    ),
    rule(
        "rate below a power",
        r"(?<=[A-Za-z])/m(?:²|2|\^2)K\b",
        "/(m²·K)",
        "W/m²K.",
    ),
    rule(
        "something per degree",
        r"(?<=[A-Za-zΩ])/°\s?([CF])\b",
        lambda m: f" per degree {'Celsius' if m[1] == 'C' else 'Fahrenheit'}",
        "W/°C.",
    ),
    rule(
        "price of a rate",
        rf"([$€£]\d[\d.,]*)/({PER})/({any_of(p for p in PERIODS if len(p) > 1)})(?![\w/])",
        lambda m: f"{m[1]}{say_per(m[2], None)}{say_per(m[3], None)}",
        "$5/GB/month is no path.",
    ),
    rule(
        "ions beside each other",
        r"(?<=[A-Za-z\d²³][+⁺])/(?=(?:Na|K|Ca|Mg|H|Cl|Li|NH4|NH₄)[\d²³]?[+⁺⁻-])",
        " ",
        "Na+/K+: nothing is divided.",
    ),
    rule(
        "groups of a molecule",
        r"(?<![\w-])(?:(?:CH[23]?|OH|NH2?|COOH|C|O|N)-){1,8}(?:CH[23]?|OH|NH2|COOH|CHO)(?![\w-])",
        lambda m: m.group().replace("-", " "),
        "CH3-CH2-OH.",
    ),
    rule(
        "bond",
        r"(?<![\w=])([CNOSP])(=|≡)([CNOSP])(?![\w=(])",
        lambda m: f"{m[1]} {'double' if m[2] == '=' else 'triple'} bond {m[3]}",
        "C=O and C≡N are no equations.",
    ),
    rule(
        "rate below a product",
        rf"(?:(?<![\w.,])({NUMBER})\s?|(?<![\w./]))({UNIT})/\(({PER})({POWER})?[·⋅*]({PER})({POWER})?\)",
        _rate_of_product,
        "W/(m²·K), also by itself.",
    ),
)
"""Before paths, pairs and units: these take a quotient apart."""
