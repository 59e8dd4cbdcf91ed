"""Designations with numbers that are no numbers: post codes, hashes, standards, plans; endless decimals."""

# ruff: noqa: E501, RUF001, SIM905 - patterns and lists are read in one piece; typographic marks

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


_POST_AREAS = (
    "B E G L M N S W AB AL BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY EC"
    " EH EN EX FK FY GL GU HA HD HG HP HR HS HU HX IG IP IV KA KT KW KY LA LD LE LL LN LS LU ME MK ML NE NG NN NP"
    " NR NW OL OX PA PE PH PL PO PR RG RH RM SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB"
    " WA WC WD WF WN WR WS WV YO ZE"
).split()


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


def _plan(match: re.Match[str]) -> str:
    number, letter = (group for group in match.groups() if group)
    return f"{paired(number)} {letter}"


DESIGNATIONS: tuple[Rule, ...] = (
    rule(
        "post code",
        rf"(?<![\w-])({any_of(_POST_AREAS)})(\d{{1,2}}|\d[A-HJKMNP-Y]) (?!1ST|2ND|3RD|[24]WD)(\d)(?![KMGTPE]B|[AP]M|HZ)([ABD-HJLNP-UW-Z]{{2}})"
        r"(?![\w-]| (?:cells?|batter|flats?|apartments?|units?|seats?|rows?|meeting|edition)\w{0,4}\b)",
        _post_code,
        "SW1A 1AA, in an area there is: a B1 3RD edition, an S3 4WD are none. Before names with numbers.",
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
        r"(?<![\w$€£.,-])(?:(401)\((k)\)|(403|457)\((b)\)|(401)(k)|(403|457)(b)(?! in\b))(?![\w(])"
        r"(?!(?<=[kb]) (?!plans|accounts|contributions|matches|rollovers|loans|limits|balances|savings|funds|assets|withdrawals|has|was|is|does)(?:[a-z]{3,20}s|people)\b)",
        _plan,
        "A 401(k) is no thousand, as 401k users are.",
    ),
    rule(
        "endless decimals",
        r"(?:(?<![\w.,])(?=0\.)|(?<=[=≈])|(?<=[=≈] )|(?<=equals ))(\d{1,6})\.\((\d{1,8})\)(?![\w(])",
        lambda m: f"{cardinal(int(m[1]))} point {digits(m[2])} repeating",
        "0.(3): behind other digits a bracket may tell how sure they are; Section 2.(3) is one of a law.",
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
