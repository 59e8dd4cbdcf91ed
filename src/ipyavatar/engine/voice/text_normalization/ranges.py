"""Ranges of quantities, and differences that look like ranges."""

# ruff: noqa: RUF001, SIM905 - patterns and lists of words are read in one piece

from __future__ import annotations

import re

from .numbers import NUMBER
from .rule import Rule, any_of, rule
from .units import UNITS

_DASH = r"\s?[-–—]\s?"
# Of one letter, only what is no scale and no plural: 10k-20k, 80s-90s.
_UNIT = any_of(unit for unit in UNITS if len(unit) > 1 or unit in "mgVWhL")
_TERM = r"\d{1,9}(?:\.\d{1,9})?"
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _difference(match: re.Match[str]) -> str:
    text = match.group()
    return text if _ISO_DATE.match(text) else re.sub(r"\s?[-−–]\s?", " minus ", text)


_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_BY_SHORT = {name[:3]: name for name in (*_DAYS, *_MONTHS)}
_DAY = r"(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs?)?|Fri|Sat(?:ur)?|Sun)(?:day)?"
_MONTH = "(?:" + "|".join(f"{name}|{name[:3]}" for name in _MONTHS) + "|Sept)"
_TIME = r"\d{1,2}(?::\d{2}(?:\s?[AaPp]\.?[Mm]\.?)?|\s?[AaPp]\.?[Mm]\.?)"


def _named(match: re.Match[str]) -> str:
    first, second = match.groups()
    return f"{_BY_SHORT[first[:3]]} to {_BY_SHORT[second[:3]]}"


def _in_a_row(match: re.Match[str]) -> str:
    return ", ".join(_BY_SHORT[name[:3]] for name in match.group().split("/"))


def _rising(match: re.Match[str]) -> str:
    low, high = match.groups()
    return f"{low} to {high}" if float(low) < float(high) else match.group()


ROWS: tuple[Rule, ...] = (
    rule(
        "days or months in a row",
        rf"(?<![\w/])(?:{_DAY}(?:/{_DAY}){{1,6}}|{_MONTH}(?:/{_MONTH}){{1,11}})(?![\w/])",
        _in_a_row,
        "Mon/Wed/Fri: no path; before addresses.",
    ),
)

RANGES: tuple[Rule, ...] = (
    rule(
        "time with a full stop",
        r"(?<![\w:.])(\d{1,2})\.([0-5]\d)"
        r"(?=(?:\s?(?:[-–—]|to)\s?\d{1,2}(?:[.:][0-5]\d)?)?\s?[AaPp]\.?[Mm]\b)",
        r"\1:\2",
        "12.30pm, as Britain writes it; before ranges of them.",
    ),
    rule(
        "range of days",
        rf"\b({_DAY})\.?{_DASH}({_DAY})\b(?![\w-])(?:\.(?=[,;)]))?",
        _named,
        "Mon-Fri: the names are said in full.",
    ),
    rule(
        "range of months",
        rf"\b({_MONTH})\.?[-–—]({_MONTH})\b(?![\w-])",
        _named,
        "Jan-Mar, likewise.",
    ),
    rule(
        "difference before an equals sign",
        rf"(?<![\w.,+*/−-])(?<!- ){_TERM}(?:\s?[-−–+]\s?{_TERM}){{1,6}}(?=\s?=|\sequals\b)",
        _difference,
        "5-3=2 is no range.",
    ),
    rule(
        "range in one unit",
        rf"(?<![\w.,])({NUMBER})(\s?(?:%|¢|°\s?[CFK]?|℃|℉|[AaPp]\.?[Mm]\.?|{_UNIT})){_DASH}({NUMBER})(\2)(?!\w)",
        r"\1 to \3\4",
        "The unit is said once; before it is said at all.",
    ),
    rule(
        "range in two units",
        rf"(?<![\w.,/])({NUMBER}\s?(?:{_UNIT})){_DASH}(?={NUMBER}\s?(?:{_UNIT})(?!\w))",
        r"\1 to ",
        "20 Hz–20 kHz: each has its own.",
    ),
    rule(
        "range of feet or inches",
        r"(?<![\w.,])(\d{1,3})(['′\"″])[-–](\d{1,3})(\2)(?!\w)",
        r"\1 to \3\4",
        "5'–6': the unit is said once.",
    ),
    rule(
        "range of times",
        rf"(?<![\w:.,-])({_TIME}){_DASH}(?=\d{{1,2}}(?::\d{{2}}(?![:\d])|\s?[AaPp]\.?[Mm]\b))",
        r"\1 to ",
        "9am-5pm, 8:30-17:00: each is a time by itself.",
    ),
    rule(
        "range of scaled numbers",
        rf"(?<![\w.,])({NUMBER}(?:[kKMBx]|bn))[-–—](?={NUMBER}(?:[kKMBx]|bn)\b)",
        r"\1 to ",
        "10k-20k: each has its own.",
    ),
    rule(
        "range of hours",
        r"(?<![\w:.,-])(\d{1,2}(?::\d{2})?)\s?[-–—]\s?(?=\d{1,2}(?::\d{2})?\s?[AaPp]\.?[Mm]\b)",
        r"\1 to ",
        "Before the second of them is said.",
    ),
    rule(
        "range with dots",
        r"(?<=\d)(?:\.{2,3}|…)(?=\d|[a-zN]\b|∞)",
        " to ",
        "5..10, 0..n; before decimals.",
    ),
    rule(
        "range of ordinals",
        r"(\d(?:st|nd|rd|th))\s?[-–—]\s?(?=\d{1,3}(?:st|nd|rd|th)\b)",
        r"\1 to ",
        "1st–3rd.",
    ),
    rule(
        "range of dates",
        rf"(\b{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?)\s?[-–—]\s?(?={_MONTH}\.? \d)",
        r"\1 to ",
        "Jan 1 – Feb 3.",
    ),
    rule(
        "range of days of months",
        rf"(\b\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}\b\.?)\s?[-–—]\s?"
        rf"(?=\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}\b)",
        r"\1 to ",
        "24 Dec. – 2 Jan.",
    ),
    rule(
        "range of powers",
        r"(?<=[⁰¹²³⁴-⁹])\s?[-–—]\s?(?=\d{1,4}(?:\.\d{1,4})?\s?[×x·]\s?10|10[⁻⁰¹²³⁴-⁹^])"
        r"|(?:(?<=10\^\d)|(?<=10\^-\d)|(?<=10\^\d\d))\s?[–—]\s?(?=10\^)",
        " to ",
        "10⁴–10⁶.",
    ),
    rule(
        "range of fractions",
        r"(?<![\w/.,-])(\d{1,2}/\d{1,2})[–—](?=\d{1,2}/\d{1,2}(?![\w/]|[.,]\d))",
        r"\1 to ",
        "1/2–3/4 inch.",
    ),
    rule(
        "range with a minus sign",
        rf"(?<![\w.,+*/=−-])(\d{{1,6}}(?:\.\d{{1,3}})?)\s?−\s?(?=\d{{1,6}}(?:\.\d{{1,3}})?\s?(?:%|°\s?[CF]|{_UNIT})(?![\w'’²³^]*\s?[=+*−]))(?!.*=)",
        r"\1 to ",
        "5−7 km/h, as some typeset a dash: one quantity has one unit.",
    ),
    rule(
        "range of equations",
        r"(?<=\d\))\s?[–—]\s?(?=\(\d{1,3}[a-z]?\))",
        " to ",
        "Eqs. (3)–(5).",
    ),
    rule("range without end", r"(?<=\d)\s?[-–—]\s?(?=∞)", " to ", "1–∞."),
    rule(
        "range from below zero",
        rf"(?<![\w.,)\]-])([-−]{_TERM})\s?–\s?(?=[-−]?\d)",
        r"\1 to ",
        "-5–5.",
    ),
    rule(
        "range with spaces",
        rf"(?<![\w.,+*/=−-])(?<![+*/=−-] )({_TERM}) - ({_TERM})"
        r"(?!\w|[.,]\d|\s?[=+*/^−-]| equals\b)",
        _rising,
        "5 - 10 people: a difference is no less than nothing.",
    ),
    rule(
        "range of names with a letter",
        r"(?<![\w-])([A-Z])(\d{1,3})[-–](\1)(\d{1,3})(?![\w-]|[.,]\d)",
        lambda m: f"{m[1]}{m[2]} to {m[3]}{m[4]}" if int(m[2]) < int(m[4]) else m.group(),
        "Figs. S1–S3, Q1-Q4.",
    ),
    rule(
        "range of panels",
        r"\b([Ff]igs?\.?|[Ff]igures?|[Pp]anels?) (\d{0,2} ?[a-h])[-–](?=[a-h](?![\w-]))",
        r"\1 \2 to ",
        "Fig. 2a–c.",
    ),
    rule(
        "range of letters",
        r"(?<![\w-])(A)–([C-Z])(?![\w-])|(?<![\w-])([Aa])-([Zz])(?![\w-])",
        r"\1\3 to \2\4",
        "A–F, A-Z; other letters are joined: the C–H bond.",
    ),
)
