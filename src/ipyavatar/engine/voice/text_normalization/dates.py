"""Dates, times and years."""

# ruff: noqa: E501, RUF001, SIM905 - patterns and lists of words are read in one piece

from __future__ import annotations

import re

from .numbers import cardinal, decimal, digits, ordinal, plural, year
from .rule import Rule, rule

_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_BY_SHORT = {month[:3]: month for month in _MONTHS}
_MONTH = r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
_DAYS = {
    "Mo": "Monday", "Tu": "Tuesday", "We": "Wednesday", "Th": "Thursday", "Fr": "Friday", "Sa": "Saturday",
    "Su": "Sunday",
}  # fmt: skip
_DASH = r"\s?[-–—]\s?"
_NOT_COUNTED = (
    "and at by for from in is it of on or the this to was we were with when where while which who are as"
    " but had has have he her his i if its last next not our she so that their then there they"
    " until will you your became began came saw marked this"
).split()
_YEAR_BEFORE = frozenset(
    "in the since of by from until till before after around early mid late year fiscal fy and to"
    " circa ca about during through spring summer autumn fall winter class".split()
)
_YEAR_ALONE = frozenset("in since until till before after year circa".split())


def _month(text: str) -> str:
    return _BY_SHORT[text[:3]]


def _day(text: str) -> int:
    day = int(text)
    return day if 1 <= day <= 31 else 0


def month_and_day(month: int, day: int) -> str:
    """`5, 1` is "May first"; empty where there is no such day."""
    return f"{_MONTHS[month - 1]} {ordinal(day)}" if 1 <= month <= 12 and 1 <= day <= 31 else ""


def _slashed(match: re.Match[str]) -> str:
    first, second, last = match.group(1), match.group(2), match.group(3)
    month, day = (int(first), int(second)) if int(first) <= 12 else (int(second), int(first))
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match.group()
    return f"{_MONTHS[month - 1]} {ordinal(day)}, {year(_full_year(last))}"


def _month_day(match: re.Match[str]) -> str:
    """A month and a day, or a month, and a number of something that comes after."""
    before, month, day, suffix, until, number, follower = match.groups()
    if not _day(day):
        return match.group()
    counted = follower is not None and not suffix and not number and not until
    of_some = follower == "of" and _OF_SOME.match(match.string, match.end()) is not None
    lead = f"{before} " if before else ""
    if (
        counted
        and (of_some or follower.lower() not in _NOT_COUNTED)
        and _is_within(before, follower)
    ):
        return f"{lead}{_month(month)} {cardinal(int(day))} {follower}"
    said = f"{lead}{_month(month)} {ordinal(int(day))}"
    if until and _day(until):
        said += f" to {ordinal(int(until))}"
    elif until:
        return match.group()
    return (
        said + (f", {year(int(number))}" if number else "") + (f" {follower}" if follower else "")
    )


_OF_SOME = re.compile(r" (?:them|us|you|these|those|our|his|her|their|my)\b")


def _is_within(before: str | None, follower: str) -> bool:
    """Whether a number after a month counts something in it: "in May 5 people"."""
    if before is None:
        return follower in ("people", "men", "women", "children")
    return before.lower() in ("in", "during", "last", "this", "next", "since", "of")


def _day_month(match: re.Match[str]) -> str:
    _, day, month, number = match.groups()
    if not _day(day):
        return match.group()
    said = f"the {ordinal(int(day))} of {_month(month)}"
    return said + (f", {year(int(number))}" if number else "")


def _month_year(match: re.Match[str]) -> str:
    return f"{_month(match.group(1))}{match.group(2)}{year(int(match.group(3)))}"


def _decade(match: re.Match[str]) -> str:
    number = int(match.group(1))
    if number % 100 == 0:
        return (
            plural(f"{cardinal(number // 100)} hundred")
            if number % 1000
            else plural(cardinal(number))
        )
    return plural(year(number))


def _short_decade(match: re.Match[str]) -> str:
    return plural(cardinal(int(match.group(1))))


def _time(match: re.Match[str]) -> str:
    hour, minute, second, fraction, half = match.groups()
    h, m = int(hour), int(minute)
    if h > 24 or m > 59 or (second and float(second) >= 60):
        return match.group()
    if not h and second and not half:
        return _lasting(m, second)
    said = cardinal(h)
    if m or (second and float(second)):
        said += f" oh {cardinal(m)}" if 0 < m < 10 else f" {cardinal(m)}" if m else ""
    elif fraction and not second:
        said += " oh oh"
    elif not half:
        said += " o'clock"
    if fraction and not second:
        said += f" point {digits(fraction)}"  # 3:59.4: of the seconds of a race
    if second and float(second):
        said += f" and {_seconds(second)}"
    return said + _half(half)


def _lasting(minutes: int, seconds: str) -> str:
    """Without hours it tells how long something takes."""
    said = [f"{cardinal(minutes)} minute{'' if minutes == 1 else 's'}"] if minutes else []
    if float(seconds) or not minutes:
        said.append(_seconds(seconds))
    return " and ".join(said)


def _seconds(text: str) -> str:
    said = decimal(text.lstrip("0") or "0" if "." not in text else text.removeprefix("0"))
    return f"{said} second{'' if float(text) == 1 else 's'}"


def _military(match: re.Match[str]) -> str:
    before, hour, early, minute = match.groups()
    said = f"zero {digits(early[1])}" if early else cardinal(int(hour))
    said += (
        " hundred"
        if minute == "00"
        else f" oh {digits(minute[1])}"
        if minute[0] == "0"
        else f" {cardinal(int(minute))}"
    )
    return f"{f'{before} ' if before else ''}{said} {'' if match.string.startswith('hours', match.end()) else 'hours'}"


def _hour(match: re.Match[str]) -> str:
    hour = int(match.group(1))
    return match.group() if hour > 24 else cardinal(hour) + _half(match.group(2))


def _half(letter: str | None) -> str:
    return f" {letter.upper()} M" if letter else ""


def _is_year(value: int, before: str, follower: str | None) -> bool:
    """From 1100 four digits are a year by themselves; before that where a year is told: in 1066."""
    if 1000 < value < 1100 and value != 1024:
        return before in _YEAR_ALONE and follower is None
    return 1100 <= value <= 2099 and follower != "%"


def _year(match: re.Match[str]) -> str:
    """A year, or as many of something."""
    before, number, follower = match.groups()
    value = int(number)
    counted = re.fullmatch(r"\s(?:[a-z]+s|people|men|women|children|percent)", follower or "")
    if not _is_year(value, (before or "").strip().lower(), follower):
        return match.group()
    if (
        counted
        and counted.group().strip() not in ("was", "is", "has")
        and (before or "").strip().lower() not in _YEAR_BEFORE
    ):
        return f"{before or ''}{cardinal(value)}{follower or ''}"
    return f"{before or ''}{year(value)}{follower or ''}"


def _years(match: re.Match[str]) -> str:
    first, second = int(match.group(1)), match.group(2)
    if not 1100 <= first <= 2099:
        return match.group()
    last = cardinal(int(second)) if len(second) == 2 else year(int(second))
    return f"{year(first)} to {last}"


def _season(match: re.Match[str]) -> str:
    first, second = match.groups()
    return (
        f"{year(int(first))} {cardinal(int(second))}"
        if (int(first) + 1) % 100 == int(second)
        else match.group()
    )


def _phone(match: re.Match[str]) -> str:
    groups = re.findall(r"\d+", match.group())
    plus = "plus " if "+" in match.group() else ""
    return plus + ", ".join(map(digits, groups))


def _parts(match: re.Match[str]) -> str:
    check = " X" if match.group()[-1] in "xX" else ""
    return _phone(match) + check


def _named_month(match: re.Match[str]) -> str:
    day, name, last = match.groups()
    if not _day(day):
        return match.group()
    return f"{_month(name)} {ordinal(int(day))}, {year(_full_year(last))}"


def _month_of_year(match: re.Match[str]) -> str:
    """2024-03 is a month; 2001-05 may be years, and is read as those."""
    number, month = int(match.group(1)), int(match.group(2))
    if month > number % 100:
        return match.group()
    return f"{_MONTHS[month - 1]} {year(number)}"


def _signed(sign: str) -> str:
    return {"+": "plus", "±": "plus or minus"}.get(sign, "minus")


def _offset(match: re.Match[str]) -> str:
    sign, hours, minutes = match.groups()
    said = f" {_signed(sign.strip())} {cardinal(int(hours))} hour{'' if hours == '01' else 's'}"
    return said + (f" {cardinal(int(minutes))}" if int(minutes) else "")


def _full_year(text: str) -> int:
    """Of two digits, up to 50 are of this century."""
    return int(text) if len(text) == 4 else int(text) + (1900 if int(text) > 50 else 2000)


def _iso(match: re.Match[str]) -> str:
    number, month, day = (int(part) for part in match.groups()[:3])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match.group()
    gap = ", " if match.group().endswith("T") else ""
    return f"{_MONTHS[month - 1]} {ordinal(day)}, {year(number)}{gap}"


def _european(match: re.Match[str]) -> str:
    day, month, number = (int(part) for part in match.groups())
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match.group()
    return f"{_MONTHS[month - 1]} {ordinal(day)}, {year(number)}"


DATES: tuple[Rule, ...] = (
    rule(
        "hours from Greenwich",
        r"\b(UTC|GMT)\s?([+\-−–±])\s?(?=\d{1,2}(?!\d))",
        lambda m: f"{m[1]} {_signed(m[2])} ",
        "UTC-5 is no range and no name.",
    ),
    rule(
        "time of Greenwich",
        r"(?<=\d:\d\d)(?:\.\d{1,9})?\s?[+-]00:?00(?![\w:])|(?<=\d:\d\d:\d\d)\.\d{1,9}(?=\s?[+-]\d\d:?\d\d(?![\w:]))",
        "",
        "10:30:15.123+00:00: as Z it is silent, and before an offset a fraction is.",
    ),
    rule(
        "offset of a time",
        r"(?<=\d:\d\d)(\s?\+|[-−](?<=:\d\d:\d\d[-−]))(\d\d):?(\d\d)(?!\w|:)",
        _offset,
        "18:00 +02:00; before times.",
    ),
    rule(
        "day of the week",
        rf"\b(Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)\.?(?=,? (?:\d{{1,2}} )?{_MONTH}\b|,? \d{{1,2}}:\d\d|,? \d{{1,2}} ?[ap]m\b)",
        lambda m: _DAYS[m[1][:2]],
        "Tue, 5 Nov; elsewhere some are words.",
    ),
    rule(
        "week of a year",
        r"(?<![\w-])((?:19|20)\d\d)-W([0-5]?\d)(?![\w-])",
        lambda m: f"week {cardinal(int(m[2]))} of {year(int(m[1]))}",
        "2024-W10.",
    ),
    rule(
        "year after a prefix",
        r"\b([Pp]re|[Pp]ost|[Mm]id|[Ee]arly|[Ll]ate|[Cc]irca)-((?:1[1-9]|20)\d\d)(?![\w-]|[.,]\d)",
        lambda m: f"{m[1]} {year(int(m[2]))}",
        "pre-1900.",
    ),
    rule(
        "decades",
        r"(?<![\w.])(\d{3}0s)\s?[-–]\s?(?=(?:\d\d)?\d0s\b)",
        r"\1 to ",
        "1850s-1860s; before each.",
    ),
    rule(
        "phone number without gaps",
        r"(?<![\w.])\+\d{8,15}(?!\w|[.,]\d)",
        _phone,
        "+15551234567.",
    ),
    rule(
        "short phone number",
        r"(?<=\b[Cc]all |\b[Dd]ial |\b[Tt]ext |\b[Rr]ing )(911|112|999|110|119|411|311|211|988|111|101|000)"
        r"(?![\w-]|[.,]\d| (?:people|men|women|(?!always\b)[a-z]{2,}s)\b)",
        _phone,
        "Call 911.",
    ),
    rule(
        "phone number",
        r"(?<![\w.-])(?:\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]\d{2,8}){1,4}"
        r"|(?:1[ .-])?\(\d{3}\)\s?\d{3}[ .-]\d{4}|(?:1-)?(?:\d{3}[-.])?\d{3}-\d{4}|\d{3}\.\d{3}\.\d{4})(?![\w-]|\.\d)",
        _phone,
        "Digit by digit; before ranges and differences.",
    ),
    rule(
        "numbers in groups",
        r"(?<![\w.,])(?<!\d )(?:\d{3} \d{3} \d{4}|[3-6]\d{3}(?: \d{4}){3}|0\d{1,4}(?: \d{2,4}){2,4}|0\d{3,4} \d{6})(?!\w|[.,]\d| \d)",
        _phone,
        "A card, a phone: digit by digit.",
    ),
    rule(
        "ISO date",
        r"(?:(?<![\w-])|(?<=[A-Za-z]-))(\d{4})-(\d{2})-(\d{2})(?:T(?=\d\d:)|(?![\w-]))",
        _iso,
        "2024-03-05.",
    ),
    rule(
        "date with the name of its month",
        rf"(?<![\w-])(\d{{1,2}})-({_MONTH})-(\d{{4}}|\d{{2}})(?![\w-])",
        _named_month,
        "12-Dec-2023.",
    ),
    rule(
        "date with hyphens",
        r"(?<![\w.+/*=-])(?<![+*/=−-] )(\d{1,2})-(\d{1,2})-((?:19|20)\d{2})(?![\w-]|\.\d|\s?=)",
        _slashed,
        "12-25-2024, as with slashes; before numbers in parts.",
    ),
    rule(
        "date without marks",
        r"(?:(?<![\w.,+-])|(?<=[A-Za-z]-))((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?![\w-]|[.,]\d| [a-z]+s\b)",
        _iso,
        "20240305, unless it counts something.",
    ),
    rule(
        "month of a year",
        r"(?<![\w.,$+*/=-])((?:19|20)\d{2})-(0[1-9]|1[0-2])(?![\w-]|[.,]\d|\s?=)",
        _month_of_year,
        "2024-03; before years.",
    ),
    rule(
        "number in parts",
        r"(?<![\w.+/*=-])(?<![+*/=−-] )(?=[\d-]*(?:\d{3}|\b0\d))\d{1,7}(?:-\d{1,7}){2,4}(?:-?[xX])?"
        r"(?![\w-]|\.\d|\s?=)",
        _parts,
        "ISBN, serial numbers: no difference has so many; after the date that has.",
    ),
    rule(
        "date from the year with slashes",
        r"(?<![\w/-])((?:19|20)\d{2})/(\d{2})/(\d{2})(?![\w/-])",
        _iso,
        "2024/03/05.",
    ),
    rule(
        "date with slashes",
        r"(?<![\w/])(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?![\w/])",
        _slashed,
        "American; the other way round where it must be.",
    ),
    rule(
        "month and year with a slash",
        r"(?<![\w/.,-])(0?[1-9]|1[0-2])/((?:19|20)\d{2})(?![\w/]|[.,]\d)",
        lambda m: f"{_MONTHS[int(m[1]) - 1]} {year(int(m[2]))}",
        "03/2024; before ratios.",
    ),
    rule(
        "date from the year with full stops",
        r"(?<![\w.])((?:19|20)\d{2})\.(\d{2})\.(\d{2})(?!\w|\.\d)",
        _iso,
        "2024.03.05.",
    ),
    rule(
        "date with full stops",
        r"(?<![\w.])(\d{1,2})\.(\d{1,2})\.((?:19|20)\d{2})(?![\w]|\.\d)",
        _european,
        "European; before versions.",
    ),
    rule(
        "day and month",
        rf"(?<![\w.,:/$])(the )?(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({_MONTH})\b\.?(?:,? ((?:1[1-9]|20)\d{{2}})\b)?(?! \d(?!\d?:))",
        _day_month,
        "5 May.",
    ),
    rule(
        "month and day",
        rf"(?:\b([A-Za-z]+) )?\b({_MONTH})\.? (\d{{1,2}})(st|nd|rd|th)?(?:{_DASH}(\d{{1,2}})(?:st|nd|rd|th)?)?"
        rf"(?![\w%:/$]|[.,]\d)(?:,? ((?:1[1-9]|20)\d{{2}})(?!\d))?(?: ([A-Za-z]+))?",
        _month_day,
        "May 5; but in May, 5 people came.",
    ),
    rule(
        "month and year",
        rf"\b({_MONTH})\.?((?: of)?,? )((?:1[1-9]|20)\d{{2}})(?!\d|[.,]\d)",
        _month_year,
        "May 2024.",
    ),
    rule("decade", r"(?<![\w.])(\d{3}0)['’]?s\b", _decade, "1990s."),
    rule("short decade", r"(?<!\w)['’]([1-9]0)['’]?s\b", _short_decade, "'90s."),
    rule(
        "decade of a century or a life",
        r"\b((?:the|his|her|their|our|its|my|early|mid|late)[ -])([2-9]0)s\b",
        lambda m: m.group(1) + plural(cardinal(int(m.group(2)))),
        "The 90s; 30s otherwise are seconds.",
    ),
    rule(
        "short year",
        r"(?<!\w)['’](\d\d)\b(?!['’]?s)",
        lambda m: f"{'oh ' if m.group(1)[0] == '0' else ''}{cardinal(int(m.group(1)))}",
        "'68.",
    ),
    rule(
        "time",
        r"(?<![\w:.])(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d{1,2}(?!\d))?))?(?:\.(\d+))?(?:\s?([AaPp])\.?[Mm]\b\.?)?Z?(?![\w:])",
        _time,
        "3:45 pm.",
    ),
    rule(
        "time of soldiers",
        r"(?:\b([Aa]t|(?:[Bb]y|[Ff]rom|[Uu]ntil|[Tt]o|[Bb]efore|[Aa]fter)(?= \d{4} ?hr?s?\b)) (1\d|2[0-3])(?!\d\d ?[hours]{1,5} (?:of|per|a|each|in(?! the (?:morning|afternoon|evening|night)))\b)"
        r"|(?<![\w.,])(0\d))([0-5]\d) ?(?:hrs?\b|h\b|(?=hours\b))",
        _military,
        "0800 hrs, at 1430h.",
    ),
    rule("hour", r"(?<![\w:.])(\d{1,2})\s?([AaPp])(?:\.[Mm]\.|[Mm]\b)", _hour, "5pm."),
    rule(
        "year before a number",
        r"(?<=(?<!\d)(?<![.,$])(?:19|20)\d\d) (?=\d)",
        ", ",
        "In 2024 300 people came; 1999 2000 2001.",
    ),
    rule(
        "years",
        rf"(?<![\w.,$-])(\d{{4}}){_DASH}(\d{{4}}|\d{{2}})(?![\w-]|[.,]\d)",
        _years,
        "Before ranges.",
    ),
    rule(
        "year of one of several works",
        r"(?<=[,(;&] )((?:19|20)\d\d)([a-f])(?!\w)|(?<=\()((?:19|20)\d\d)([a-f])(?!\w)",
        lambda m: f"{year(int(m[1] or m[3]))} {m[2] or m[4]}",
        "Smith, 2020a.",
    ),
    rule("season", r"(?<![\w./])((?:19|20)\d{2})/(\d{2})(?![\w/])", _season, "2023/24."),
    rule(
        "year",
        r"(?:\b([A-Za-z]+ ))?(?<![\w.,$#×-])(?<![+*/=×] )(\d{4})(?![\w×-]| ×|[.,]\d)(\s?%|\s[a-z]+)?",
        _year,
        "Where nothing is counted, four digits are a year.",
    ),
)
