"""Designations with numbers that are no numbers: post codes, hashes, standards, plans; endless decimals."""

# ruff: noqa: E501, RUF001 - patterns are read in one piece; typographic marks

from __future__ import annotations

import re

from .names import is_software, say_version
from .numbers import cardinal, digits, paired
from .rule import Rule, any_of, rule
from .units import UNITS

_NUMBER = r"\d{1,4}(?:\.\d{1,4}){1,3}"
_LINK = r"(?:,? (?:or|and|to|vs\.?|versus|through|until) |, ?| ?/ ?|\s?[-–—]\s?)"
_LINKED = re.compile(rf"({_LINK})v?({_NUMBER})")
_SAID_LINKS = {"-": " to ", "–": " to ", "—": " to ", ",": ", ", "/": ", "}
_OF_PROSE = frozenset(("go", "next", "edge", "build"))
"""Programs that are words as well: a number after these may be a decimal."""


def _post_code(match: re.Match[str]) -> str:
    area, district, sector, unit = match.groups()
    number = re.sub(r"\d+", lambda m: f" {cardinal(int(m.group()))} ", district)
    return (
        f"{' '.join(area)}{' '.join(number.split(' '))}".strip()
        + f", {digits(sector)} {' '.join(unit)}"
    )


def _versions(match: re.Match[str]) -> str:
    name, gap, first, rest = match.groups()
    opens = name.lower() in _OF_PROSE and (name.islower() or not match.start())
    if not is_software(name) or opens:
        return match.group()
    said = [f"{name}{gap if gap == ' ' else ' '}{say_version(first)}"]
    for link, number in _LINKED.findall(rest):
        said.append(f"{_SAID_LINKS.get(link.strip(), link)}{say_version(number)}")
    return "".join(said)


DESIGNATIONS: tuple[Rule, ...] = (
    rule(
        "post code",
        r"(?<![\w-])(?!(?:AM|PM)\d)([A-Z]{1,2})(\d{1,2}|\d[A-HJKMNP-Y]) (\d)(?![KMGTPE]B|[AP]M|HZ)([ABD-HJLNP-UW-Z]{2})(?![\w-])",
        _post_code,
        "SW1A 1AA: before names with numbers.",
    ),
    rule(
        "versions in a row",
        rf"(?<![\w.-])([A-Za-z][\w.+-]{{0,30}})([ -])v?({_NUMBER})((?:{_LINK}v?{_NUMBER}){{1,6}})(?![\w%]|\.\d|,\d| ?(?:[%€$°]|(?:{any_of(UNITS)}|times|percent|points?|million|billion)(?!\w)))",
        _versions,
        "Python 3.10 or 3.11, 3.8–3.12: what follows a version is one.",
    ),
    rule(
        "hash by its name",
        r"(?<![\w-])([Ss][Hh][Aa])-?(224|256|384|512)(?![\w-])",
        lambda m: f"{m[1]} {paired(m[2])}",
        "SHA-256.",
    ),
    rule(
        "encoding",
        r"(?<![\w-])[Uu][Tt][Ff]-?(8|16|32)(?!\w|\.\w)",
        r"U T F \1",
        "utf-8 is no word.",
    ),
    rule(
        "standard of engineers",
        r"\bIEEE(?:[ -](\d{3,4})(?![\w]|\.\d))?",
        lambda m: f"I triple E {paired(m[1]) if m[1] else ''}".rstrip(),
        "IEEE 754.",
    ),
    rule(
        "plan by its paragraph",
        r"(?<![\w$.,-])(40[13]|457)\(?([kb])\)?(?![\w(])",
        lambda m: f"{paired(m[1])} {m[2]}",
        "A 401(k) is no thousand.",
    ),
    rule(
        "endless decimals",
        r"(?<![\w.,])(\d{0,6})\.\((\d{1,8})\)(?![\w(])",
        lambda m: f"{cardinal(int(m[1])) if m[1] else ''} point {digits(m[2])} repeating".lstrip(),
        "0.(3): behind other digits a bracket may tell how sure they are.",
    ),
)
"""Before codes, names, molecules and numbers."""

VERSIONS_OF_NAMES: tuple[Rule, ...] = (
    rule(
        "version after a name with a dot or in capitals",
        r"(?<![\w.])([A-Z][A-Za-z]{1,20}\.(?:js|NET|ai|io)|[a-z]{1,2}[A-Z]{2,6}|[vV]er\.) (\d{1,4}(?:\.\d{1,4}){1,3})(?![\w%]|\.\d|,\d)",
        lambda m: f"{'version' if m[1].lower() == 'ver.' else m[1]} {say_version(m[2])}",
        "Node.js 18.20, cuDNN 8.10: before names are taken apart.",
    ),
)
"""Before names are taken apart, and after what stands beside each other."""
