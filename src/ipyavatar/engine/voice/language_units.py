"""Units, powers and the indices of molecules for voices that are not ours: data, and rules.

They read "km²" as letters. The rules are one for all; words and their order
are each language's own.
"""

# ruff: noqa: RUF001 - letters and signs of many languages

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Units:
    """How one language says them.

    Attributes:
        square: "km²", with `{}` for the unit; Romance languages put it behind.
        cubic: Likewise.
        per: The word for the slash; after a bar the one before squares and cubes.
        power: Base and exponent.
        minus: Before a number.
        names: Of units; after a bar the word for one, where it is another.
        alone: Whether they are spelled, too, where only a number is before them: "5 kg".
    """

    square: str
    cubic: str
    per: str
    power: str
    minus: str
    names: Mapping[str, str]
    alone: bool = False


def _names(text: str) -> Mapping[str, str]:
    """`"km: kilómetros|kilómetro, ..."` as a mapping."""
    return dict(part.strip().split(": ", 1) for part in text.split(","))


_ENGLISH = Units(
    "square {}", "cubic {}", "per", "{} to the power of {}", "minus",
    _names("mm: millimeters|millimeter, cm: centimeters|centimeter, dm: decimeters|decimeter,"
           " m: meters|meter, km: kilometers|kilometer, l: liters|liter, g: grams|gram,"
           " kg: kilograms|kilogram, s: seconds|second, min: minutes|minute, h: hours|hour,"
           " W: watts|watt, kW: kilowatts|kilowatt, N: newtons|newton, J: joules|joule,"
           " mol: moles|mole"),
)  # fmt: skip
_GERMAN = Units(
    "Quadrat{}", "Kubik{}", "pro", "{} hoch {}", "minus",
    _names("mm: Millimeter, cm: Zentimeter, dm: Dezimeter, m: Meter, km: Kilometer, l: Liter,"
           " g: Gramm, kg: Kilogramm, s: Sekunden|Sekunde, min: Minuten|Minute,"
           " h: Stunden|Stunde, W: Watt, kW: Kilowatt, N: Newton, J: Joule, mol: Mol,"
           " mg: Milligramm, ml: Milliliter, cl: Zentiliter, dl: Deziliter, ms: Millisekunden,"
           " kWh: Kilowattstunden|Kilowattstunde, GB: Gigabyte, MB: Megabyte, kB: Kilobyte,"
           " KB: Kilobyte, TB: Terabyte, Hz: Hertz, kHz: Kilohertz, MHz: Megahertz,"
           " GHz: Gigahertz, V: Volt, ha: Hektar, kcal: Kilokalorien, dB: Dezibel"),
    alone=True,
)  # fmt: skip
_FRENCH = Units(
    "{} carrés|{} carré", "{} cubes|{} cube", "par", "{} puissance {}", "moins",
    _names("mm: millimètres|millimètre, cm: centimètres|centimètre, dm: décimètres|décimètre,"
           " m: mètres|mètre, km: kilomètres|kilomètre, l: litres|litre, g: grammes|gramme,"
           " kg: kilogrammes|kilogramme, s: secondes|seconde, min: minutes|minute,"
           " h: heures|heure, W: watts|watt, kW: kilowatts|kilowatt, N: newtons|newton,"
           " J: joules|joule, mol: moles|mole"),
)  # fmt: skip
_SPANISH = Units(
    "{} cuadrados|{} cuadrado", "{} cúbicos|{} cúbico", "por", "{} elevado a {}", "menos",
    _names("mm: milímetros|milímetro, cm: centímetros|centímetro, dm: decímetros|decímetro,"
           " m: metros|metro, km: kilómetros|kilómetro, l: litros|litro, g: gramos|gramo,"
           " kg: kilogramos|kilogramo, s: segundos|segundo, min: minutos|minuto,"
           " h: horas|hora, W: vatios|vatio, kW: kilovatios|kilovatio, N: newtons|newton,"
           " J: julios|julio, mol: moles|mol"),
)  # fmt: skip
_ITALIAN = Units(
    "{} quadrati|{} quadrato", "{} cubi|{} cubo", "per", "{} alla {}", "meno",
    _names("mm: millimetri|millimetro, cm: centimetri|centimetro, dm: decimetri|decimetro,"
           " m: metri|metro, km: chilometri|chilometro, l: litri|litro, g: grammi|grammo,"
           " kg: chilogrammi|chilogrammo, s: secondi|secondo, min: minuti|minuto,"
           " h: ore|ora, W: watt, kW: chilowatt, N: newton, J: joule, mol: moli|mole"),
)  # fmt: skip
_PORTUGUESE = Units(
    "{} quadrados|{} quadrado", "{} cúbicos|{} cúbico", "por", "{} elevado a {}", "menos",
    _names("mm: milímetros|milímetro, cm: centímetros|centímetro, dm: decímetros|decímetro,"
           " m: metros|metro, km: quilômetros|quilômetro, l: litros|litro, g: gramas|grama,"
           " kg: quilogramas|quilograma, s: segundos|segundo, min: minutos|minuto,"
           " h: horas|hora, W: watts|watt, kW: quilowatts|quilowatt, N: newtons|newton,"
           " J: joules|joule, mol: mols|mol"),
)  # fmt: skip
_DUTCH = Units(
    "vierkante {}", "kubieke {}", "per", "{} tot de macht {}", "min",
    _names("mm: millimeter, cm: centimeter, dm: decimeter, m: meter, km: kilometer, l: liter,"
           " g: gram, kg: kilogram, s: seconden|seconde, min: minuten|minuut, h: uur, W: watt,"
           " kW: kilowatt, N: newton, J: joule, mol: mol"),
)  # fmt: skip
_RUSSIAN = Units(
    "квадратных {}|квадратный {}", "кубических {}|кубический {}", "в|на", "{} в степени {}",
    "минус",
    _names("мм: миллиметров|миллиметр, см: сантиметров|сантиметр, м: метров|метр,"
           " км: километров|километр, л: литров|литр, г: граммов|грамм,"
           " кг: килограммов|килограмм, с: секунд|секунду, мин: минут|минуту, ч: часов|час,"
           " mm: миллиметров|миллиметр, cm: сантиметров|сантиметр, m: метров|метр,"
           " km: километров|километр, l: литров|литр, g: граммов|грамм,"
           " kg: килограммов|килограмм, s: секунд|секунду, min: минут|минуту, h: часов|час"),
)  # fmt: skip
_CHINESE = Units(
    "平方{}", "立方{}", "每", "{} 的 {} 次方", "负",
    _names("mm: 毫米, cm: 厘米, dm: 分米, m: 米, km: 公里, l: 升, g: 克, kg: 公斤, s: 秒,"
           " min: 分钟, h: 小时, W: 瓦, kW: 千瓦, N: 牛顿, J: 焦耳, mol: 摩尔"),
)  # fmt: skip
_JAPANESE = Units(
    "平方{}", "立方{}", "毎", "{} の {} 乗", "マイナス",
    _names("mm: ミリメートル, cm: センチメートル, dm: デシメートル, m: メートル,"
           " km: キロメートル, l: リットル, g: グラム, kg: キログラム, s: 秒, min: 分, h: 時,"
           " W: ワット, kW: キロワット, N: ニュートン, J: ジュール, mol: モル"),
)  # fmt: skip

UNITS: Mapping[str, Units] = {
    "en": _ENGLISH, "de": _GERMAN, "fr": _FRENCH, "es": _SPANISH, "it": _ITALIAN, "pt": _PORTUGUESE,
    "nl": _DUTCH, "ru": _RUSSIAN, "zh": _CHINESE, "cmn": _CHINESE, "yue": _CHINESE,
    "ja": _JAPANESE,
}  # fmt: skip

_HIGH = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"
_LOW = "₀₁₂₃₄₅₆₇₈₉"
_PLAIN = str.maketrans(_HIGH + _LOW, "0123456789+-0123456789")

_NO_CHARGES = str.maketrans("⁺⁻", "  ")

_POWER = re.compile(rf"(?<![^\W\d_]{{3}})(\d[\d.,]*|[^\W\d_]|\))([⁺⁻]?[{_HIGH[:10]}]+)")
_RAISED = re.compile(rf"([⁺⁻]?[{_HIGH[:10]}]+)")
# Letters of elements, each with how many there are, in round brackets or not.
_MOLECULE = re.compile(rf"(?<!\w)(?=[A-Z(\d])(?:[A-Z][a-z]?[{_LOW}]*|[()][{_LOW}]*)+(?![a-z])")


def read_units(text: str, base: str) -> str:
    """`text` with powers, indices, and units that have one of them, in words."""
    text = _MOLECULE.sub(_spell_molecule, text)
    text = re.sub(rf"[{_LOW}]+", lambda m: f" {m.group().translate(_PLAIN)} ", text)
    known = UNITS.get(base)
    if known is not None:
        text = _unit_pattern(base).sub(lambda m: _say_unit(known, m), text)
        text = _price_pattern(base).sub(lambda m: _say_price(known, m), text)
        text = _POWER.sub(lambda m: _say_power(known, m), text)
    text = _RAISED.sub(lambda m: f" {m.group().translate(_PLAIN)} ", text)
    return text.translate(_NO_CHARGES)


def _spell_molecule(found: re.Match[str]) -> str:
    """`CO₂` letter by letter; what has no index is no molecule for sure."""
    written = found.group()
    if not any(char in _LOW for char in written):
        return written
    parts = re.findall(rf"[A-Z][a-z]?|[{_LOW}]+", written)
    return " ".join(part.translate(_PLAIN) for part in parts)


@functools.cache
def _unit_pattern(base: str) -> re.Pattern[str]:
    """A unit that has a power, or is divided by another; a number may be before it."""
    names = "|".join(sorted(map(re.escape, UNITS[base].names), key=len, reverse=True))
    return re.compile(
        rf"(?:(?<![\w.,])(?P<number>\d[\d.,]*)[ \u00a0\u202f]?|(?<![\w./]))"
        rf"(?P<unit>{names})(?P<power>[²³]?)"
        rf"(?:/(?P<below>{names})(?P<below_power>[²³]?))?(?![\w/²³⁴⁻])"
    )


def _say_unit(units: Units, found: re.Match[str]) -> str:
    number, below = found["number"], found["below"]
    powers = found["power"] or found["below_power"]
    if not (powers or (number and (below or units.alone))):
        return found.group()
    said = _one_unit(units, found["unit"], found["power"], single=number == "1")
    if below:
        power = found["below_power"]
        per = units.per.split("|")[-1 if power else 0]
        said = f"{said} {per} {_one_unit(units, below, power, single=True)}"
    return f"{number} {said}" if number else said


@functools.cache
def _price_pattern(base: str) -> re.Pattern[str]:
    """The slash of a price, and what is sold: "5 €/kg"."""
    names = "|".join(sorted(map(re.escape, UNITS[base].names), key=len, reverse=True))
    return re.compile(rf"(?<=[€£$¥₽])\s?/\s?({names})(²|³|)(?![\w/²³⁴⁻])")


def _say_price(units: Units, found: re.Match[str]) -> str:
    per = units.per.split("|")[-1 if found[2] else 0]
    return f" {per} {_one_unit(units, found[1], found[2], single=True)}"


def _one_unit(units: Units, unit: str, power: str, *, single: bool) -> str:
    name = units.names[unit].split("|")[-1 if single else 0]
    if not power:
        return name
    form = (units.square if power == "²" else units.cubic).split("|")[-1 if single else 0]
    return form.format(name.lower() if form[0].isupper() else name)


def _say_power(units: Units, found: re.Match[str]) -> str:
    exponent = found[2].translate(_PLAIN).replace("+", "").replace("-", f"{units.minus} ")
    return f"{units.power.format(found[1], exponent)} "
