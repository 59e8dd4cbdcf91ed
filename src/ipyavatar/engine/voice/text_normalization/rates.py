"""Rates, doses and durations that the rules of single quantities would take apart."""

# ruff: noqa: E501, RUF001 - patterns are read in one piece

from __future__ import annotations

import re

from .money import CURRENCIES
from .quantities import say_reciprocals
from .rule import Rule, any_of, rule
from .units import PER, PERIODS, POWER, UNIT, UNITS, say_per

_MINUTES = r"min(?:s|utes?)?"
_HOURS = r"h(?:rs?|ours?)?"


def _lasting(match: re.Match[str]) -> str:
    """Hours, minutes, seconds by the unit after them; which of two numbers is which, too."""
    first, second, third, fraction, unit = match.groups()
    names = ["hour", "minute", "second"][0 if third or unit[0] == "h" else 1 :]
    parts = [part for part in (first, second, third) if part]
    parts[-1] += fraction or ""
    said = [
        f"{value} {name}{'' if value == '1' else 's'}"
        for part, name in zip(parts, names, strict=False)
        if (value := part.lstrip("0") or "0") != "0"
    ]
    return " ".join([*said[:-1], "and", said[-1]] if len(said) > 1 else said) or "0 seconds"


_DATA = frozenset(("kB", "KB", "MB", "GB", "TB", "PB", "MiB", "GiB", "TiB"))
_ALIKE = frozenset(
    frozenset(pair.split())
    for pair in ("m ft", "cm ft", "cm in", "mm in", "km mi", "kg lb", "kg lbs", "°C °F", "mph km/h")
)
"""Two units of one quantity, as two countries write it."""
_WHOLES = frozenset(("1", "100", "1000"))
"""Below a slash, these are what a share is of."""


def _or_of_quantities(match: re.Match[str]) -> str:
    """Of the same unit, no rate but a choice; 20 g/100 g is a share."""
    number, second, rate = match[4], match[5], match[6]
    first, second = match[2] + match[3], second + rate
    same = first == second and number not in _WHOLES
    if same or {first, second} <= _DATA or frozenset((first, second)) in _ALIKE:
        return f"{match[1]}{first} or "
    return match.group()


RATES: tuple[Rule, ...] = (
    rule(
        "duration",
        rf"(?<![\w:.,])(\d{{1,2}}):([0-5]\d)(?::([0-5]\d))?(\.\d{{1,3}})?\s?({_HOURS}|{_MINUTES})\b",
        _lasting,
        "2:30 min is no time of the day.",
    ),
    rule(
        "fuel",
        r"(?:(?<=\d)\s?|\b)[lL]/100\s?km\b",
        " liters per 100 kilometers",
        "8 L/100 km: the number below is said.",
    ),
    rule(
        "currency per unit",
        rf"(?<![\w/])([$€£¢])/({PER})({POWER})?(?![\w/])",
        lambda m: ("cents" if m[1] == "¢" else CURRENCIES[m[1]][1]) + say_per(m[2], m[3]),
        "€/kWh.",
    ),
    rule(
        "reciprocals of a bare unit",
        rf"(?<![\w.,/^])(?<!\d )({UNIT})((?:[ ·⋅](?:{PER})⁻[¹²³]){{1,4}})(?![\w/])",
        lambda m: UNITS[m[1]][1] + say_reciprocals(m[2]),
        "In W m⁻² K⁻¹: behind a number there may be one of them.",
    ),
    rule(
        "times per period",
        rf"(?<=\d) ?[×x] ?/ ?({any_of(p for p in PERIODS if len(p) > 2)})(?![\w/])",
        lambda m: f" times{say_per(m[1], None)}",
        "2×/day.",
    ),
    rule(
        "so many doses",
        r"(?<![\w.,])(\d{1,2}) ?[x×] ?(?=\d[\d.,]{0,8} ?(?:mg|g|µg|μg|mcg|kg|mL|ml|L|W|kW|MB|GB|TB|tablets?|capsules?)\b)",
        r"\1 times ",
        "2 x 500 mg has no sides.",
    ),
    rule(
        "choice of quantities",
        rf"(?<=\d)( ?)({UNIT}|°[CF]|mph)((?:/(?:{PER}))?)/(?=(\d+(?:\.\d+)?) ?({UNIT}|°[CF]|mph)((?:/(?:{PER}))?)(?![\w/]))",
        _or_of_quantities,
        "5 V/12 V, 64 GB/1 TB, 20 °C/68 °F: before amounts below a slash.",
    ),
    rule(
        "per an amount",
        rf"(?<=\d) ?({UNIT})(?:/({PER}))?/(?=\d+(?:\.\d+)? ?(?:{UNIT})(?![A-Za-z/]))",
        lambda m: f" {UNITS[m[1]][1]}{say_per(m[2], None)} per ",
        "60 kcal/100 g, mL/min/1.73 m².",
    ),
)
"""Before quantities: of these, a part alone would be one."""
