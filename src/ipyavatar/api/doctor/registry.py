"""Which checks there are: one function each, in the order of the table."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass

from .context import Context
from .report import Finding

CheckFunction = Callable[[Context], Finding]

MODULES = ("machine", "engine", "network", "services", "browser", "carriers")
"""Modules of `checks`, in the order of the table."""

_checks: list[Check] = []


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        group: What it is part of.
        name: What is checked, as in the table.
        run: Checks it. Whatever it raises is a row.
        within_s: What has not answered by then is a row that says so.
    """

    group: str
    name: str
    run: CheckFunction
    within_s: float


def check(
    group: str, name: str, *, within_s: float = 10.0
) -> Callable[[CheckFunction], CheckFunction]:
    """Make a function a check of the table."""

    def add(run: CheckFunction) -> CheckFunction:
        _checks.append(Check(group, name, run, within_s))
        return run

    return add


def checks() -> tuple[Check, ...]:
    """All of them."""
    for module in MODULES:
        importlib.import_module(f"{__package__}.checks.{module}")
    return tuple(_checks)
