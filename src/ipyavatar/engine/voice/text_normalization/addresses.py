"""Addresses: of the web, of mail, of machines and files; hashes, tags and mentions."""

# ruff: noqa: E501, RUF001 - patterns are read in one piece; a minus sign

from __future__ import annotations

import itertools
import re

from .code import say_identifier
from .numbers import digits, whole
from .rule import Rule, rule

_TOP_LEVEL = (
    "com|org|net|edu|gov|io|dev|ai|app|co|me|info|de|uk|fr|eu|ch|at|nl|it|es|us|ca|jp|tv|xyz"
)
_MOLECULE = re.compile(r"(?:(?:Cl|Br|[CHNOPSKFI])\d{0,3})+", re.IGNORECASE)
_ENDING = re.compile(r"(?<=\w)\.(sh|js|ts|rs|rb|cc|pl|ps1|py|md|db|so)$")
_MARKS = {".": "dot", "_": "underscore", "+": "plus", "-": "dash"}


def _host(match: re.Match[str]) -> str:
    host = match.group(1)
    if re.fullmatch(r"[\d.]+", host):
        return _numbers_dotted(host)
    return " dot ".join(_label(part) for part in host.strip(".").split("."))


def _label(part: str) -> str:
    """One part of a host's name."""
    return " dash ".join(say_identifier(word) for word in part.split("-") if word)


def _email(match: re.Match[str]) -> str:
    local = re.sub(r"[._+-]", lambda m: f" {_MARKS[m.group()]} ", match.group(1))
    host = " dot ".join(_label(part) for part in match.group(2).split("."))
    return f"{local} at {host}{'.' if match.group(3) else ''}"  # no factorial of its last letter


def _numbers_dotted(text: str) -> str:
    return " dot ".join(whole(part) for part in text.split(".") if part)


def _characters(match: re.Match[str]) -> str:
    """Each character by itself; groups apart."""
    groups = re.findall(r"[0-9A-Fa-f]+", match.group())
    return ", ".join(
        " ".join(digits(c) if c.isdigit() else c.upper() for c in group) for group in groups
    )


def _colons(match: re.Match[str]) -> str:
    """An address with two colons in a row, or seven: else it is a time or a proportion."""
    text = match.group()
    if "::" not in text and text.count(":") != 7:
        return text
    parts = re.findall(r"[0-9A-Fa-f]+|:", text)
    spelled = (" ".join(digits(c) if c.isdigit() else c.upper() for c in part) for part in parts)
    return " ".join("colon" if part == ":" else part for part in spelled)


def _hexadecimal(match: re.Match[str]) -> str:
    spelled = " ".join(digits(c) if c.isdigit() else c.upper() for c in match.group(1))
    return f"zero x {spelled}"


def _path(match: re.Match[str]) -> str:
    """Every part and every slash, for a path is exact or useless."""
    parts = re.split(r"([/\\])", match.group())
    return " ".join(_path_part(part) for part in parts if part)


def _path_part(part: str) -> str:
    if part in "/\\":
        return "slash" if part == "/" else "backslash"
    if part in (".", ".."):
        return "dot" if part == "." else "dot dot"
    part = part.replace("~", "tilde").replace(":", " colon").replace("*", "star")
    part = _ENDING.sub(lambda m: f" dot {say_identifier(m[1])}", part)
    return re.sub(r"\.(?=\w)", " dot ", part)


def _account(match: re.Match[str]) -> str:
    """A country's letters, and then group by group."""
    text = re.sub(r"\W", "", match.group()).upper()
    groups = [text[:4], *(text[at : at + 4] for at in range(4, len(text), 4))]
    return ", ".join(map(_spelled, groups))


def _code(match: re.Match[str]) -> str:
    """Character by character, where letters and digits change often or digits are many."""
    text = match.group()
    bare = text.replace("-", "")
    switches = sum(
        one.isdigit() != two.isdigit()
        for group in text.split("-")
        for one, two in itertools.pairwise(group)
    )
    mixed = len(bare) >= 10 and switches >= 3 and not _MOLECULE.fullmatch(text)
    if not (mixed or re.fullmatch(r"[A-Z]{1,4}\d{7,}[A-Z]?", text)):
        return text
    return ", ".join(map(_spelled, text.split("-")))


def _spelled(group: str) -> str:
    return " ".join(digits(char) if char.isdigit() else char for char in group)


def _document(text: str) -> str:
    """What comes after the slash of a DOI, to be written down."""
    return re.sub(
        r"\d+|[./:_-]",
        lambda m: f" {digits(m.group())} " if m.group().isdigit() else f" {_IN_DOI[m.group()]} ",
        text,
    )


_IN_DOI = {**_MARKS, "/": "slash", ":": "colon"}


def _hashtag(match: re.Match[str]) -> str:
    return f"hashtag {say_identifier(match.group(1))}"


def _mention(match: re.Match[str]) -> str:
    return f"at {say_identifier(match.group(1))}"


ADDRESSES: tuple[Rule, ...] = (
    rule(
        "over, after an accent",
        r"(?<=(?: bar| hat| dot)) /(?=[\d(√]|[A-Za-zα-ω]\b)",
        " over ",
        "ħ/2, x̄/s: no path.",
    ),
    rule("plus or minus", r"\+/[-−]|\+[-−](?=\s?\d)", "±", "As it is typed; before paths."),
    rule(
        "web address",
        r"(?i)\b(?:https?|ftp|wss?)://(?:[^\s/@]{1,100}@)?(?:www\.)?([\w-]+(?:\.[\w-]+)*)(?::\d{1,5})?"
        r"(?:/(?:[^\s<>\"]*[\w/=&#])?|[?#][^\s<>\"]*[\w/=&#])?",
        _host,
        "The host alone: a whole path read out helps nobody.",
    ),
    rule(
        "other address",
        r"\b([A-Za-z][A-Za-z0-9+.-]{0,9})://(?=[\w/])",
        r"\1 ",
        "s3://bucket/key: exact, as a path is.",
    ),
    rule(
        "address of a card",
        r"(?<![\w:-])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![\w:-])",
        _characters,
        "00:1A:2B:3C:4D:5E; before times.",
    ),
    rule(
        "IPv6 address",
        r"(?<![\w:.])(?=[0-9a-fA-F:]{0,39}\d)(?:(?:[0-9a-fA-F]{1,4}:){1,7}:?|::)"
        r"(?:[0-9a-fA-F]{1,4}:){0,6}[0-9a-fA-F]{0,4}(?![\w:])(?<=[\w:]:|[\w:]\w)",
        _colons,
        "fe80::1; two colons in a row, or seven of them.",
    ),
    rule(
        "www address",
        r"(?i)\bwww\.([\w-]+(?:\.[\w-]+)+)(?:/(?:[^\s<>\"]*[\w/=&#])?|[?#][^\s<>\"]*[\w/=&#])?",
        _host,
        "The same without its scheme.",
    ),
    rule(
        "mail address",
        r"(?i)(?<![\w.+-])(?:mailto:)?([\w+-]+(?:\.[\w+-]+)*)@([\w-]+(?:\.[\w-]+)*\.(?=[\w-]*[A-Za-z])[\w-]+)(!?)",
        _email,
        "Exact: it is to be written down.",
    ),
    rule(
        "host and path",
        rf"(?i)(?<![\w@./-])([a-z0-9-]+(?:\.[a-z0-9-]+){{0,5}}\.(?:{_TOP_LEVEL}))(?:/(?:[^\s<>\"]*[\w/=&#])?)"
        rf"|(?<![\w@./-])([a-z0-9-]+(?:\.[a-z0-9-]+){{0,5}}\.(?:{_TOP_LEVEL}))(?![\w(/]|\.\w)",
        lambda m: " dot ".join(_label(part) for part in (m.group(1) or m.group(2)).split(".")),
        "A host without a scheme is one by its last part.",
    ),
    rule(
        "name of a document",
        r"(?<![\w.])(?:doi: ?)?10\.(\d{4,9})/([\w.()/:-]{1,80}\w)",
        lambda m: f"D O I ten dot {digits(m[1])} slash {_document(m[2])}",
        "doi:10.1000/182: no quotient.",
    ),
    rule(
        "UUID",
        r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b",
        _characters,
        "Before numbers and words are found in it.",
    ),
    rule(
        "account",
        r"\b(?:AD|AE|AT|BE|BG|CH|CY|CZ|DE|DK|EE|ES|FI|FR|GB|GI|GR|HR|HU|IE|IL|IS|IT|LI|LT|LU|LV|MC|MT|NL|NO|PL|PT|RO"
        r"|SA|SE|SI|SK|SM|TR|UA|UK)\d{2}(?: ?[A-Za-z]{4})?(?: ?\d{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b(?! ?\d)",
        _account,
        "An IBAN is written down as it is heard.",
    ),
    rule(
        "number after what it is",
        r"\b(ISSN|PMID|EAN|UPC|IMEI|SKU|PIN|OTP|CVV|ZIP|[Zz]ip)((?: code| number)?(?: is|:)?\s)(\d[\d-]{2,24}[\dXx])(?![\w-]|\.\d| [a-z]+s\b)",
        lambda m: f"{m[1]}{m[2]}{', '.join(map(_spelled, m[3].split('-')))}",
        "ISSN 1234-5679, PIN 1234: digit by digit, and no range.",
    ),
    rule(
        "code of a place",
        r"(?<=, [A-Z]{2} )(\d{5})(?:-(\d{4}))?(?![\w-]|[.,]\d)|(?<=, D\.C\. )(\d{5})(?![\w-])",
        lambda m: ", ".join(map(digits, filter(None, m.groups()))),
        "St. Louis, MO 63101.",
    ),
    rule(
        "code",
        r"(?<![\w./-])(?=[A-Z0-9-]{0,40}[A-Z])(?=[A-Z0-9-]{0,40}\d)[A-Z0-9]{2,40}(?:-[A-Z0-9]{2,12}){0,7}(?![\w/-]|\.\w)",
        _code,
        "Serial numbers and the like: no words, and no numbers.",
    ),
    rule(
        "hash",
        r"\b(?=[0-9a-f]{0,40}\d)(?=\d{0,40}[a-f])(?![0-9]{1,40}(?:e[0-9]{1,4}|cd|ed)\b)"
        r"[0-9a-f]{7,128}\b",
        _characters,
        "Letters and digits mixed say nothing as words.",
    ),
    rule("hexadecimal", r"\b0[xX]([0-9a-fA-F]{1,64})\b", _hexadecimal, "Likewise."),
    rule(
        "octal",
        r"\b0[oO]([0-7]{1,64})\b",
        lambda m: f"zero o {digits(m.group(1))}",
        "Likewise.",
    ),
    rule(
        "paper of an archive",
        r"\barXiv:\s?(\d{4})\.(\d{4,5})(v\d+)?\b",
        lambda m: f"archive {digits(m[1])} point {digits(m[2])} {m[3] or ''}",
        "Its name, and a number that is none.",
    ),
    rule(
        "binary",
        r"\b0[bB]([01]{1,64})\b",
        lambda m: f"zero b {digits(m.group(1))}",
        "Likewise.",
    ),
    rule(
        "colour",
        r"(?<![\w&#])#(?=[0-9A-Fa-f]*[A-Fa-f]|0)([0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})\b(?<!#fed)(?<!#add)",
        lambda m: f"hash {_characters(m)}",
        "Before hashtags.",
    ),
    rule(
        "IP address",
        r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)",
        lambda m: _numbers_dotted(m.group()),
        "Before versions, which have points, and decimals.",
    ),
    rule(
        "path",
        r"(?<![\w/\\.<€£$¥%¢×])(?!(?<=\))/(?:\d|[A-Za-zα-ωΑ-Ω]\b|\w{1,20}\())(?!(?<=\)!)/)(?:~|\.{1,2}|[A-Za-z]:)?(?:[/\\][\w.@-]*\w)+(?:[/\\]\*{1,2}(?:\.\w+)?|[/\\])?(?![\w/*])"
        r"|(?<![\w/\\.<])[\w.-]+(?:/[\w.-]+){2,}/?(?<=[A-Za-z_/])"
        r"|(?<![\w/\\.<])[\w-]*[A-Za-z_][\w-]*/[\w-]+\.[A-Za-z]{1,5}\b",
        _path,
        "What begins with a slash, has two, or ends in a file; a/b alone is a quotient.",
    ),
    rule(
        "hashtag",
        r"(?<![\w&#])#([A-Za-z_]\w*|\d{1,4}(?=[A-Z][a-z])\w+)",
        _hashtag,
        "Its words one by one.",
    ),
    rule("mention", r"(?<![\w@])@([A-Za-z]\w*)", _mention, "Likewise."),
)
