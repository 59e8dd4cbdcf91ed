"""Rows as a table for people: verdict, by how much a budget is missed, and where the time goes."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from .rows import Row

HEADS = ("", "what", "value", "budget", "verdict")
WIDTH = 100


def verdict(row: Row) -> str:
    """In a few words: met, missed by how much, not measured, or no budget."""
    if row.value is None:
        return "NOT MEASURED"
    if row.budget is None:
        return ""
    if row.ok:
        return "ok"
    by = abs(row.value - row.budget)
    share = f" ({by / row.budget:+.0%})".replace("+", "") if row.budget else ""
    return f"MISSED by {number(by)} {row.unit}{share}"


def number(value: float) -> str:
    """Three significant digits, without an exponent."""
    if value == 0:
        return "0"
    return f"{value:.0f}" if abs(value) >= 999.5 else f"{value:.3g}"


def table(rows: Sequence[Row]) -> str:
    """All rows, one line each; notes below those that missed their budget or failed."""
    lines = [HEADS, *(_cells(row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADS))]
    out = [_joined(HEADS, widths), "-" * sum(widths, 2 * len(widths) - 2)]
    for row, cells in zip(rows, lines[1:], strict=True):
        out.append(_joined(cells, widths))
        note = row.error or (row.where if not row.ok else "")
        out += [
            f"      {line}"
            for part in note.splitlines()
            for line in textwrap.wrap(part, WIDTH - 6, subsequent_indent="  ")
        ]
    budgeted = [row for row in rows if row.budget is not None and row.value is not None]
    met = sum(row.ok for row in budgeted)
    lost = sum(row.value is None for row in rows)
    out.append(
        f"\n{met} of {len(budgeted)} budgets met" + (f", {lost} NOT MEASURED" if lost else "")
    )
    return "\n".join(out)


def _cells(row: Row) -> tuple[str, ...]:
    sign = "x" if row.value is None else " " if row.budget is None else "+" if row.ok else "-"
    value = "?" if row.value is None else f"{number(row.value)} {row.unit}"
    bound = "" if row.budget is None else f"{'>=' if row.at_least else '<='} {number(row.budget)}"
    return sign, row.name, value, bound, verdict(row)


def _joined(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
