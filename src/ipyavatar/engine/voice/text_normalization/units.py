"""Units and periods: how they are written, and their words for one and for many."""

# ruff: noqa: E501 - tables are read in one piece; micro and omega

from __future__ import annotations

from .rule import any_of

_PREFIXES = {
    "k": "kilo",
    "M": "mega",
    "G": "giga",
    "m": "milli",
    "µ": "micro",
    "μ": "micro",
    "n": "nano",
}
_BASES = {
    "m": ("meter", "meters"), "g": ("gram", "grams"), "s": ("second", "seconds"),
    "Hz": ("hertz", "hertz"), "W": ("watt", "watts"), "Wh": ("watt hour", "watt hours"),
    "V": ("volt", "volts"), "J": ("joule", "joules"), "Pa": ("pascal", "pascals"),
    "eV": ("electronvolt", "electronvolts"), "Ω": ("ohm", "ohms"), "L": ("liter", "liters"),
    "l": ("liter", "liters"), "mol": ("mole", "moles"), "N": ("newton", "newtons"),
    "cal": ("calorie", "calories"), "A": ("amp", "amps"), "M": ("molar", "molar"),
}  # fmt: skip
UNITS: dict[str, tuple[str, str]] = {
    **{
        prefix + base: (f"{_PREFIXES[prefix]}{one}", f"{_PREFIXES[prefix]}{many}")
        for prefix in _PREFIXES
        for base, (one, many) in _BASES.items()
        if prefix + base not in ("Mm", "Gm", "Mg", "Gg", "Ms", "ks", "Gs", "kM", "MM", "GM", "ML", "Ml", "nL", "ng")
    },
    **{base: words for base, words in _BASES.items() if base != "M"},
    "ng": ("nanogram", "nanograms"),
    "cm": ("centimeter", "centimeters"), "dm": ("decimeter", "decimeters"),
    "cl": ("centiliter", "centiliters"), "dl": ("deciliter", "deciliters"),
    "dL": ("deciliter", "deciliters"), "mi": ("mile", "miles"), "ft": ("foot", "feet"),
    "yd": ("yard", "yards"), "lb": ("pound", "pounds"), "lbs": ("pound", "pounds"),
    "tsp": ("teaspoon", "teaspoons"), "tbsp": ("tablespoon", "tablespoons"),
    "oz": ("ounce", "ounces"), "ha": ("hectare", "hectares"), "h": ("hour", "hours"),
    "hr": ("hour", "hours"), "hrs": ("hour", "hours"), "min": ("minute", "minutes"),
    "mins": ("minute", "minutes"), "sec": ("second", "seconds"), "secs": ("second", "seconds"),
    "KB": ("kilobyte", "kilobytes"), "kB": ("kilobyte", "kilobytes"),
    "MB": ("megabyte", "megabytes"), "GB": ("gigabyte", "gigabytes"),
    "TB": ("terabyte", "terabytes"), "PB": ("petabyte", "petabytes"),
    "KiB": ("kibibyte", "kibibytes"), "MiB": ("mebibyte", "mebibytes"),
    "GiB": ("gibibyte", "gibibytes"), "TiB": ("tebibyte", "tebibytes"),
    "kbps": ("kilobit per second", "kilobits per second"),
    "Mbps": ("megabit per second", "megabits per second"),
    "Gbps": ("gigabit per second", "gigabits per second"), "kbit": ("kilobit", "kilobits"),
    "Mbit": ("megabit", "megabits"), "Gbit": ("gigabit", "gigabits"),
    "K": ("kelvin", "kelvin"), "mAh": ("milliamp hour", "milliamp hours"),
    "dB": ("decibel", "decibels"), "rpm": ("revolution per minute", "revolutions per minute"),
    "fps": ("frame per second", "frames per second"), "px": ("pixel", "pixels"),
    "pt": ("point", "points"), "mph": ("mile per hour", "miles per hour"),
    "kph": ("kilometer per hour", "kilometers per hour"), "kmh": ("kilometer per hour", "kilometers per hour"),
    "cc": ("cubic centimeter", "cubic centimeters"), "mcg": ("microgram", "micrograms"),
    "pct": ("percent", "percent"), "ppm": ("part per million", "parts per million"),
    "ppb": ("part per billion", "parts per billion"), "bar": ("bar", "bar"),
    "mbar": ("millibar", "millibar"), "hPa": ("hectopascal", "hectopascals"),
    "lm": ("lumen", "lumens"), "lx": ("lux", "lux"), "Nm": ("newton meter", "newton meters"),
    "kcal": ("kilocalorie", "kilocalories"), "wpm": ("word per minute", "words per minute"),
    "bpm": ("beat per minute", "beats per minute"), "dpi": ("dot per inch", "dots per inch"),
    "it": ("iteration", "iterations"), "req": ("request", "requests"), "tok": ("token", "tokens"),
    "sq ft": ("square foot", "square feet"), "sq mi": ("square mile", "square miles"),
    "sq m": ("square meter", "square meters"), "sq km": ("square kilometer", "square kilometers"),
    "qt": ("quart", "quarts"), "fl oz": ("fluid ounce", "fluid ounces"), "gal": ("gallon", "gallons"),
    "yr": ("year", "years"), "yrs": ("year", "years"), "wk": ("week", "weeks"), "wks": ("week", "weeks"),
    "µF": ("microfarad", "microfarads"), "μF": ("microfarad", "microfarads"),
    "nF": ("nanofarad", "nanofarads"), "pF": ("picofarad", "picofarads"),
    "Å": ("angstrom", "angstroms"), "atm": ("atmosphere", "atmospheres"), "psi": ("pound per square inch", "pounds per square inch"),
    "mmHg": ("millimeter of mercury", "millimeters of mercury"), "Torr": ("torr", "torr"),
    "mSv": ("millisievert", "millisieverts"), "µSv": ("microsievert", "microsieverts"),
    "mT": ("millitesla", "millitesla"), "hp": ("horsepower", "horsepower"),
    "kb": ("kilobit", "kilobits"), "Mb": ("megabit", "megabits"), "Gb": ("gigabit", "gigabits"),
    "Tb": ("terabit", "terabits"),
    "kΩ": ("kilohm", "kilohms"), "MΩ": ("megohm", "megohms"), "dBm": ("decibel milliwatt", "decibel milliwatts"),
    "mpg": ("mile per gallon", "miles per gallon"), "pts": ("point", "points"),
    "deg": ("degree", "degrees"), "rad": ("radian", "radians"), "um": ("micrometer", "micrometers"),
    "cu ft": ("cubic foot", "cubic feet"), "cu in": ("cubic inch", "cubic inches"),
    "cu m": ("cubic meter", "cubic meters"), "sq in": ("square inch", "square inches"),
    "Ft": ("foot", "feet"), "sq yd": ("square yard", "square yards"), "mos": ("month", "months"),
    "Ah": ("amp hour", "amp hours"), "VA": ("volt amp", "volt amps"), "kVA": ("kilovolt amp", "kilovolt amps"),
    "MVA": ("megavolt amp", "megavolt amps"), "TeV": ("teraelectronvolt", "teraelectronvolts"),
    "THz": ("terahertz", "terahertz"), "TWh": ("terawatt hour", "terawatt hours"), "ps": ("picosecond", "picoseconds"),
    "fs": ("femtosecond", "femtoseconds"), "pg": ("picogram", "picograms"), "pM": ("picomolar", "picomolar"),
    "kDa": ("kilodalton", "kilodaltons"), "IU": ("international unit", "international units"),
    "Bq": ("becquerel", "becquerels"), "kBq": ("kilobecquerel", "kilobecquerels"),
    "MBq": ("megabecquerel", "megabecquerels"), "Gy": ("gray", "grays"), "mGy": ("milligray", "milligrays"),
    "kpc": ("kiloparsec", "kiloparsecs"), "Mpc": ("megaparsec", "megaparsecs"), "Gpc": ("gigaparsec", "gigaparsecs"),
    "ly": ("light year", "light years"), "AU": ("astronomical unit", "astronomical units"),
    "ppi": ("pixel per inch", "pixels per inch"), "mH": ("millihenry", "millihenries"),
    "µH": ("microhenry", "microhenries"), "μH": ("microhenry", "microhenries"), "dBA": ("decibel A", "decibels A"),
    "Sv": ("sievert", "sieverts"), "cd": ("candela", "candelas"), "sqm": ("square meter", "square meters"),
    "mK": ("millikelvin", "millikelvin"), "µK": ("microkelvin", "microkelvin"), "μK": ("microkelvin", "microkelvin"),
    "pmol": ("picomole", "picomoles"), "fmol": ("femtomole", "femtomoles"), "EB": ("exabyte", "exabytes"),
    "MFLOPS": ("megaflop", "megaflops"), "GFLOPS": ("gigaflop", "gigaflops"), "TFLOPS": ("teraflop", "teraflops"),
    "PFLOPS": ("petaflop", "petaflops"), "EFLOPS": ("exaflop", "exaflops"), "TFLOPs": ("teraflop", "teraflops"),
}  # fmt: skip
ONLY_IN_RATES = frozenset(("it", "req", "tok", "kb", "Mb", "Gb", "Tb"))
ATTACHED_ONLY = frozenset(("A", "l", "bar"))
PERIODS = {
    "s": "second", "sec": "second", "h": "hour", "hr": "hour", "min": "minute", "d": "day",
    "wk": "week", "mo": "month", "yr": "year", "y": "year", "day": "day", "week": "week",
    "month": "month", "year": "year", "hour": "hour", "minute": "minute", "second": "second",
    "step": "step", "epoch": "epoch", "person": "person", "user": "user", "it": "iteration",
    "request": "request", "token": "token", "capita": "capita", "night": "night", "mile": "mile",
    "op": "operation", "gallon": "gallon", "head": "head", "item": "item", "call": "call", "unit": "unit",
    "group": "group", "patient": "patient", "sample": "sample", "student": "student", "page": "page",
    "well": "well", "class": "class", "kilo": "kilo", "piece": "piece", "core": "core", "GPU": "GPU",
}  # fmt: skip
POWERS = {"²": "square", "2": "square", "³": "cubic", "3": "cubic"}
POWER = r"(?:[²³]|\^[23](?!\.?\d))"
UNIT = any_of(unit for unit in UNITS if unit not in ONLY_IN_RATES)
PER = any_of({**UNITS, **PERIODS})


def say_per(unit: str | None, power: str | None) -> str:
    """What is below the slash of a rate, and nothing where there is none."""
    if not unit:
        return ""
    word = name_unit(unit)
    if not power:
        return f" per {word}"
    if word == "second":
        return f" per {word} {'squared' if power[-1] in '²2' else 'cubed'}"
    return f" per {POWERS[power[-1]]} {word}"


def name_unit(unit: str) -> str:
    """One of what is below a slash, whether it is known or not."""
    return PERIODS.get(unit) or UNITS.get(unit, (unit,))[0]


def say_power(power: str | None) -> str:
    """Squared or cubed, behind a unit."""
    if not power:
        return ""
    return " squared" if power[-1] in "²2" else " cubed"
