"""Quantities: units, temperatures, lengths in feet and inches, percentages; money among them."""

# ruff: noqa: E501, RUF001, SIM905 - patterns and lists of words are read in one piece

from __future__ import annotations

import re
import unicodedata

from .money import MONEY, SCALES
from .numbers import NUMBER, VULGAR, decimal, is_one, whole
from .rule import Rule, any_of, rule
from .units import (
    ATTACHED_ONLY,
    ONLY_IN_RATES,
    PER,
    PERIODS,
    POWER,
    POWERS,
    UNIT,
    UNITS,
    name_unit,
    say_per,
    say_power,
)

_AS_SIGN = {unicodedata.normalize("NFKC", sign).replace("⁄", "/"): sign for sign in VULGAR}

_SIDES = {"N": "north", "S": "south", "E": "east", "W": "west"}
_MEASURES = (
    "L mL ml dL dl µL μL µl nL mg µg μg ng kg mm cm km kWh Wh mol KB kB MB GB TB MiB GiB ha"
).split()
_IN_BRACKETS = (
    "cm mm km nm µm μm kg mg µg μg mL ml dL µL kW MW kWh Wh kJ MJ kPa MPa hPa Pa kHz MHz GHz Hz ms µs ns mV kV mA"
    " KB kB MB GB TB MiB GiB eV keV MeV GeV kcal mol mmol dB fps rpm mph mmHg ppm bpm Mbps Gbps kN kΩ MΩ lbs"
).split()
_PER_ANY = rf"{PER}|[a-z]{{2,12}}"
"""After a quantity whatever it is counted by: µs/op, GB/core."""


_TENS_BEFORE = re.compile(
    r"(?i)(?:\b(?:the|his|her|their|our|its|my|your|early|mid|late|low|lower|high|upper)[ -]"
    r"(?:\d{0,2}[1-9]0s (?:and|or|to|into) )?"
    r"|(?:\b[12]\d\d0s|['’]\d0s)(?: (?:and|or|to|into) |\s?[-–—]\s?))$"
)


def _is_plural(match: re.Match[str], number: str) -> bool:
    """Whether an s after tens is no second: the 90s, the 1990s, 100s of files."""
    if number[-1] != "0" or not number.isdigit():
        return False
    before, after = (
        match.string[max(0, match.start() - 20) : match.start()],
        match.string[match.end() :],
    )
    decade = before.endswith(("'", "’")) or (len(number) == 4 and number[0] in "12")
    return decade or after.startswith(" of ") or bool(_TENS_BEFORE.search(before))


_COUNTED_OR_PAID = re.compile(
    r" (?!(?:is|was|has|does|across|plus|less|as|this|its)\b)(?:[a-z]{2,}s|dollar)\b"
)
_OF_CHEMISTRY = re.compile(
    r"[µμnm]M\b|(?i:\b(?:concentrat|solution|molar|affinit|kd\b|ic50|binding))"
)


def _is_no_unit(match: re.Match[str], number: str, unit: str) -> bool:
    """Whether letters behind a gap are a name or a time: 10 VA hospitals, 20 AU dollars, 7 pM."""
    if unit == "pM":
        hour = number.isdigit() and 1 <= int(number) <= 12
        return hour and _OF_CHEMISTRY.search(match.string) is None
    named = unit in ("VA", "AU", "IU")
    return named and _COUNTED_OR_PAID.match(match.string, match.end()) is not None


def _unit(match: re.Match[str]) -> str:
    number, gap, unit, power, per, per_power = match.groups()
    if gap and not per and _is_no_unit(match, number, unit):
        return match.group()
    counted = match.string.startswith(" of ", match.end())
    if unit in ATTACHED_ONLY and gap and not per and "." not in number and not counted:
        return match.group()
    if unit == "s" and not gap and not per and _is_plural(match, number):
        return match.group()
    if unit == "K" and not gap and not per:
        return match.group()  # 4K, 50K
    if unit == "m" and not gap and not per and not power and len(number) > 4:
        return match.group()
    one, many = UNITS[unit]
    word = one if is_one(number) else many
    said = f"{POWERS[power[-1]]} {word}" if power else word
    return f"{number} {said}{say_per(per, per_power)}"


def _counted(number: str, unit: str) -> str:
    return UNITS[unit][0 if is_one(number) else 1]


def _reciprocal(match: re.Match[str]) -> str:
    number, unit, power, below = match.groups()
    said = f"{POWERS[power[-1]]} " if power else ""
    said += _counted(number, unit) if unit else ""
    return f"{number} {(said + say_reciprocals(below)).strip()}"


def say_reciprocals(units: str) -> str:
    """Of "mol⁻¹ s⁻²" it is "per mole per second squared"."""
    parts = re.findall(rf"({PER})⁻([¹²³])", units)
    return "".join(say_per(unit, None if power == "¹" else power) for unit, power in parts)


def _product(match: re.Match[str]) -> str:
    number, first, second, power, per, per_power = match.groups()
    word = f"{UNITS[first][0]} {_counted(number, second)}{say_power(power)}"
    return f"{number} {word}{say_per(per, per_power)}"


def _bare_rate(match: re.Match[str]) -> str:
    unit, per, power = match.groups()
    return UNITS[unit][1] + say_per(per, power)


def _adjective(match: re.Match[str]) -> str:
    number, unit = (group for group in match.groups() if group)
    return f"{number} {UNITS[unit][0]}"


def _degrees(match: re.Match[str]) -> str:
    minus, number, scale = match.groups()
    word = "degree" if is_one(number) else "degrees"
    named = {"C": " Celsius", "F": " Fahrenheit", "K": " Kelvin"}.get(scale or "", "")
    return f"{'minus ' if minus else ''}{number} {word}{named}"


def _coordinate(match: re.Match[str]) -> str:
    """Degrees, minutes, seconds, and where to; degrees alone may be a temperature."""
    degrees, minutes, seconds, side = match.groups()
    if not minutes and not side:
        return match.group()
    parts = [(degrees, "degree"), (minutes, "minute"), (seconds, "second")]
    said = [f"{n} {word}{'' if is_one(n) else 's'}" for n, word in parts if n]
    return " ".join([*said, *([_SIDES[side]] if side else [])])


def _feet_and_inches(match: re.Match[str]) -> str:
    feet, inches = match.groups()
    if float(inches) >= 12:  # of a degree, or of a song
        return f"{whole(feet)} minute{'' if feet == '1' else 's'} {decimal(inches)} seconds"
    return f"{whole(feet)} foot {decimal(inches)}"


_OPEN_QUOTE = re.compile(r"(?<!\w)'(?=[^\s'])[^']{0,200}$")
_ADJECTIVES = r"wide|long|tall|high|deep|thick|across|in|by|of|x|×|and|or|to|from|at|is|are|was|were|than|apart|above|below|away"


def _inches(match: re.Match[str]) -> str:
    before, number, follower = match.string[: match.start()], match.group(1), match.group(2)
    mark = match.group()[len(number)]
    if mark == '"' and len(re.findall('(?<![0-9])"', before)) % 2:
        return match.group()  # the end of a quotation
    if mark == "”" and before.count("“") > before.count("”"):
        return match.group()
    attributive = bool(follower) and not re.fullmatch(_ADJECTIVES, follower.strip())
    below_one = number in VULGAR or ("/" in number and " " not in number)
    word = "inch" if attributive or below_one or is_one(number) else "inches"
    return f"{number} {word}{follower or ''}"


def _feet(match: re.Match[str]) -> str:
    number, follower = match.groups()
    if match.group()[len(number)] == "'" and _OPEN_QUOTE.search(match.string[: match.start()]):
        return match.group()  # the end of a quotation
    attributive = bool(follower) and not re.fullmatch(_ADJECTIVES, follower.strip())
    return f"{number} {'foot' if attributive or is_one(number) else 'feet'}{follower or ''}"


_RUN = re.compile(r" (?:run|race|walk|jog)\b(?!-| rate| [a-z]{3,20}s\b)")
_DISTANCES = ("1", "3", "10", "15", "20", "21", "25", "30", "50")


def _thousands(match: re.Match[str]) -> str:
    number, letter = match.groups()
    run = _RUN.match(match.string, match.end()) is not None
    if letter == "K" and (
        (run and number in _DISTANCES) or number in ("2", "4", "5", "6", "8", "12", "16")
    ):
        return f"{number} K"
    return f"{number} {SCALES[letter]}"


_ALSO_NAMES = frozenset("KB MB GB TB Pa ms nm mA dB kN".split())
_MEASURED = re.compile(
    r"(?i)\b(?:memory|size|storage|V?RAM|disk|space|capacity|usage|used|free|data|cache|footprint|files?|pressure|stress|strength|modulus|time|latency"
    r"|duration|delay|runtime|period|wavelength|thickness|diameter|radius|length|current|voltage|gain|level|loss|power|noise|signal|attenuation|force"
    r"|load|width|height|depth|distance|rate|throughput|lifetime|interval|timeout|step|lag|ping|p\d\d|total|mean|median|max|min|peak) \($"
)


def _in_brackets(match: re.Match[str]) -> str:
    unit, power = match[1] or match[3], match[2] or match[4]
    before = match.string[max(0, match.start() - 40) : match.start()]
    one, many = UNITS[unit]
    explained = before.lower().endswith((f"{one} (", f"{many} (", "meter (", "metre ("))
    if explained or (unit in _ALSO_NAMES and not power and not _MEASURED.search(before)):
        return match.group()
    return f"{POWERS[power[-1]] + ' ' if power else ''}{many}"


QUANTITIES: tuple[Rule, ...] = (
    rule(
        "fraction of a unit",
        rf"(?<![\w/.,-])({any_of(_AS_SIGN)})(?=\s?(?:{UNIT})(?![\w/'’]))",
        lambda m: _AS_SIGN[m.group(1)],
        "1/2 kg is no score; before the unit is said.",
    ),
    rule(
        "degrees before what they describe",
        r"(?:(?<=\b[Aa] )|(?<=\b[Aa]n ))(\d{1,3}(?:\.\d)?)\s?°(?=\s(?!and\b|or\b|to\b)[a-z]{3})"
        r"|(?<![\w.,])(\d{1,3})\s?°(?=\s(?:turns?|angles?|rotations?|videos?|views?|cameras?|panoramas?|bends?|corners?|feedback|arcs?)\b)",
        lambda m: f"{m[1] or m[2]} degree",
        "A 45° angle has no plural.",
    ),
    rule(
        "coordinate",
        rf"(?<![\w.])({NUMBER})\s?°\s?(?:({NUMBER})\s?['′]\s?(?:({NUMBER})\s?(?:\"|″|''|′′)\s?)?)?([NSEW])?(?![\w'′])",
        _coordinate,
        "Before feet, inches and temperatures.",
    ),
    rule(
        "square with a full stop",
        r"(?<=\d )(sq|cu)\. ?(ft|in|yd|mi|m|km)\b\.?",
        r"\1 \2",
        "10 sq. ft.",
    ),
    rule("degrees in letters", r"(?<=\d)\s?deg\.?\s?(?=[CF]\b)", "°", "25 deg C."),
    rule("degrees typed as an ordinal", r"(?<=\d)\s?º(?=\s?[CF]\b)", "°", "20 ºC."),
    *MONEY,
    rule(
        "something per unit",
        rf"(?:(?<=[a-z]{{3}})|(?<=[A-Z]{{2}}))/(m(?=[²³]|\^?[23]\b)|{any_of(_MEASURES)})({POWER}|[23])?(?![\w/])",
        lambda m: say_per(m.group(1), m.group(2)),
        "cells/mL, people/km²: what is counted is no unit.",
    ),
    rule(
        "number per something",
        rf"(?<=\d)/({any_of(p for p in PERIODS if len(p) > 2)})(?![\w/])",
        lambda m: say_per(m.group(1), None),
        "n=30/group.",
    ),
    rule(
        "feet and inches",
        r"(?<![\w.])(\d{1,2})\s?['’′]\s?(\d{1,2}(?:\.\d+)?)\s?(?:\"|”|″|''|′′|’’)",
        _feet_and_inches,
        "6'2\".",
    ),
    rule(
        "inches",
        rf"(?<![\w./])((?:\d{{1,3}} )?\d{{1,2}}/\d{{1,2}}|\d{{0,3}}[{VULGAR}]|\d{{1,4}}(?:\.\d+)?)(?:\"|″|”|-inch|(?<!''\d)(?<!''\d\d)''(?!'))(?![\w\"])(\s[A-Za-z]+)?",
        _inches,
        '16".',
    ),
    rule(
        "feet and inches before a measure",
        r"(?<![\w.'’])([3-8])['’′](\d|1[01])(?=\s(?:tall|high|long|wide|deep)\b)",
        r"\1 foot \2",
        "6'2 tall.",
    ),
    rule(
        "feet", r"(?<![\w.])(\d{1,5})(?:['′])(?![\w'])(\s[a-z]+)?", _feet, "After the two together."
    ),
    rule(
        "temperature",
        rf"(?:(?<![\w.])([-−]))?(?<![\w.])({NUMBER})\s?°(?:\s?([CFK])\b)?",
        _degrees,
        "Before units: C and F are none.",
    ),
    rule(
        "temperature in one sign",
        rf"(?:(?<![\w.])([-−]))?(?<![\w.])({NUMBER})\s?(℃|℉)",
        lambda m: (
            f"{'minus ' if m.group(1) else ''}{m.group(2)} degree{'' if is_one(m.group(2)) else 's'} {'Celsius' if m.group(3) == '℃' else 'Fahrenheit'}"
        ),
        "Likewise.",
    ),
    rule(
        "degrees",
        r"°\s?([CF])\b",
        lambda m: {"C": "degrees Celsius", "F": "degrees Fahrenheit"}[m.group(1)],
        "Without a number.",
    ),
    rule(
        "hours and minutes",
        r"(?<![\w.])(\d{1,3})\s?h\s?([0-5]?\d)\s?m(?:in)?\b|(?<![\w.])(\d{1,2})h([0-5]\d)(?!\w)",
        lambda m: f"{m[1] or m[3]} h {m[2] or m[4]} min",
        "5h 30m, 2h30: before meters.",
    ),
    rule(
        "reciprocal units",
        rf"(?<![A-Za-z_\d.,])({NUMBER})\s?(?:({UNIT})({POWER})?(?=[ ·⋅]))?((?:[ ·⋅]?(?:{PER})⁻[¹²³]){{1,4}})(?![\w/])",
        _reciprocal,
        "10 m⁻¹, 3 m s⁻².",
    ),
    rule(
        "product of units",
        rf"(?<![A-Za-z_\d.,])({NUMBER})\s?({UNIT})[·⋅]({UNIT})({POWER})?(?:/({PER})({POWER})?)?(?![\w/])",
        _product,
        "3 kW·h.",
    ),
    rule(
        "per a product of units",
        rf"(?<![A-Za-z_\d.,])({NUMBER})\s?({UNIT})/\(({PER})[·⋅* ]({PER})\)",
        lambda m: (
            f"{m.group(1)} {_counted(m.group(1), m.group(2))}{say_per(m.group(3), None)} {name_unit(m.group(4))}"
        ),
        "5 W/(m·K).",
    ),
    rule(
        "days and hours",
        r"(?<![\w.])(\d{1,3})d (?=\d{1,2}\s?h(?:rs?)?\b)",
        lambda m: f"{m[1]} day{'' if m[1] == '1' else 's'} ",
        "1d 4h: elsewhere d is a letter.",
    ),
    rule(
        "adjective",
        rf"(?<![\w.])({NUMBER})-({UNIT})(?![\w/])",
        _adjective,
        "A 5-km run has no plural.",
    ),
    rule(
        "adjective after an article",
        rf"(?:(?<=\ba )|(?<=\bA )|(?<=\ban )|(?<=\bAn ))({NUMBER})\s?(?!(?<=\d)K\b|(?<=\d\d\d\d)s\b)({UNIT})(?=\s(?!and\b)(?:[a-z]{{3}}|[A-Z]{{3}}))"
        rf"|(?<![\w.,$])(\d{{1,4}})\s?(V|W|Wh|mAh|GB|TB|MB|Hz)(?=\s(?:batter(?:y|ies)|bulbs?|chargers?|adapters?|lamps?|motors?|suppl(?:y|ies)|outlets?"
        r"|sockets?|SSDs?|HDDs?|drives?|disks?|cards?|sticks?|hard|solid|monitors?|displays?|screens?|panels?|refresh|limit|files?|model)\b)",
        _adjective,
        "A 5 km run, likewise.",
    ),
    rule(
        "quantity",
        rf"(?<![A-Za-wyz_\d.,])(?<![A-Za-z_]x)({NUMBER}\s?[{VULGAR}]|[{VULGAR}]|{NUMBER})(\s?)({UNIT}|{any_of(ONLY_IN_RATES - {'it'})}|it(?=/))({POWER}|(?<=m)[23](?!\d))?(?:/({_PER_ANY})({POWER}|(?<=[ms])[23](?!\d))?)?(?![\w/⁄]|['’]\w)",
        _unit,
        "The unit is said in words, one or many.",
    ),
    rule(
        "bare rate",
        rf"(?<![\w/])({any_of(u for u in UNITS if len(u) > 1 or u in 'ms')}|[WNJ](?=/(?:m|kg|mol|K)(?:[²³2]|\^2))|L(?=/(?:min|h|s|d)\b)|J(?=/s\b))"
        rf"/({PER})({POWER}|(?<=[ms])[23](?!\d))?(?![\w/])",
        _bare_rate,
        "km/h by itself.",
    ),
    rule(
        "rate of words",
        rf"(?<=[a-z]{{3}})/({any_of(p for p in PERIODS if p not in ('it', 'y', 'd'))})(?![\w/])",
        lambda m: say_per(m.group(1), None),
        "users/day.",
    ),
    rule(
        "percent per",
        rf"(?<=\d)(\s?%)/({_PER_ANY})(?![\w/])",
        lambda m: m.group(1) + say_per(m.group(2), None),
        "5%/year; the sign itself is read later.",
    ),
    rule(
        "powers of bare units",
        r"(?<=\b)(in|per|of) (km|cm|mm|m)([²³])(?![\w/])",
        lambda m: f"{m[1]} {POWERS[m[3]]} {UNITS[m[2]][0 if m[1] == 'per' else 1]}",
        "Area in km².",
    ),
    rule(
        "unit in brackets",
        rf"(?<=[\w%²³)] \()({any_of(_IN_BRACKETS)})({POWER})?(?=\))|(?<=[\w%²³)] \()(m)({POWER})(?=\))",
        _in_brackets,
        "Length (cm): what a column or an axis is measured in; Great Britain (GB), the kilogram (kg) are none.",
    ),
    rule(
        "inches with a full stop",
        r"(?<=\d)\sin\.(?=\s[a-z]|$)",
        " inches",
        "5 in. wide: elsewhere in is a word.",
    ),
    rule(
        "inches after feet",
        r"(?<=feet )(\d{1,2}) ?in\b",
        r"\1 inches",
        "5 ft 10 in; elsewhere in is a word.",
    ),
    rule(
        "sides in units",
        r"(?<=[a-z]{4}) [x×] (?=\d[\d.]* (?:inch|feet|foot|meter|centimeter|millimeter|kilometer))",
        " by ",
        "6 inches x 4 inches.",
    ),
    rule(
        "thousands by letter",
        rf"(?<![\w.,])(?<![A-Za-z]\d-)({NUMBER})([kKMB]|bn)(?![\w/-])",
        _thousands,
        "50K is fifty thousand; 4K is a screen.",
    ),
)
