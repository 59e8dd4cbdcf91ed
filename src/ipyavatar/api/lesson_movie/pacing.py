"""How long what is shown of a lesson stays: as long as it is spoken of, and can be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..notebook_file import Cell, Step

LEAD_S = 2.5
"""What is said is shown alone for so long at most, before the code that it is about."""

_LEAST_S, _LINE_S, _MOST_S = 1.2, 0.4, 6.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Of one cell.

    Attributes:
        shown_s: It stays so long before what came out of it is shown.
        output_s: That stays so long before the next one comes, if there is any.
    """

    shown_s: float
    output_s: float = 0.0


def plan_pace(step: Step, speech_s: float) -> list[Pace]:
    """How long each cell of a step stays, where its text takes `speech_s` to be said.

    What is said comes first. Its time is shared among the others, but each stays for as long as
    it takes to be read: where the time is not enough, silence follows.
    """
    cells = list(step.cells)
    if not step.text:
        return [_read(cell) for cell in cells]
    others = cells[1:]
    lead = min(LEAD_S, speech_s / (len(others) + 1))
    share = (speech_s - lead) / len(others) if others else 0.0
    return [Pace(lead), *(_stretch(_read(cell), share) for cell in others)]


def reading_s(text: str) -> float:
    """How long it takes to look a text over."""
    lines = sum(bool(line.strip()) for line in text.splitlines())
    return min(max(_LEAST_S, _LINE_S * lines), _MOST_S)


def _read(cell: Cell) -> Pace:
    seconds = reading_s(cell.text)
    return Pace(seconds, 1.5) if cell.is_code else Pace(seconds)


def _stretch(pace: Pace, share: float) -> Pace:
    """At least as long as its share; it is the output that is looked at longer."""
    if pace.output_s:
        return Pace(pace.shown_s, max(pace.output_s, share - pace.shown_s))
    return Pace(max(pace.shown_s, share))


def titles_of(steps: Sequence[Step]) -> list[str]:
    """The chapters of a lesson."""
    return [step.title for step in steps if step.title]
