r"""Quantities of LaTeX's siunitx as plain text: "\qty{9.81}{\metre\per\second\squared}" is "9.81 m/s²"."""

# ruff: noqa: E501, RUF001 - patterns are read in one piece; micro and omega

from __future__ import annotations

import re

from .characters import RAISED

_PREFIXES = {
    "femto": "f", "pico": "p", "nano": "n", "micro": "µ", "milli": "m", "centi": "c", "deci": "d",
    "hecto": "h", "kilo": "k", "mega": "M", "giga": "G", "tera": "T", "peta": "P",
}  # fmt: skip
_UNITS = {
    "metre": "m", "meter": "m", "gram": "g", "kilogram": "kg", "second": "s", "ampere": "A", "kelvin": "K", "mole": "mol",
    "candela": "cd", "hertz": "Hz", "newton": "N", "pascal": "Pa", "joule": "J", "watt": "W", "volt": "V",
    "ohm": "Ω", "farad": "farads", "henry": "henries", "tesla": "tesla", "weber": "webers", "coulomb": "coulombs", "siemens": "siemens",
    "becquerel": "Bq", "gray": "Gy", "sievert": "Sv", "lumen": "lm", "lux": "lx", "litre": "L", "liter": "L",
    "hour": "h", "minute": "min", "day": "days", "tonne": "tonnes", "hectare": "ha", "bar": "bar",
    "electronvolt": "eV", "decibel": "dB", "celsius": "°C", "degreeCelsius": "°C", "degree": "°",
    "percent": "%", "radian": "rad", "angstrom": "Å", "dalton": "Da", "byte": "B", "bit": "bits",
}  # fmt: skip
_RAISED = {"square": "²", "cubic": "³", "squared": "²", "cubed": "³"}
_ARG = r"\s?\{((?:[^{}\n]|\{[^{}\n]{0,10}\}){0,80})\}"
_OPTIONS = r"(?:\[[^\[\]\n]{0,80}\])?"
_COMMAND = re.compile(
    rf"\\(?:(SI|qty){_OPTIONS}{_ARG}{_ARG}|(SIrange|qtyrange){_OPTIONS}{_ARG}{_ARG}{_ARG}|(si|unit|num|ang|numlist){_OPTIONS}{_ARG}"
    rf"|(numrange){_OPTIONS}{_ARG}{_ARG})"
)
_PART = re.compile(r"\\([A-Za-z]+)|\^\{?(-?\d)\}?|[A-Za-zµμΩ°%]+|[^\\^]")
_TYPED_TEN = re.compile(r"[eE]([+-]?)(\d{1,3})$")


def plain_quantities(text: str) -> str:
    """`text` with its quantities as people write them; a command that is left open stays."""
    return _COMMAND.sub(_plain, text) if "\\" in text else text


def _plain(match: re.Match[str]) -> str:  # noqa: PLR0911 - a way out for each command
    (one, number, unit, two, low, high, of_both, name, only, between, first, last) = match.groups()
    if one:
        return _with_unit(_number(number), _unit(unit))
    if two:
        return f"{_number(low)}–{_with_unit(_number(high), _unit(of_both))}"
    if between:
        return f"{_number(first)}–{_number(last)}"
    if name in ("si", "unit"):
        return _unit(only)
    if name == "ang":
        signs = zip(only.split(";"), "°′″", strict=False)
        return "".join(f"{part.strip()}{sign}" for part, sign in signs if part.strip())
    if name == "numlist":
        return ", ".join(map(_number, only.split(";")))
    return _number(only)


def _number(text: str) -> str:
    bare = text.replace("\\pm", "±").replace("+-", "±").replace(" ", "")
    bare = _TYPED_TEN.sub(
        lambda m: f" × 10{(m[1].strip('+') + m[2].lstrip('0')).translate(RAISED)}", bare
    )
    return re.sub(r"^\.(?=\d)", "0.", bare.replace("x", " × ").replace("±", " ± "))


def _with_unit(number: str, unit: str) -> str:
    return f"{number}{'' if unit[:1] in ('°', '%') and unit != '°C' else ' '}{unit}".strip()


def _unit(text: str) -> str:
    """Each unit with its prefix and its power, and a slash before what they are counted by."""
    above: list[str] = []
    below: list[str] = []
    prefix, raised, under = "", "", False
    written = above
    for part in _PART.finditer(text):
        name, power = part.groups()
        char = part.group()
        if power:
            _raise(written, power.translate(RAISED))
        elif char == "/" or name == "per":
            under = True
        elif name in ("squared", "cubed"):
            _raise(written, _RAISED[name])
        elif name in _RAISED:
            raised = _RAISED[name]
        elif name in _PREFIXES:
            prefix = name
        elif name or char.isalpha() or char in "°%":
            written = below if under else above
            symbol = _UNITS.get(name, name) if name else char
            shown = prefix if len(symbol) > 4 else _PREFIXES.get(prefix, "")
            written.append(shown + symbol + raised)
            prefix, raised, under = "", "", False
    return _divided("·".join(above).replace("W·h", "Wh").replace("A·h", "Ah"), below)


def _raise(units: list[str], power: str) -> None:
    if units:
        units[-1] += power


def _divided(above: str, below: list[str]) -> str:
    if not below:
        return above
    if not above:
        return " ".join(
            f"{unit}⁻¹" if unit[-1].isalpha() else unit.translate(_NEGATIVE) for unit in below
        )
    return f"{above}/{below[0]}" if len(below) == 1 else f"{above}/({'·'.join(below)})"


_NEGATIVE = {ord("²"): "⁻²", ord("³"): "⁻³"}
