"""Numbers that are left: lists, ratios, ranges, signs; at last every digit is a word."""

# ruff: noqa: E501, RUF001 - patterns and lists of words are read in one piece

from __future__ import annotations

import re

from .dates import month_and_day
from .formulas import fraction
from .numbers import cardinal, decimal, digits, ordinal, paired, plural, whole
from .rule import Rule, any_of, rule
from .units import UNITS

_SCORED = re.compile(
    r"(?i)\b(?:scor(?:e[sd]?|ing)|rat(?:ed?|es|ing)|grade[sd]?|got|gets?|earned|gave|gives?|marks?|points?|quality"
    r"|confidence|severity|pain|accuracy|rank(?:ed|s)?|correct|passed)\W{1,3}(?:(?:of|it|is|was|a|an|the|me|him|her|about|only) ){0,3}$"
)
_COUNTING = re.compile(
    r"(?i)\b(?:epochs?|steps?|pages?|batch(?:es)?|iter(?:ation)?s?|parts?|chapters?|slides?|levels?|rounds?|tasks?"
    r"|files?|folds?|trials?|questions?|items?|attempts?|try|retry|runs?|stages?|phases?|lessons?|sections?"
    r"|volumes?|days?|weeks?|layers?|workers?|shards?|chunks?|rows?|lines?|frames?|samples?|images?|episodes?"
    r"|games?|laps?|processed|completed|done|loaded|downloaded|progress|job|test|tests|exercise|module|video|disc|disk|track|player|figure|figures|number|no|percent,)\W{1,2}$"
)
_DATED = re.compile(
    r"(?i)\b(?:on|by|since|until|till|due|dated?|starting|ending|begins?|ends?|(?:mon|tues|wednes|thurs|fri|satur|sun)day,?)\s$"
)
_COUNTED_AFTER = re.compile(
    r"\s(?:were|was|are|is|have|has|had|correct|right|wrong|passed|failed|done|complete|completed|people|men|women"
    r"|children|of (?:them|us|the (?:[a-z]+s|people))\b|[a-z]{2,}(?<!s)s\b|answered|agreed|said|voted)"
)
_SIZED = re.compile(
    r"\s(?:(?:identity|square|contingency|factorial|confusion|rotation|covariance|real|complex|diagonal|symmetric) )?(?:grid|matrix|matrices|tables?|arrays?|boards?|pixels?|kernels?|filters?|convolutions?|patch(?:es)?"
    r"|blocks?|tiles?|squares?|design|anova|mesh|lattice|image)s?\b"
)
_MEASURED_AFTER = re.compile(
    r"\s(?:cups?|teaspoons?|tablespoons?|tsp|tbsp|inch(?:es)?|miles?|hours?|days?|pounds?|ounces?|liters?|meters?|of|the|an?|full|way|empty|done)\b"
)


_METER = re.compile(r"\s(?:time|meter|metre|beat)\b(?! (?:of|in|by|for)\b)")
_SECONDS = re.compile(r"\sseconds?\b")


def _ratio(match: re.Match[str]) -> str:  # noqa: PLR0911 - a way out for each kind
    above, below = int(match.group(1)), int(match.group(2))
    before, after = match.string[: match.start()], match.string[match.end() :]
    if (above, below) in ((24, 7), (9, 11), (50, 50), (20, 20)) and not _DATED.search(before[-30:]):
        return f"{cardinal(above)} {cardinal(below)}"
    if _METER.match(after):
        return f"{cardinal(above)} {cardinal(below)}"
    if above == 1 and below > 10 and _SECONDS.match(after):
        return f"one over {cardinal(below)}"
    if _SCORED.search(before[-60:]):
        return f"{whole(match.group(1))} out of {whole(match.group(2))}"
    if _COUNTING.search(before[-30:]):
        return f"{whole(match.group(1))} of {whole(match.group(2))}"
    if above + below == 100:
        return f"{cardinal(above)} {cardinal(below)}"  # 80/20
    if _DATED.search(before[-30:]) and (date := month_and_day(above, below)):
        return date
    small = 0 < above < below <= 10
    if small and _MEASURED_AFTER.match(after):
        return fraction(above, below)
    if above <= below and _COUNTED_AFTER.match(after):
        return f"{whole(match.group(1))} out of {whole(match.group(2))}"
    if (small and below != 10) or (
        0 < above < below and below in (12, 16, 20, 25, 32, 64) and _MEASURED_AFTER.match(after)
    ):
        return fraction(above, below)
    link = "out of" if above <= below else "over"
    return f"{whole(match.group(1))} {link} {whole(match.group(2))}"


def _listed(match: re.Match[str]) -> str:
    """Numbers with commas between them, where these do not group thousands."""
    text = match.group()
    if re.fullmatch(r"[-−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", text):
        return text
    return text.replace(",", ", ")


def _in_brackets(match: re.Match[str]) -> str:
    return f" {re.sub(r',(?=[^ ])', ', ', match.group(1))} "


def _grouped(match: re.Match[str]) -> str:
    """With commas, so that it is not taken for a year."""
    return f"{int(_digits_of(match.group())):,}"


def _digits_of(text: str) -> str:
    return re.sub(r"\D", "", text)


def _ordinal(match: re.Match[str]) -> str:
    return ordinal(int(match.group(1).replace(",", "")))


def _pairs(match: re.Match[str]) -> str:
    """Models and standards are read two digits at a time: RTX 4090."""
    number = match.group(2)
    if number[1:] == "000" or number[1] == "0" == number[2]:
        return match.group()
    low = number[2:]
    said = (
        "hundred"
        if low == "00"
        else f"oh {digits(low[1])}"
        if low[0] == "0"
        else cardinal(int(low))
    )
    return f"{match.group(1).rstrip()} {cardinal(int(number[:2]))} {said}"


def _dimension(match: re.Match[str]) -> str:
    """Sizes; of screens, their numbers are read in two parts."""
    sides = [match.group(1), *re.split(r"\D+", match.group(3))]
    after = match.string[match.end() :]
    if " × " in match.group() and (
        (any(len(side) < 3 for side in sides) and not _SIZED.match(after))
        or after.lstrip()[:1] == "="
    ):
        return match.group()
    if "×" in match.group() and all(len(side) < 3 for side in sides) and not _SIZED.match(after):
        return " times ".join(sides)
    return " by ".join(paired(side) for side in sides)


def _decades_of(match: re.Match[str]) -> str:
    return plural(whole(match.group(1)).removeprefix("one "))


def _number(match: re.Match[str]) -> str:
    return decimal(match.group())


_GROUP = "[ \u00a0\u2009\u202f\u2007'’_]"
_BEFORE_COUNTS = (
    r"\b(?:of|has|have|had|about|around|over|under|nearly|almost|roughly|approximately|exactly|than|with|the|are|were"
    r"|is|was|total|only|some|all|these|those|there|costs?|contains?|includes?|reached|and|or|to) "
)
_THIN = "[\u00a0\u2009\u202f\u2007_'’]"


def _apart(match: re.Match[str]) -> str:
    """Two numbers that would be heard as one get a pause."""
    first, second = int(match[1]), int(match[2])
    tens = first % 100 >= 20 and first % 10 == 0 and second < 10
    hundreds = first % 100 == 0 and second < (1000 if first % 1000 == 0 else 100)
    return f"{match[1]}, " if tens or hundreds else match.group()


def _item(match: re.Match[str]) -> str:
    """The number of an item, unless the bracket was opened before."""
    before = match.string[: match.start()]
    if before.count("(") > before.count(")"):
        return match.group()
    return f"{',' if match[1] else ''} {match[3].upper()}: "


SEPARATORS: tuple[Rule, ...] = (
    rule(
        "quoted number",
        r"(?<![\w'\"])(['\"])([-+−]?[\d.,:/_]*\d%?)\1(?![\w'\"])",
        r"\2",
        "['1', '2']: no feet; before lists, which its quotes would hide.",
    ),
    rule(
        "European number",
        r"(?<![\w.,-])(\d{1,3}(?:\.\d{3})+),(\d{1,2})(?!\w|[.,]\d)|(?<![\w.,-])\d{1,3}(?:\.\d{3}){2,}(?!\w|[.,]\d)",
        lambda m: f"{m[1].replace('.', ',')}.{m[2]}" if m[1] else m.group().replace(".", ","),
        "1.234,56 and 1.234.567 can be nothing else.",
    ),
    rule(
        "European number with spaces",
        rf"(?<![\w.,/-])(?!\d{{1,3}}_)(\d{{1,3}}(?:(?: |{_THIN})\d{{3}})+),(\d{{1,2}})(?!\w|[.,]\d)",
        lambda m: f"{_digits_of(m[1])}.{m[2]}",
        "1 234,56: thousands with a gap and a decimal comma.",
    ),
    rule(
        "decimal comma",
        rf"(?<![\w.,-])(\d+),(\d{{1,2}})(?=\s?(?:[€₽₺₴]|(?:EUR|CHF|PLN|kr)\b|%|°|(?:{any_of(UNITS)})(?![\w'’])))"
        r"|(?<=€)(\s?\d+),(\d{1,2})(?!\w|[.,]\d)",
        lambda m: f"{m[1] or m[3]}.{m[2] or m[4]}",
        "3,50 €; 1,5 km. Elsewhere a comma parts a list.",
    ),
    rule(
        "Indian number",
        r"((?:₹|\bRs\.?|\bINR)\s?)(\d{1,2}(?:,\d{2})+,\d{3})(?!\d|,\d)|(?<![\w.,])()(\d{1,2}(?:,\d{2})+,\d{3})(?= rupees\b)",
        lambda m: (m[1] or "") + (m[2] or m[4]).replace(",", ""),
        "₹1,00,000.",
    ),
    rule(
        "digits in groups",
        rf"(?<![\w.,])\d{{1,3}}(?:{_THIN}\d{{3}})+(?![\w]|,\d)",
        _grouped,
        "1_000_000.",
    ),
    rule(
        "digits in groups with spaces",
        r"(?<![\w.,/-])(?<!\d )\d{1,3}(?: \d{3}){2,}(?![\w/-]| \d|,\d)",
        _grouped,
        "One space between numbers parts them; two groups of three are thousands.",
    ),
    rule(
        "one group with a space",
        rf"(?<![\w.,/-])(?<!\d )(?:\d{{1,3}} 000|(?:^|(?<=[=:] )|{_BEFORE_COUNTS})[1-9]\d{{0,2}} \d{{3}}(?= (?:[a-z]{{3}}|(?:{any_of(UNITS)})(?!\w))))(?![\w/-]| \d|,\d)",
        lambda m: re.sub(r"(\d+) (\d{3})", r"\1,\2", m.group()),
        "10 000; about 12 345 rows: elsewhere it may be two numbers.",
    ),
    rule("bullet", r"\s[•‣▪]\s", ", ", "Between items in one line."),
    rule("digits with underscores", r"(?<=\d)(?<!x86)_(?=\d)", "", "1_0."),
    rule(
        "expected value",
        r"(?<![\w.])E\[(?:([A-Z])\s?\|(?=[^\[\]|]{1,30}\])|(?=\(?[A-Z](?:[²³\]^+*−-]|\s[-+−*gm])))",
        lambda m: f"E of {m[1]} given [" if m[1] else "E of [",
        "E[X]: no index; before brackets go.",
    ),
    rule(
        "number of an item",
        r"(?:(?<=\w)( )|(?<![^\s])())(\d{1,2}|[a-h])\) (?=\w)",
        _item,
        "1) load 2) fit; brackets that nobody opened.",
    ),
    rule(
        "list in brackets",
        r"\[([-−\w.,\s]{1,200})\]",
        _in_brackets,
        "[1,2,3]; even where it looks like thousands.",
    ),
    rule(
        "list of numbers",
        r"(?<![\w.])[-−]?[\d.]*\d(?:,[-−]?[\d.]*\d)+(?!\d)",
        _listed,
        "1,2,3; before a number with thousands.",
    ),
)

COUNTS: tuple[Rule, ...] = (
    rule(
        "numbers with hyphens",
        r"(?<![\w.,+*/=−-])\d{1,4}(?:-\d{1,4}){2,6}(?![\w-]|[.,]\d|\s?=)",
        lambda m: m.group().replace("-", " "),
        "10-20-30: no range, and before an equals sign it is a difference.",
    ),
    rule(
        "ratio",
        r"(?<![\w/.,-])(\d{1,6})\s?/\s?(\d{1,6})(?![\w/]|[.,]\d)",
        _ratio,
        "By what stands around it.",
    ),
    rule(
        "score with decimals",
        r"(?<![\w/.,-])(\d{1,3}\.\d{1,2})/(5|10|20|100)(?![\w/]|[.,]\d)",
        lambda m: f"{decimal(m.group(1))} out of {whole(m.group(2))}",
        "4.5/5.",
    ),
    rule(
        "lines of a screen",
        r"(?<![\w.])(480|540|720|1080|1440|2160|4320)(?=[pi](?:\d{2,3})?\b)",
        lambda m: f"{paired(m.group(1))} ",
        "1080p.",
    ),
    rule("the eleventh of September", r"(?<=[Pp]re-|ost-)9/11\b", " nine eleven", "post-9/11."),
    rule(
        "fraction with its ending",
        r"(?<![\w/.,-])(\d)/([3-9])(?:rd|th)s?\b",
        lambda m: fraction(int(m[1]), int(m[2])),
        "2/3rds.",
    ),
    rule(
        "part of a hundred",
        r"(?<![\w/.,-])(\d{1,3})/(\d{2,4})(?:st|nd|rd|th)\b",
        lambda m: f"{cardinal(int(m[1]))} {ordinal(int(m[2]))}{'' if m[1] == '1' else 's'}",
        "1/100th.",
    ),
    rule("quotient", r"(?<=\d)\s?/\s?(?=[\d.])", " over ", "Of decimals."),
    rule("proportion", r"(?<=\d):(?=\d)", " to ", "16:9; after times."),
    rule(
        "dimensions",
        r"(?<![\w.])(\d{1,5})(?:\s?x\s?|\s×\s|×)(?=(\d+))((?:\d{1,5}(?:\s?x\s?|\s×\s|×))?\d{1,5})(?![\w.]\d)",
        _dimension,
        "1920x1080.",
    ),
    rule(
        "dimensions in letters",
        rf"(?<![\w.])([b-z]|[A-Z]) ?(?:×|x|times) ?(?=[a-zA-Z]{_SIZED.pattern})",
        r"\1 by ",
        "An m × n matrix.",
    ),
    rule(
        "difference of terms",
        r"(?:(?<=\d[a-z])|(?<=\b[a-z])|(?<=\d[a-z]{2})(?<!st)(?<!nd)(?<!rd)(?<!th)) [-−–] "
        r"(?=(?:co)?sine\b|tangent\b|(?:\d{1,4})?[b-z]\b|\d{1,4}[a-z]\b)"
        r"|(?<=\d[a-z]) [-−–] (?=[\d(])|(?<=\d[xyznkt])-(?=\d{1,4}(?!\w|-|[.,]\d| times\b))"
        r"|(?:(?<=power of \d)|(?<=power of \d\d))-(?=\d)",
        " minus ",
        "3x - 1, 2x - y, cos 2x - sin x: what has a number before it is a term.",
    ),
    rule(
        "range",
        r"(?<![A-Za-z.\d-])((?:\d[\d,]*)?(?:\.\d+)?)(?<=\d)(?:[-–—]|\s[–—]\s)(?=\.?\d)(?![\d.,]*-)",
        r"\1 to ",
        "5–7.",
    ),
    rule(
        "difference",
        r"(?<=[\d)]) [-−–] (?=[\d.(])|(?<=\b[A-Za-z])\s?[-−]\s?(?=\d)|(?<=[\d)])\s[-−]\s(?=[A-Za-z]\b)|(?<=\b[a-z]) [-−–] (?=[a-z]\b)",
        " minus ",
        "5 - 3, n-1.",
    ),
    rule("compound", r"(?<=\d)-(?=[A-Za-z])", "-", "5-year: stays."),
    rule("after a name", r"(?<=[A-Za-z])[-–](?=\d)", " ", "GPT-4: no minus."),
    rule("minus", r"(?<![\w.)\]])[-−–](?=\.?\d)|−", " minus ", "Below zero."),
    rule("plus of a number", r"(?<![\w+])\+(?=\.?\d)", "plus ", "+5."),
    rule(
        "ordinal",
        r"(?<![\w.,])(\d{1,3}(?:,\d{3})+|\d{1,12})(?:(?:st|nd|rd|th)\b|[ºª])",
        _ordinal,
        "1st.",
    ),
    rule("model", r"\b([A-Z]{2,}[ -]?)(\d{4})(?![\w]|[.,]\d)", _pairs, "RTX 4090."),
    rule("plural of a number", r"(?<![\w.,])(\d+)['’]?s\b", _decades_of, "The 90s; after seconds."),
    rule(
        "number after decimals",
        r"(?<![\d.,] )(?<![\w.,-])(\d+\.\d+) (?=\d{2,}(?![\d.,]*\d))",
        r"\1, ",
        "HTTP/1.1 200: two numbers.",
    ),
    rule(
        "numbers side by side",
        r"(?<![\d.,])(\d{2,4}) (?=(\d{1,3})(?![\d.,]*\d))",
        _apart,
        "20 5 is not twenty-five; what belongs together has been read.",
    ),
    rule(
        "long number of a name",
        r"(?<![A-Za-z0-9])(?!USD|EUR|GBP|JPY|CHF|CNY|INR)([A-Za-z]{2,8})(\d{5,20})(?![\w.,]*\d|\w)",
        lambda m: f"{m[1]} {digits(m[2])}",
        "rs1234567, user12345: a name is no count.",
    ),
    rule("letters before digits", r"(?<=[A-Za-z])(?=\d)", " ", "H100, B2B, x1."),
    rule(
        "number",
        r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+",
        lambda m: f" {decimal(m.group())} ",
        "All that is left.",
    ),
    rule(
        "negative sign before words",
        r"(?<=\s)[-−](?=\s(?:zero|point)\b)",
        "minus",
        "After spacing.",
    ),
)
