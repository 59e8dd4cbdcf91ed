"""Rates and doses that the rules of single quantities would take apart."""

# ruff: noqa: E501, RUF001 - patterns are read in one piece

from __future__ import annotations

from .quantities import CURRENCIES, PER, POWER, UNIT, say_per
from .rule import Rule, any_of, rule
from .units import PERIODS, UNITS

RATES: tuple[Rule, ...] = (
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
        "per an amount",
        rf"(?<=\d) ?({UNIT})(?:/({PER}))?/(?=\d+(?:\.\d+)? ?(?:{UNIT})(?![A-Za-z/]))",
        lambda m: f" {UNITS[m[1]][1]}{say_per(m[2], None)} per ",
        "60 kcal/100 g, mL/min/1.73 m².",
    ),
)
"""Before quantities: of these, a part alone would be one."""
