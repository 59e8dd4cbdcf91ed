"""Text normalisation: a sentence as it is said, in words, for the pronunciation.

`strip_markup` (in `core/markup`) has taken away what nobody reads out, and a caption shows what is
left. `normalize_text` writes one sentence of that out: numbers, signs, formulas and code become
English words. The pronunciation knows the words.

The tables are applied in the order of `_TABLES`, the rules of a table one after the other. That
order has one reason: what is longer and more exact is read first, so that no rule takes a part of
what belongs to another. An address holds dots, slashes and digits; a name in code holds dots; a
quantity, a formula, a date and a version are numbers with something beside them; what is left are
numbers, then signs, then words in capitals.
"""

from __future__ import annotations

import re

from ....core.markup import find_unreadable, strip_markup
from ....core.scripts import FOREIGN
from ..splitter import MAX_CHARS, pieces
from .addresses import ADDRESSES
from .around import AROUND
from .capitals import CAPITALS, lower_shouting
from .chess import CHESS
from .code import BEFORE_CALLS, NAMES_IN_CODE, OPERATORS, SPELLING, open_calls
from .counts import COUNTS, SEPARATORS
from .dates import DATES
from .designations import DESIGNATIONS, VERSIONS_OF_NAMES
from .formulas import FORMULAS, MOLECULES
from .letters import OTHER_LETTERS, plain_letters
from .names import NAMES, REQUIREMENTS
from .notation import NOTATION, NOTATION_BEFORE_CALLS
from .powers_of_ten import AFTER_TENS
from .printed import PRINTED
from .quantities import QUANTITIES
from .quotients import QUOTIENTS
from .ranges import RANGES, ROWS
from .rates import RATES
from .rule import apply_rules
from .scripture import SCRIPTURE
from .shell import SHELL
from .stamps import STAMPS
from .symbols import ALONE, GREEK_LETTERS, SIGNS
from .syntax import SYNTAX

__all__ = ["find_unreadable", "normalize_text", "strip_markup"]

_EXACT = (
    *PRINTED, *STAMPS, *SYNTAX, *SHELL, *DESIGNATIONS, *AROUND, *REQUIREMENTS, *ROWS, *QUOTIENTS,
    *ADDRESSES, *SEPARATORS, *MOLECULES, *CHESS, *SCRIPTURE, *NOTATION_BEFORE_CALLS,
    *VERSIONS_OF_NAMES, *BEFORE_CALLS,
)  # fmt: skip
_TABLES = (
    NAMES_IN_CODE, OPERATORS, NAMES, NOTATION, RANGES, AFTER_TENS, RATES, QUANTITIES, FORMULAS,
    DATES, COUNTS, (GREEK_LETTERS, OTHER_LETTERS, *SIGNS), CAPITALS, SPELLING,
)  # fmt: skip
_SPACES = re.compile(r"\s+")
_OPENS = re.compile(r"[\s(\[“—\u2013]")
_CLOSES = re.compile(r"[\s.,;:!?)\]”—\u2013]")
_BEFORE_MARK = re.compile(r" +(?=[,.;:!?)”])|(?<=[(“]) +")


def normalize_text(text: str) -> str:
    """One plain sentence as it is to be said, for the pronunciation."""
    if len(text) > MAX_CHARS:
        # The rules look around within a sentence; a longer text costs no more than its pieces.
        return " ".join(normalize_text(piece.text) for piece in pieces(text))
    text = FOREIGN.sub(" ", plain_letters(text)).strip()
    if all(char in ALONE or char.isspace() for char in text):
        return " ".join(ALONE[char] for char in text if not char.isspace())
    text = lower_shouting(text)
    text = open_calls(apply_rules(_EXACT, text))
    for table in _TABLES:
        text = _SPACES.sub(" ", apply_rules(table, text))
    text = _BEFORE_MARK.sub("", text).strip()
    return _close_quotes(text) if '"' in text else text


def _close_quotes(text: str) -> str:
    """Without the gaps rules have left within quotation marks: they change how a word is said."""
    parts = text.split('"')
    for at, part in enumerate(parts):
        before, after = part[-1:], part[:1]
        opens = at % 2 == 0 and at < len(parts) - 1
        if (opens and before and not _OPENS.match(before)) or (
            at and at % 2 == 0 and after and not _CLOSES.match(after)
        ):
            return text  # of code: nobody knows which of them belong together
    if len(parts) % 2 == 0:
        return text
    return '"'.join(part.strip() if at % 2 else part for at, part in enumerate(parts))
