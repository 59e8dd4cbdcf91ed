"""Times and dates as machines and diaries write them: zones, quarters, short forms, rows of days."""

# ruff: noqa: E501, RUF001 - patterns are read in one piece; typographic marks

from __future__ import annotations

import re

from .rule import Rule, rule

_DAY = r"(?:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)"
_FULL = {
    "Mo": "Monday", "Tu": "Tuesday", "We": "Wednesday", "Th": "Thursday", "Fr": "Friday", "Sa": "Saturday",
    "Su": "Sunday",
}  # fmt: skip
_OF_A_DECADE = (
    "music|movies?|films?|fashion|style|songs?|hits?|rock|pop|disco|funk|bands?|sitcoms?|icons?|vibes?|nostalgia"
    "|cartoons?|hair|kids?|classics?|synth|retro|playlists?|throwbacks?|babies|soul|hip[- ]hop|aesthetics?"
)


def _padded(match: re.Match[str]) -> str:
    number, mark, month, day = match.groups()
    return f"{number}{mark}{month.zfill(2)}{mark}{day.zfill(2)}"


def _zulu(match: re.Match[str]) -> str:
    """Behind a date it is a time stamp, by itself the time of pilots."""
    date, time = match.groups()
    return f"{date}{time} UTC" if date else f"{time} Zulu"


def _lasting(match: re.Match[str]) -> str:
    hours, minutes, seconds = match.groups()
    return f"{f'{hours} h ' if hours else ''}{minutes} min {seconds} s"


def _days(match: re.Match[str]) -> str:
    days = re.findall(_DAY, match.group())
    if len({day[:2] for day in days}) < len(days):
        return match.group()  # Sun, Sun, Sun: a song
    said = re.sub(rf"({_DAY})\b\.?", lambda m: _FULL[m[1][:2]], match.group())
    ends = match.group().endswith(".") and not re.match(r"\s?[a-z,;:]", match.string[match.end() :])
    return said + ("." if ends else "")


_OF_A_FILM = re.compile(
    r"(?i)\b(?:timers?|counters?|counts?|countdown|stopwatch|videos?|clips?|recordings?|audio|tracks?|playback|loops?|trim|transcripts?|subtitles?)\b"
)


def _midnight(match: re.Match[str]) -> str:
    return match.group() if _OF_A_FILM.search(match.string) else f"{match[1]}midnight"


STAMPS: tuple[Rule, ...] = (
    rule(
        "date without zeros",
        r"(?<![\w./=+*-])((?:19|20)\d\d)([-/])(?!\d\d\2\d\d(?!\d))(1[0-2]|0?[1-9])\2(3[01]|[12]\d|0?[1-9])(?![\w/-]|[.,]\d|\s?=)",
        _padded,
        "2024-3-5, 2024/1/2: before paths and numbers in parts.",
    ),
    rule(
        "time of pilots",
        r"(?<![\w:.])((?:19|20)\d\d-\d\d-\d\d[T ])?(\d\d:\d\d(?::\d\d)?)(?:\.\d{1,9})? ?Z(?![\w'’])",
        _zulu,
        "14:30Z: a zone is said.",
    ),
    rule(
        "offset without minutes",
        r"\b(UTC|GMT)(\s?[-+−±]\s?)0?(\d{1,2}):?00(?![\w:])",
        r"\1\2\3",
        "UTC+02:00 is no time of the day.",
    ),
    rule(
        "midnight",
        r"(\b(?:[Aa]t|[Ff]rom|[Uu]ntil|[Bb]y|[Bb]efore|[Aa]fter) |\d\d-\d\d[T ])00:00(?![\d:.])",
        _midnight,
        "At 00:00; by itself, and by words of it, it is where a video begins.",
    ),
    rule(
        "quarter of a year",
        r"(?<![\w-])((?:19|20)\d\d)[-/]?Q([1-4])(?![\w-])|(?<![\w-])Q([1-4])[-/]((?:19|20)\d\d)(?![\w-])",
        lambda m: f"{m[1]} Q {m[2]}" if m[1] else f"Q {m[3]} {m[4]}",
        "2024-Q3, Q3/2024.",
    ),
    rule(
        "minutes and seconds",
        r"(?<![\w.,])(?:(\d{1,3})\s?h\s?)?([0-5]?\d(?=\s?m)|\d{2,3}(?=m\d))\s?m\s?([0-5]?\d(?:\.\d{1,3})?)\s?s(?![\w/'’²³^])",
        _lasting,
        "5m30s: no meters; 100 m 9.58 s is a race.",
    ),
    rule(
        "days in a row of words",
        rf"(?<![\w-]){_DAY}\.?(?:(?:, ?| and | & | or |, and |, or | to | through ){_DAY}\b\.?(?=[\s,;:)!?]|$)){{1,6}}(?![\w-])",
        _days,
        "Mon, Wed and Fri: beside each other they are no words.",
    ),
    rule(
        "decade of a style",
        rf"(?<![\w'’.$-])(?<!\bfor )(?<![Ww]ait )(?<!\bin )(?!(?<=\b[Aa] )[2-6]0)([2-9]0)s(?=[ -](?:{_OF_A_DECADE})\b(?! (?:clip|trailer|preview|intro|loop|sample|snippet|teaser)))",
        r"'\1s",
        "80s music lasts no eighty seconds; a 30s film may.",
    ),
    rule(
        "to this day",
        r"(?<=(?<!\d)(?:1\d|20)\d\d)(?:[-–—](?=(?:[Pp]resent|[Nn]ow|[Tt]oday|[Dd]ate)\b(?!\s?[-'’]))|\s[-–—]\s(?=(?:[Pp]resent|[Nn]ow|[Tt]oday)(?:[.,;)\]]|\s*$)))",
        " to ",
        "1990–present; with gaps, a dash may be one of a sentence: in 1990 - now she is 34.",
    ),
)
"""Before paths, ratios and numbers in parts, which these look like."""
