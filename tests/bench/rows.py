"""What a measurement is: a row that is specified before it is measured, and judged after."""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .stand import Stand


@dataclass(frozen=True)
class Spec:
    """A row before it is measured.

    Attributes:
        name: `group: what`, unique.
        unit: Of value and budget.
        budget: From the design; None where it has none, and the row is for information.
        how: How it is measured.
        at_least: The budget is a lower bound.
    """

    name: str
    unit: str
    budget: float | None
    how: str
    at_least: bool = False


@dataclass(frozen=True)
class Reading:
    """What was measured. `where` says where the time (or room) goes; `n` counts the runs."""

    name: str
    value: float
    n: int
    where: str = ""


@dataclass(frozen=True)
class Row:
    """A line of `bench.json`. A row that could not be measured has no value, and an error."""

    name: str
    value: float | None
    unit: str
    budget: float | None
    ok: bool
    how: str
    at_least: bool = False
    where: str = ""
    error: str = ""

    def plain(self) -> dict[str, Any]:
        """For JSON; what is empty is left out, but never the six fields everybody reads."""
        always = {"name", "value", "unit", "budget", "ok", "how"}
        return {key: value for key, value in asdict(self).items() if value or key in always}


@dataclass(frozen=True)
class Part:
    """Rows that are measured together: if that fails half way, the others go on."""

    group: str
    specs: Sequence[Spec]
    measure: Callable[[Stand], Iterable[Reading]]


def judged(spec: Spec, reading: Reading) -> Row:
    """The row of a reading: met or missed."""
    value, budget = reading.value, spec.budget
    if not math.isfinite(value):
        return failed(spec, f"measured {value}")
    met = budget is None or (value >= budget if spec.at_least else value <= budget)
    return Row(
        name=spec.name,
        value=rounded(value),
        unit=spec.unit,
        budget=budget,
        ok=met,
        how=f"{spec.how}; n = {reading.n}",
        at_least=spec.at_least,
        where=reading.where,
    )


def failed(spec: Spec, error: str) -> Row:
    """The row of what could not be measured."""
    return Row(spec.name, None, spec.unit, spec.budget, False, spec.how, spec.at_least, "", error)


def rounded(value: float, digits: int = 4) -> float:
    """Four significant digits: more would be noise."""
    if value == 0:
        return 0.0
    return round(value, max(0, digits - 1 - math.floor(math.log10(abs(value)))))


def measured(part: Part, stand: Stand) -> Iterator[Row]:
    """The rows of a part, each as soon as it is there; one for every spec, whatever happens."""
    waiting = {spec.name: spec for spec in part.specs}
    error = "not measured"
    try:
        for reading in part.measure(stand):
            yield judged(waiting.pop(reading.name), reading)
    except Exception as cause:
        error = f"{type(cause).__name__}: {cause}".strip()
        traceback.print_exc()
    for spec in waiting.values():
        yield failed(spec, error)
