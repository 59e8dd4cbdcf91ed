"""Units after a power of ten: "10⁻³ mol", "10²³ mol⁻¹"."""

from __future__ import annotations

import re

from .quantities import say_reciprocals
from .rule import Rule, rule
from .units import PER, POWER, UNIT, UNITS, say_per, say_power

_TYPED_TEN = r"(?<![\w.])(\d+(?:\.\d+)?[eE][+-]?\d{1,3}\s)"
_TEN = r"(?<![\w.])(10[⁺⁻]?[⁰¹²³⁴-⁹]+\s)"


def _after_power(match: re.Match[str]) -> str:
    """A thousandth of a mole is less than one."""
    minus, unit, second, below, power = match.groups()
    end = 0 if minus == "⁻" else 1
    words = UNITS[unit][end] if second is None else f"{UNITS[unit][0]} {UNITS[second][end]}"
    return f"{match.group()[: match.start(2) - match.start()]}{words}{say_per(below, power)}"


def _typed(match: re.Match[str]) -> str:
    number, unit, power, below, below_power = match.groups()
    one, many = UNITS[unit]
    return (
        f"{number}{one if '-' in number else many}{say_power(power)}{say_per(below, below_power)}"
    )


def _product(match: re.Match[str]) -> str:
    ten, first, second, power, below, below_power = match.groups()
    word = f"{UNITS[first][0]} {UNITS[second][1]}{say_power(power)}"
    return f"{ten}{word}{say_per(below, below_power)}"


def _reciprocal(match: re.Match[str]) -> str:
    ten, typed, unit, below = match.groups()
    said = UNITS[unit][1] if unit else ""
    return f"{ten or typed}{(said + say_reciprocals(below)).strip()}"


AFTER_TENS: tuple[Rule, ...] = (
    rule(
        "reciprocal units after a power",
        rf"(?:{_TEN}|{_TYPED_TEN})(?:({UNIT})(?=[ ·⋅]))?"
        rf"((?:[ ·⋅]?(?:{PER})⁻[¹²³]){{1,4}})(?![\w/])",
        _reciprocal,
        "10²³ mol⁻¹, 6e23 mol⁻¹.",
    ),
    rule(
        "unit after a typed power",
        rf"(?<![\w.])(\d+(?:\.\d+)?[eE][+-]?\d{{1,3}}\s)({UNIT})({POWER})?(?:/({PER})({POWER})?)?(?![\w/·⋅])",
        _typed,
        "5e-3 V.",
    ),
    rule(
        "product of units after a typed power",
        rf"{_TYPED_TEN}({UNIT})[·⋅]({UNIT})({POWER})?(?:/({PER})({POWER})?)?(?![\w/·⋅])",
        _product,
        "6.6e-34 J·s.",
    ),
    rule(
        "product of units after a power",
        rf"{_TEN}({UNIT})[·⋅]({UNIT})(?=²|³|\^|/)({POWER})?(?:/({PER})({POWER})?)?(?![\w/·⋅])",
        _product,
        "10⁻¹¹ N·m²/kg².",
    ),
    rule(
        "unit after a power",
        rf"(?<![\w.])10([⁺⁻]?)[⁰¹²³⁴-⁹]+\s({UNIT})(?:[·⋅]({UNIT}))?(?:/({PER})({POWER})?)?(?![\w/·⋅])",
        _after_power,
        "10⁻³ mol.",
    ),
)
