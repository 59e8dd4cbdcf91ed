"""Money: prices and amounts with the signs, codes and words of currencies."""

# ruff: noqa: E501, RUF001 - patterns are read in one piece

from __future__ import annotations

import re
from decimal import Decimal

from .numbers import NUMBER, cardinal, decimal, is_one
from .rule import Rule, any_of, rule
from .units import PER, say_per

CURRENCIES = {
    "$": ("dollar", "dollars", "cent", "cents"), "£": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"), "¥": ("yen", "yen", "", ""),
    "₹": ("rupee", "rupees", "paisa", "paise"), "₩": ("won", "won", "", ""),
    "₽": ("ruble", "rubles", "kopek", "kopeks"), "₿": ("bitcoin", "bitcoin", "", ""),
    "₺": ("lira", "lira", "", ""), "₴": ("hryvnia", "hryvnias", "", ""), "฿": ("baht", "baht", "", ""),
    "₪": ("shekel", "shekels", "", ""), "₫": ("dong", "dong", "", ""), "₱": ("peso", "pesos", "", ""),
    "₦": ("naira", "naira", "", ""), "₸": ("tenge", "tenge", "", ""), "₵": ("cedi", "cedis", "", ""),
    "₡": ("colon", "colones", "", ""), "₾": ("lari", "lari", "", ""), "₼": ("manat", "manat", "", ""),
}  # fmt: skip
_CODES = {
    "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "RUB": "₽", "BTC": "₿", "THB": "฿",
    "ILS": "₪", "VND": "₫", "NGN": "₦", "KZT": "₸", "GHS": "₵",
}  # fmt: skip
_CODES_ALONE = {
    "CHF": ("Swiss franc", "Swiss francs", "centime", "centimes"),
    "CAD": ("Canadian dollar", "Canadian dollars", "cent", "cents"),
    "AUD": ("Australian dollar", "Australian dollars", "cent", "cents"),
    "NZD": ("New Zealand dollar", "New Zealand dollars", "cent", "cents"),
    "HKD": ("Hong Kong dollar", "Hong Kong dollars", "cent", "cents"),
    "SGD": ("Singapore dollar", "Singapore dollars", "cent", "cents"),
    "BRL": ("real", "reais", "centavo", "centavos"),
    "TWD": ("Taiwan dollar", "Taiwan dollars", "cent", "cents"),
    "MXN": ("Mexican peso", "Mexican pesos", "centavo", "centavos"),
    "SEK": ("Swedish krona", "Swedish kronor", "", ""), "NOK": ("Norwegian krone", "Norwegian kroner", "", ""),
    "DKK": ("Danish krone", "Danish kroner", "", ""), "PLN": ("zloty", "zlotys", "grosz", "groszy"),
    "CZK": ("koruna", "korunas", "", ""), "HUF": ("forint", "forints", "", ""),
    "CNY": ("yuan", "yuan", "", ""), "RMB": ("yuan", "yuan", "", ""), "KRW": ("won", "won", "", ""),
    "ZAR": ("rand", "rand", "", ""), "UAH": ("hryvnia", "hryvnias", "", ""), "KR": ("krone", "kroner", "", ""),
    "AED": ("dirham", "dirhams", "", ""), "SAR": ("riyal", "riyals", "", ""), "MYR": ("ringgit", "ringgit", "", ""),
    "IDR": ("rupiah", "rupiah", "", ""),
    "EGP": ("Egyptian pound", "Egyptian pounds", "", ""), "KES": ("Kenyan shilling", "Kenyan shillings", "", ""),
    "BGN": ("lev", "leva", "", ""), "ISK": ("Icelandic krona", "Icelandic kronur", "", ""),
    "PKR": ("Pakistani rupee", "Pakistani rupees", "", ""), "BDT": ("taka", "taka", "", ""),
    "ARS": ("Argentine peso", "Argentine pesos", "", ""), "CLP": ("Chilean peso", "Chilean pesos", "", ""),
}  # fmt: skip
_WORDS_OF_MONEY = {"kr": "KR", "zl": "PLN", "Kc": "CZK"}
_DOLLARS = {
    "US": "$", "CA": "CAD ", "C": "CAD ", "AU": "AUD ", "A": "AUD ", "NZ": "NZD ", "HK": "HKD ",
    "S": "SGD ", "NT": "TWD ", "MX": "MXN ",
}  # fmt: skip
SCALES = {
    "k": "thousand", "K": "thousand", "m": "million", "M": "million", "mn": "million",
    "mln": "million", "b": "billion", "B": "billion", "bn": "billion", "Bn": "billion",
    "t": "trillion", "tn": "trillion", "tr": "trillion", "trn": "trillion", "T": "trillion",
}  # fmt: skip
_SCALE = rf"(?:(?:\s?|-)(hundred|thousand|lakh|crore|million|billion|trillion)\b|({any_of(SCALES)})(?![A-Za-z]))"
_SIGN = "[" + re.escape("".join(CURRENCIES)) + "]"
_CODE = rf"\b(?:{any_of((*_CODES, *_CODES_ALONE))})"


def _names_of(sign: str) -> tuple[str, str, str, str]:
    return CURRENCIES.get(sign) or CURRENCIES.get(_CODES.get(sign, "")) or _CODES_ALONE[sign]


_ARTICLE = re.compile(r"\b[Aa]n? $")


def _price(match: re.Match[str]) -> str:
    minus, sign, amount, scale, short = match.groups()
    names = _names_of(sign)
    if _ARTICLE.search(match.string[max(0, match.start() - 4) : match.start()]):
        names = (names[0], names[0], names[2], names[2])  # a $5 bill
    said = _amount(amount, scale or SCALES.get(short or "", ""), names)
    glued = match.string[match.end() : match.end() + 1].isalpha()
    return f"{'minus ' if minus else ''}{said}{' ' if glued else ''}"


def _amount_first(match: re.Match[str]) -> str:
    amount, scale, short, sign = match.groups()
    names = _names_of(sign)
    return _amount(amount, scale or SCALES.get(short or "", ""), names)


def _amount(amount: str, scale: str, names: tuple[str, str, str, str]) -> str:
    one, many, cent, cents = names
    if scale:
        return f"{decimal(amount)} {scale} {many}"
    before, _, after = amount.partition(".")
    if len(after) != 2 or not cent:
        return f"{decimal(amount)} {one if is_one(amount) else many}"
    units, parts = int(before.replace(",", "") or 0), int(after)
    said = [f"{cardinal(units)} {one if units == 1 else many}"] if units or not parts else []
    said += [f"{cardinal(parts)} {cent if parts == 1 else cents}"] if parts else []
    return " and ".join(said)


def _price_range(match: re.Match[str]) -> str:
    sign, low, low_scale, low_short, high, scale, short = match.groups()
    names = _names_of(sign.strip())
    of_low = low_scale or SCALES.get(low_short or "", "")
    first = f"{decimal(low)} {of_low}".rstrip()
    return f"{first} to {_amount(high, scale or SCALES.get(short or '', ''), names)}"


MONEY: tuple[Rule, ...] = (
    rule(
        "dollars of a country",
        rf"\b({any_of(_DOLLARS)})\$\s?([-−]?)(?=\d)",
        lambda m: f"{m.group(2)}{_DOLLARS[m.group(1)]}",
        "US$5, A$5: each by its name.",
    ),
    rule("rupees", r"\bRs\.?\s?(?=\d)", "₹", "Rs. 500."),
    rule(
        "money by a word",
        r"(?<![\w.,-])(kr|zl|Kc)\.?\s(?=\d)|(?<=\d) ?(?<!\w, )(kr|zl|Kc)(?!\w)(?:\.(?=\s[a-z]))?",
        lambda m: f"{_WORDS_OF_MONEY[m[1]]} " if m[1] else f" {_WORDS_OF_MONEY[m[2]]}",
        "50 kr, 20 zł: as their codes.",
    ),
    rule(
        "forints",
        r"(?<![\w.,])(\d{1,3})[. ](\d{3})(?:[. ](\d{3}))? ?Ft\b",
        lambda m: f"{','.join(filter(None, m.groups()))} HUF",
        "3.500 Ft: no feet have thousands in this way.",
    ),
    rule("francs", r"\bSFr\.?\s?(?=\d)|\bFr\.\s?(?=\d+\.\d\d\b)", "CHF ", "SFr 20, Fr. 12.50."),
    rule(
        "loss in brackets",
        rf"({_SIGN})\((\d[\d,.]*)\)",
        r"-\1\2",
        "$(1,200), as accountants write it.",
    ),
    rule("no cents", r"(?<=\d)[.,][-–—](?![\w-])", "", "€5.-"),
    rule("reals", r"\bR\$(?=\s?\d)", "BRL ", "Before dollars."),
    rule("minus after its sign", rf"(?<![\w-])({_SIGN})[-−](?=\d)", r"-\1", "$-5 is -$5."),
    rule(
        "scientific price",
        rf"({_SIGN})({NUMBER})[eE]\+?(\d{{1,2}})\b",
        lambda m: (
            f"{m.group(1)}{int(Decimal(m.group(2).replace(',', '')).scaleb(int(m.group(3))))}"
        ),
        "$1e6 is a million; before prices.",
    ),
    rule(
        "choice of prices",
        rf"({_SIGN})({NUMBER})/(?=\1\d)(?!\1(?:1|100|1[,.]?000)\b(?![.,]\d))",
        r"\1\2 or ",
        "$5/$10 plans; €0.50/€100 is a share.",
    ),
    rule(
        "range of prices",
        rf"({_SIGN}|{_CODE}\s)({NUMBER}){_SCALE}?\s?[-–]\s?(?:\1)?({NUMBER})(?![\d%]){_SCALE}?",
        _price_range,
        "Before prices.",
    ),
    rule(
        "price",
        rf"(?:(?<!\w)([-−]))?({_SIGN}|\b(?:{any_of((*_CODES, *_CODES_ALONE))})\s)\s?({NUMBER}){_SCALE}?(?:s\b)?".replace(
            r"\s)\s?", r")\s?"
        ),
        _price,
        "Dollars are said after their number, and cents after them.",
    ),
    rule(
        "amount before its sign",
        rf"(?<![\w.])({NUMBER}){_SCALE}?\s?({_SIGN}|(?:{any_of((*_CODES, *_CODES_ALONE))})\b)(?!\d)",
        _amount_first,
        "As Europe writes it.",
    ),
    rule(
        "cents",
        rf"(?<![\w.])({NUMBER})\s?¢",
        lambda m: f"{m.group(1)} cent{'' if is_one(m.group(1)) else 's'}",
        "Of 1.",
    ),
    rule(
        "price per",
        r"(?<=[a-z]{3})/(night|day|hour|month|year|week|person|unit|kg|lb|hr|mo|yr|user|token|mile|call|item|head|gallon)\b",
        lambda m: say_per(m.group(1), None),
        "$5/month.",
    ),
    rule(
        "price per whatever",
        rf"(?:(?<=dollar)|(?<=dollars)|(?<=euro)|(?<=euros)|(?<=pound)|(?<=pounds)|(?<=pence)|(?<=cent)|(?<=cents)|(?<= yen)|(?<=rupees)|(?<=francs))\s?/\s?({PER}|bbl|[a-z]{{2,12}})(?![\w/])",
        lambda m: say_per({"bbl": "barrel"}.get(m.group(1), m.group(1)), None),
        "$80/barrel, $5 / hour.",
    ),
    rule(
        "price per amount",
        r"(?:(?<=dollars)|(?<=euros)|(?<=pounds)|(?<=cents))/(?=\d)",
        " per ",
        "$0.50/1K tokens.",
    ),
)
