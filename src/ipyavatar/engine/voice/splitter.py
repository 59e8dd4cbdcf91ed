"""Where to cut a text, so that the first sound comes soon and the rest sounds like sentences.

Two cuts: `pieces` cuts the written text into sentences, lazily and before any pronunciation work;
`pack` cuts one sentence's spoken tokens into chunks that the network says in one go.
"""

# ruff: noqa: RUF001, SIM905 - typographic quotes and IPA are what this file is about

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeVar

from ...core.markup.characters import CONDITION
from .languages import ENGLISH, Language, find_language

MAX_CHARS = 240
"""Longest piece in characters: about 15 s of speech, 10 ms of pronunciation work."""

MAX_WORD = 60
"""A longer run without a space is cut: nobody writes such words."""

FIRST_CLAUSE, FIRST_WORD, LATER = 12, 40, 180
"""Phonemes. The first chunk ends at a clause after 12, else at a word before 40; later ones hold up
to 180. Measured: 27 to 53 ms of CPU to the first sound, and no loss of quality to a listening-test
predictor."""

FULL_LINE = 55
"""A line of at least so many characters was wrapped, and goes on in the next."""

_LEAST_REST = 12
"""A shorter rest (phonemes) is not worth a chunk of its own; it would sound chopped off."""

# What goes on after one of these is a formula: n! = 120.
_OPERATORS = frozenset(["=", "+", "*", "/", "<", ">", "×", "÷", "≤", "≥", "≠", "≈"])

# A mark that is a word of code, between what it belongs to: find . -name.
_WORD_OF_CODE = re.compile(r"\.\s+(?:--?\w|[|&>*/~])")

_INITIALS = re.compile(r"(?:[A-Z]\.)+[A-Z]")
# Those of no person: whatever capital follows, it may open a sentence.
_OF_NO_NAME = frozenset(
    (
        "F.B.I C.I.A N.S.A N.B.A N.F.L N.H.L M.L.B N.B.C C.B.S A.B.C B.B.C S.F L.A N.Y N.Y.C N.J"
        " U.S.A U.S.S.R U.A.E A.C.L.U N.A.A.C.P G.O.P T.V D.N.A R.I.P R.S.V.P I.R.S F.D.A M.I.T"
    ).split()
)
# Of a life, or of a century: what a number or an era after it goes with.
_LIVED = re.compile(r"[(,;] ?(?:b|d|r|fl)$")
_CITED = frozenset(
    (
        "Tab App Ex Prob Thm Def Lem Cor Prop Alg Gen Lev Num Deut Prov Ezek Rom Eph Thess Heb Jas"
        " Rev Ps"
    ).split()
)
# Of people as well: I spoke to Sam. 5 people came.
_CITED_BY_VERSE = frozenset("Josh Sam Isa Jer Dan Matt Gal Phil Col Tim Pet".split())
_ERAS = frozenset(("BC", "BCE", "AD", "CE"))
_NUMERAL = re.compile("[IVX]{2,6}|[VX]")
OPENING = "\"'“‘([*_$"
"""What may stand before the first letter of a sentence; of a formula, its mark."""

SENTENCE_END = re.compile(
    r"[.!?…]+(?:[\u00a0\u202f ]?»)?[\"'”’)\]*_]*(?=\s|$)"
    # Of other scripts: they need no space after them.
    r"|[。！？｡।॥؟۔።។]+[」』”’»）)\]*_]*"
)
CLAUSE_END = re.compile(r"[,;:—–)][\"'”’)]*(?=\s)|\s[-—–](?=\s)|[，、；：،؛]")
PARAGRAPH_END = re.compile(r"\n\s*\n")
# A space that may not be broken holds a number together: 1 234.
_SPACE = re.compile("[^\\S\u00a0\u2007\u2009\u202f]+")
_CLAUSE_MARKS = ",;:—"


class Pause(Enum):
    """What follows a piece or a chunk; the value is the silence in seconds."""

    WORD = 0.0
    CLAUSE = 0.14
    SENTENCE = 0.28
    PARAGRAPH = 0.45


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence of the written text, or as much of it as may be handled at once."""

    text: str
    pause: Pause


def pieces(text: str, language: str = "en") -> Iterator[Piece]:
    """The sentences of `text` in order; joined without white space they are `text` again."""
    known = find_language(language)
    held: Piece | None = None  # until it is known whether a paragraph follows
    for paragraph in PARAGRAPH_END.split(text):
        for number, piece in enumerate(_sentences(paragraph, known)):
            if held:
                yield held if number else Piece(held.text, Pause.PARAGRAPH)
            held = piece
    if held:
        yield held


def _sentences(paragraph: str, language: Language) -> Iterator[Piece]:
    for block in _blocks(paragraph):
        start = 0
        for match in SENTENCE_END.finditer(block):
            if ends_sentence(block, match, language):
                yield from _bounded(block[start : match.end()])
                start = match.end()
        yield from _bounded(block[start:])


def _blocks(paragraph: str) -> Iterator[str]:
    """Lines that belong together: a short line before a capital is a line of its own."""
    block: list[str] = []
    for line in filter(None, (line.strip() for line in paragraph.split("\n"))):
        if block and len(block[-1]) < FULL_LINE and not line[0].islower():
            yield " ".join(block)
            block = []
        block.append(line)
    yield " ".join(block)


def ends_sentence(text: str, match: re.Match[str], language: Language = ENGLISH) -> bool:
    """Whether the punctuation at `match` ends a sentence, and not an abbreviation."""
    rest = text[match.end() : match.end() + 40].split()
    follower = rest[0].lstrip(OPENING) if rest else ""
    if follower[:1].islower() or follower in _OPERATORS or _goes_on(text, match, follower):
        return False
    if not rest or match.group()[0] != "." or match.group().startswith(".."):
        return True
    before = text[max(0, match.start() - 24) : match.start()].split()
    word = re.split("[–—]", before[-1])[-1] if before else ""  # of a range
    if language is ENGLISH and _is_between(before, rest):
        return word != "v"  # Roe v. Wade; No. V for victory is wrong.
    return _may_end(word.lstrip(OPENING), follower, language)


def _is_between(before: list[str], after: list[str]) -> bool:
    """Whether it is a "v." between two parties, or a "No." that is an answer before a letter."""
    lead = before[-2] if len(before) > 1 else ""
    if before[-1:] == ["v"]:
        named = (len(lead) > 1 and lead[0].isupper()) or lead == "al."
        return named and after[0] not in ENGLISH.openers
    opens = not lead or lead[-1] in ".!?"
    letter = len(after) > 1 and after[0] in ("V", "X") and after[1].islower()
    return opens and letter and before[-1:] == ["No"]


def _goes_on(text: str, match: re.Match[str], follower: str) -> bool:
    """Whether a mark is one of code, of a life or a century: (b. 1990, d. 2020), 1st c. BC."""
    before = text[max(0, match.start() - 4) : match.start()]
    if match.group() == "?":
        near = CONDITION.finditer(text, max(0, match.start() - 40), match.end() + 90)
        return any(condition.end("gap") == match.start() for condition in near)
    if before[-1:] == " ":
        return _WORD_OF_CODE.match(text, match.start()) is not None
    if match.group() != ".":
        return False
    lived = follower[:3].isdigit() and _LIVED.search(before) is not None
    return lived or (before[-2:] == " c" and follower.replace(".", "").rstrip(",;:)") in _ERAS)


def _may_end(word: str, follower: str, language: Language) -> bool:  # noqa: PLR0911
    """Whether "word." ends a sentence before `follower`, which is not in lower case."""
    lower = word.lower()
    if len(word) == 1 and word.isalpha() and (language.letters or (word.isupper() and word != "I")):
        return False  # an initial: J. Smith; z. B., p. ej.
    cited = word in _CITED or (word in _CITED_BY_VERSE and ":" in follower[1:-1])
    if language.openers and follower[:1].isdigit() and cited:
        return False  # Tab. 3, 1 Cor. 13; a tab may well end a sentence
    counted = follower[:1].isdigit() or _NUMERAL.fullmatch(follower.rstrip(".,;:!?)"))
    if counted and _takes_number(lower, language):
        return False  # No. 5, Goethestr. 5, Vol. II
    if language.ordinals and word.isdigit() and len(word) < 4:
        return False  # 3. Oktober; a year may well end a sentence
    known = lower in language.abbreviations or _last_part(lower) in language.abbreviations
    initials = word not in _OF_NO_NAME and _INITIALS.fullmatch(word)
    if not known and language.openers and initials:
        return follower.strip(",.;:!?'’") in language.openers  # J.R.R. Tolkien
    if not known or (lower in language.words_too and (word.islower() or lower == "no")):
        return True
    opens = not language.openers or follower.strip(",.;:!?'’") in language.openers
    return lower in language.may_end and opens


def _takes_number(word: str, language: Language) -> bool:
    suffixes = language.numbered if language.compounds else ()
    return word in language.numbered or any(len(s) > 2 and word.endswith(s) for s in suffixes)


def _last_part(word: str) -> str:
    """What is joined to a word before it by an apostrophe: "l'art"."""
    return word.replace("’", "'").rsplit("'", 1)[-1]


def _bounded(text: str) -> Iterator[Piece]:
    """`text` as one piece, or cut at clauses, else at words, so that none is too long."""
    text = _SPACE.sub(" ", text).strip()
    while len(text) > MAX_CHARS:
        cut, pause = cut_long(text)
        yield Piece(text[:cut].strip(), pause)
        text = text[cut:].strip()
    if text:  # one that ends with a comma goes on in the next
        yield Piece(text, Pause.CLAUSE if text[-1] in _CLAUSE_MARKS else Pause.SENTENCE)


def cut_long(text: str) -> tuple[int, Pause]:
    """Where to cut a text that is longer than a piece, and what follows the cut."""
    head = text[: MAX_CHARS + 1]
    clauses = [m.end() for m in CLAUSE_END.finditer(head) if m.end() <= MAX_CHARS]
    if clauses and clauses[-1] > MAX_CHARS // 4:
        return clauses[-1], Pause.CLAUSE
    space = head.rfind(" ")
    return (space, Pause.WORD) if space > 0 else (MAX_WORD, Pause.WORD)


class HasPhonemes(Protocol):
    """What `pack` needs to know of a token."""

    @property
    def phonemes(self) -> str:
        """One character per phoneme."""


T = TypeVar("T", bound=HasPhonemes)


def pack(tokens: Sequence[T], first: bool) -> Iterator[tuple[Sequence[T], bool]]:
    """Cut one sentence into chunks.

    Args:
        tokens: The sentence's tokens.
        first: Whether nothing has been said yet: then the first chunk is short.

    Yields:
        The tokens of a chunk, and whether it ends at a clause mark (else at a bare word).
    """
    start = 0
    while start < len(tokens):
        end = _chunk_end(tokens, start, first)
        yield tokens[start:end], _is_clause_end(tokens[end - 1])
        start, first = end, False


def _chunk_end(tokens: Sequence[T], start: int, first: bool) -> int:
    """Index after the last token of the chunk that begins at `start`."""
    sizes = [len(token.phonemes) + 1 for token in tokens[start:]]
    total = sum(sizes)
    limit = FIRST_WORD if first else LATER
    if total <= limit and not (first and total > FIRST_CLAUSE + _LEAST_REST):
        return len(tokens)
    size, clause, word, phrase = 0, 0, 0, 0
    for index, token in enumerate(tokens[start:-1], start):
        size += sizes[index - start]
        if size > limit and word:
            break
        if total - size < _LEAST_REST:
            break
        word = index + 1
        if _is_clause_end(token) and size >= FIRST_CLAUSE:
            clause = index + 1
            if first:
                return clause
        if size >= limit // 2 and "ˈ" in token.phonemes and "ˈ" not in tokens[index + 1].phonemes:
            phrase = index + 1  # an unstressed word (the, of, and) opens the next phrase
    if total <= limit:
        return len(tokens)
    return clause or phrase or word or len(tokens)


def _is_clause_end(token: HasPhonemes) -> bool:
    return token.phonemes[-1:] in _CLAUSE_MARKS if token.phonemes else False
