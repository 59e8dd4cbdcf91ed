"""What programs print, and what is typed to them: objects, arrays, logs, shells, menus."""

# ruff: noqa: E501, RUF001, SIM905 - patterns and lists of words are read in one piece

from __future__ import annotations

import re

from .rule import Rule, any_of, rule

_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_PRINTED_OBJECT = re.compile(
    r"(?:^|\s)object(?:\s|$)|\sat 0x[0-9a-fA-F]+$|^_io\.|^bound method |^[A-Z]\w*: \w+="
)
_COMMANDS = (
    "grep egrep rg wc sort head tail awk sed less more xargs uniq cut tee cat jq tr find column sh bash"
    " python python3 perl base64 gzip xxd pbcopy"
).split()
_MENUS = (
    "File Edit View Insert Format Tools Data Window Help Kernel Cell Run Runtime Settings Preferences Options"
    " Table Home Start System Control Layout Review References Draw Design Transitions Animations Build Debug"
    " Terminal Selection Go Navigate Code Refactor Git Menu Account Profile Privacy General Advanced Network"
    " Bluetooth Display Sound Apps Programs Extensions Bookmarks History Developer Image Layer Filter Actions"
).split()
_ITEM = r"[A-Z][\w&+'’.-]*(?:\s(?:[A-Z&][\w&+'’.-]*|and|as|of|to|the|in|for|with))*"
_CURRENCIES = {
    "USD": "dollar", "EUR": "euro", "GBP": "pound", "JPY": "yen", "CHF": "Swiss franc", "CNY": "yuan",
    "INR": "rupee", "CAD": "Canadian dollar", "AUD": "Australian dollar", "NZD": "New Zealand dollar",
    "SEK": "Swedish krona", "NOK": "Norwegian krone", "DKK": "Danish krone", "PLN": "zloty", "MXN": "peso",
    "BRL": "real", "KRW": "won", "RUB": "ruble", "UAH": "hryvnia", "TRY": "lira", "BTC": "bitcoin",
    "ETH": "ether", "CZK": "Czech koruna", "HUF": "forint", "ZAR": "rand", "SGD": "Singapore dollar",
    "HKD": "Hong Kong dollar",
}  # fmt: skip
_TYPE = r"(?:int|float|str|bool|bytes|None|list|dict|tuple|set|complex|object|Any|Path|[A-Z][a-z]+[A-Z]\w*)(?:\[[\w, .|\[\]]{1,60}\])?"
_SHORT_UNITS = (
    "oz lb lbs tsp tbsp ft yd mi qt gal pt min mins hr hrs sec secs yr yrs wk wks mos pts".split()
)


_LARGE = {"K": "kilo", "M": "mega", "G": "giga"}
_QUOTED = {
    ",": "comma", ";": "semicolon", ".": "dot", "/": "slash", ":": "colon", "|": "pipe", "_": "underscore",
    "#": "hash", "&": "ampersand", "%": "percent", "@": "at", "+": "plus", "=": "equals", " ": "space",
    "-": "dash",
}  # fmt: skip


def _object(match: re.Match[str]) -> str:
    """What stands between the outermost brackets, if it is an object and no comparison."""
    if not _PRINTED_OBJECT.search(match[1]):
        return match.group()
    return f" {re.sub('[<>]', ' ', match[1])} "


def _in_powers(match: re.Match[str]) -> str:
    """Without what a program writes to fill its columns."""
    sign, before, after, minus, power = match.groups()
    after, power = after.rstrip("0"), power.lstrip("0")
    number = f"{sign}{before}{'.' if after else ''}{after}"
    return f"{number}e{minus.replace('+', '')}{power}" if power else number


def _soon_after_midnight(match: re.Match[str]) -> str:
    """After a date it is a time, and no duration."""
    before, minute, second = match[1] or match[2], match[3], match[4]
    if minute == "00" and (second or "00") == "00":
        return f"{before}{',' if match[1] else ''} midnight"
    said = f"{before} 00:{minute}"
    return (
        f"{said} and {int(second)} second{'' if second == '01' else 's'}"
        if int(second or 0)
        else said
    )


def _lasting(match: re.Match[str]) -> str:
    names = ("year", "month", "week", "day", "hour", "minute", "second")
    return ", ".join(
        f"{number} {name}{'' if number == '1' else 's'}"
        for number, name in zip(match.groups(), names, strict=True)
        if number
    )


def _menu(match: re.Match[str]) -> str:
    parts = re.split(r"\s(?:>|›|»|→)\s", match.group())
    return ", ".join(parts) if parts[0].split()[-1] in _MENUS else match.group()


PRINTED: tuple[Rule, ...] = (
    rule(
        "object",
        r"<((?:[^<>\n]|<[^<>\n]{0,200}>){1,300})>",
        _object,
        "<Foo object at 0x7f>: nothing is compared.",
    ),
    rule(
        "minus of a power of ten",
        r"(?<=\d[eE])[−–](?=\d)",
        "-",
        "1.6e−19, as a typographer writes it.",
    ),
    rule(
        "number in powers of ten",
        r"(?<![\w.])([-−]?)(\d)\.(\d{1,20})[eE]([+-]?)(\d{1,3})(?![\w.]*\d)",
        _in_powers,
        "1.000000e+00; before versions.",
    ),
    rule(
        "number with six decimals",
        r"(?<![\w.,])(\d{1,12})\.(?=\d{6}(?!\d|\.\d))(\d{0,4}?)0{2,6}(?!\d)",
        lambda m: f"{m[1]}.{m[2]}" if m[2] else m[1],
        "5.000000: as describe() fills its columns.",
    ),
    rule(
        "thousandths of a second",
        r"(?<=\d:\d\d:\d\d),(?=\d{3}(?!\d))",
        ".",
        "12:34:56,789 in a log is one number.",
    ),
    rule(
        "date of a server",
        rf"\[?\b(\d{{1,2}})/({_MONTHS})/(\d{{4}}):(\d\d:\d\d:\d\d)(?: ([+-]\d\d)(\d\d))?\]?",
        lambda m: (
            f"{m[1]}-{m[2]}-{m[3]}, {m[4]}{f'{m[5]}:{m[6]}' if m[5] and m[5] + m[6] != '+0000' else ''}"
        ),
        "10/Oct/2000:13:55:36; before paths and proportions.",
    ),
    rule(
        "date and time without marks",
        r"(?<![\w-])((?:19|20)\d\d)(0[1-9]|1[0-2])([0-3]\d)T([0-2]\d)([0-5]\d)([0-5]\d)?(Z?)(?![\w-])",
        lambda m: f"{m[1]}-{m[2]}-{m[3]}T{m[4]}:{m[5]}{f':{m[6]}' if m[6] else ''}{m[7]}",
        "20240305T143000Z is no serial number.",
    ),
    rule(
        "duration of ISO 8601",
        r"(?<![\w-])P(?=\d{1,4}[YMWD](?:\d|T\d)|T\d)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,4})D)?"
        r"(?:T(?:(\d{1,4})H)?(?:(\d{1,4})M)?(?:(\d{1,4}(?:\.\d{1,3})?)S)?)?(?![\w-])",
        _lasting,
        "PT1H30M.",
    ),
    rule(
        "soon after midnight",
        r"(?:(\d{4}-\d\d-\d\d)[ T]|\b((?:[Aa]t|[Ff]rom|[Uu]ntil|[Ss]ince|[Bb]efore|[Aa]fter|[Bb]y) ))00:([0-5]\d):([0-5]\d)(?:\.0+)?(?![\d:.])",
        _soon_after_midnight,
        "2024-01-01 00:05:30 is no duration.",
    ),
    rule(
        "ruled line",
        r"(?<!\S)(?:={4,}|~{3,}|#{4,}|\+{4,})(?!\S)|={5,}|#{7,}",
        " ",
        "==== 5 passed ====: drawn, not said.",
    ),
    rule(
        "more memory",
        r"(?<=\d)\+ ([KMG])B\b",
        lambda m: f" plus {_LARGE[m[1]]}bytes",
        "memory usage: 1.2+ MB.",
    ),
    rule(
        "rows and columns",
        r"(?<=\d) (rows?) [×x] (?=\d[\d,]* columns?\b)",
        r" \1 by ",
        "5 rows × 3 columns.",
    ),
    rule("piped", r"\s?(?:\|>|%>%)\s?", " pipe ", "x |> f: nothing is greater."),
    rule(
        "pipe to a program",
        rf"\s\|\s(?=(?:{any_of(_COMMANDS)})\b)",
        " pipe ",
        "ls | wc -l: a bar by itself is quiet.",
    ),
    rule(
        "one type or another",
        rf"(?<![\w|])({_TYPE}) \| (?={_TYPE}(?!\w))",
        r"\1 or ",
        "int | None.",
    ),
    rule(
        "one type or a third",
        rf"(?<= or )({_TYPE}) \| (?={_TYPE}(?!\w))",
        r"\1 or ",
        "int | str | None.",
    ),
    rule("mask turned round", r"(?<=\[)~(?=[A-Za-z_(])", "not ", "df[~mask] is about nothing."),
    rule(
        "folder above",
        r"(?<=\bcd )\.\.(?=\s|$)",
        "dot dot",
        "cd ..: of two full stops nothing is heard.",
    ),
    rule(
        "folders above",
        r"(?<![\w./])\.\.((?:/\.\.){1,8})/?(?=\s|$)",
        lambda m: "dot dot" + " slash dot dot" * m[1].count("/"),
        "../..: a path without a name.",
    ),
    rule(
        "character that is escaped",
        r"(?<!\w)[bru]?(['\"])((?:\\(?:[abfnrtv0\\]|x[0-9a-fA-F]{2}))+)\1(?!\w)",
        r" \2 ",
        "'\\n': its quote is no prime.",
    ),
    rule(
        "escape at the end of a string",
        r"(?<=[\w.!?:%}])\\([nrt0])(?=['\"])",
        r" backslash \1",
        "'done\\n': what is printed there is seen.",
    ),
    rule(
        "sign in quotes",
        r"(?<![\w.!?)\]\"'])(['\"])([,;./:|_#&%@+= -])\1(?![\w\"'])",
        lambda m: f" {_QUOTED[m[2]]} ",
        "split(','): by itself a sign has its name.",
    ),
    rule(
        "way through menus",
        rf"{_ITEM}(?:\s[>›»→]\s{_ITEM}){{1,6}}",
        _menu,
        "File > Save As compares nothing.",
    ),
    rule(
        "currencies",
        rf"(?<![\w/])({any_of(_CURRENCIES)})/({any_of(_CURRENCIES)})(?![\w/])",
        lambda m: f"{_CURRENCIES[m[1]]} to {_CURRENCIES[m[2]]}",
        "EUR/USD 1.08: what stands beside it is no price.",
    ),
    rule(
        "short unit with a full stop",
        rf"(?<=\d)(\s?(?:{any_of(_SHORT_UNITS)}))\.(?=\s[a-z(]|[,;:)]|\s\d{{1,2}} ?(?:in|oz|min|sec)\b)",
        r"\1",
        "2 lbs. of beef, 5 min. later: no sentence ends.",
    ),
)
"""Before all others: these hold what looks like paths, comparisons, lists and times."""
