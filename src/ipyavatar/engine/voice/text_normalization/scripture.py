"""Chapter and verse: the books of the Bible, and what is cited as they are."""

# ruff: noqa: E501, RUF001, SIM905 - patterns and lists of words are read in one piece

from __future__ import annotations

import re

from .rule import Rule, any_of, rule

_BOOKS = (
    "Genesis Exodus Leviticus Numbers Deuteronomy Joshua Judges Ruth Samuel Kings Chronicles Ezra Nehemiah"
    " Esther Job Psalm Psalms Proverbs Ecclesiastes Isaiah Jeremiah Lamentations Ezekiel Daniel Hosea Joel Amos"
    " Obadiah Jonah Micah Nahum Habakkuk Zephaniah Haggai Zechariah Malachi Matthew Mark Luke John Acts Romans"
    " Corinthians Galatians Ephesians Philippians Colossians Thessalonians Timothy Titus Philemon Hebrews James"
    " Peter Jude Revelation Surah Sura Quran Qur'an Gita"
).split()
_SHORT = {
    "Gen": "Genesis", "Ex": "Exodus", "Exod": "Exodus", "Lev": "Leviticus", "Num": "Numbers", "Deut": "Deuteronomy",
    "Josh": "Joshua", "Sam": "Samuel", "Ps": "Psalm", "Pss": "Psalms", "Prov": "Proverbs", "Eccl": "Ecclesiastes",
    "Isa": "Isaiah", "Jer": "Jeremiah", "Ezek": "Ezekiel", "Dan": "Daniel", "Matt": "Matthew", "Mt": "Matthew",
    "Mk": "Mark", "Lk": "Luke", "Jn": "John", "Rom": "Romans", "Cor": "Corinthians", "Gal": "Galatians",
    "Eph": "Ephesians", "Phil": "Philippians", "Col": "Colossians", "Thess": "Thessalonians", "Tim": "Timothy",
    "Heb": "Hebrews", "Jas": "James", "Pet": "Peter", "Rev": "Revelation",
}  # fmt: skip
_COUNTED = {"1": "First", "2": "Second", "3": "Third", "I": "First", "II": "Second", "III": "Third"}


def _cited(match: re.Match[str]) -> str:
    """Single verses of two digits as everybody says them: John three sixteen."""
    which, book, chapter, first, last = match.groups()
    named = f"{_COUNTED[which]} {_SHORT.get(book, book)}" if which else _SHORT.get(book, book)
    gap = " " if len(first) > 1 and not last else ", "
    return f"{named} {chapter}{gap}{first}" + (f" to {last}" if last else "")


_LETTERS_TO = "Samuel Kings Chronicles Corinthians Thessalonians Timothy Peter John Sam Cor Thess Tim Pet Jn".split()

SCRIPTURE: tuple[Rule, ...] = (
    rule(
        "chapter and verse",
        rf"(?<![\w.])(?:([123]|I{{1,3}})\s)?({any_of((*_BOOKS, *_SHORT))})\.?\s(\d{{1,3}}):(\d{{1,3}})(?:[-–](\d{{1,3}}))?"
        r"(?![\d:]|\s?[AaPp]\.?[Mm]\b)",
        _cited,
        "Genesis 1:1-5 is no time and no ratio.",
    ),
    rule(
        "numbered book",
        rf"(?<![\w.])(?<!No\. )(?<!no\. )([123])\s({any_of(_LETTERS_TO)})\.?\s(?=\d{{1,3}}(?![\d:.,]*\d|-\d| to \d| (?!says|speaks|tells|reads|shows|was|does|has|this)[A-Za-z]{{3,20}}s\b))",
        lambda m: f"{_COUNTED[m[1]]} {_SHORT.get(m[2], m[2])} ",
        "1 Cor. 13; but 1 Peter 5 dollars, 2 Kings 4 Queens.",
    ),
)
"""Before ranges and times."""
