"""What was found: rows, and the three ways to show them (text, HTML, JSON)."""

from __future__ import annotations

import html
import itertools
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

State = Literal["ok", "warning", "failed", "not asked"]

MARKS: Mapping[State, str] = {"ok": "✓", "warning": "!", "failed": "✗", "not asked": "·"}
"""Besides the word: nobody has to tell colours apart."""

COLOURS: Mapping[State, str] = {
    "ok": "#1a7f4b",
    "warning": "#b35900",
    "failed": "#c62828",
    "not asked": "#6e7781",
}
"""Readable on white and on near-black, as a bar beside the row; the text has the page's colour."""

PLAIN = 'style="background:transparent"'
"""Notebooks have striped tables."""

WIDTH = 100


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        state: Whether it works: `ok`, `warning` (it does, with limits), `failed`, `not asked`.
        what: What is so, in a sentence.
        fix: What to do about it; empty where there is nothing to do.
        facts: Numbers and names for a bug report.
    """

    state: State
    what: str
    fix: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """A finding with its place in the table.

    Attributes:
        group: What it is part of, such as `Browser`.
        name: What was checked.
        seconds: How long that took.
    """

    group: str
    name: str
    state: State
    what: str
    fix: str
    seconds: float
    facts: Mapping[str, Any]


class Report(Sequence[Row]):
    """All rows. Prints as a table, shows itself as one in a notebook.

    Attributes:
        ok: Whether nothing has failed.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = tuple(rows)
        self.ok = not any(row.state == "failed" for row in self._rows)

    def __getitem__(self, index: Any) -> Any:
        return self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def summary(self) -> str:
        """One sentence on all of it."""
        failed = [row.name for row in self._rows if row.state == "failed"]
        warned = sum(row.state == "warning" for row in self._rows)
        limits = f" {warned} with limits." if warned else ""
        if failed:
            return f"Does not work: {', '.join(failed)}.{limits}"
        return f"All that was asked works.{limits}"

    def as_json(self) -> dict[str, Any]:
        """Plain values, for a bug report."""
        rows = [{**asdict(row), "seconds": round(row.seconds, 3)} for row in self._rows]
        return {"ok": self.ok, "summary": self.summary, "rows": rows}

    def __repr__(self) -> str:
        widest = max((len(row.name) for row in self._rows), default=0)
        lines: list[str] = []
        group = ""
        for _, rows in itertools.groupby(self._rows, _alike):
            first, *others = rows
            if first.group != group:
                group = first.group
                lines += ["", group] if lines else [group]
            head = f"  {MARKS[first.state]} {first.name.ljust(widest)}  "
            also = f" The same of: {', '.join(row.name for row in others)}." if others else ""
            lines += _wrap(head, first.what + also)
            if first.fix:
                lines += _wrap(" " * (len(head) - 2) + "→ ", first.fix)
        return "\n".join([*lines, "", self.summary])

    def _repr_html_(self) -> str:
        body: list[str] = []
        group = ""
        for row in self._rows:
            if row.group != group:
                group = row.group
                cell = 'scope="rowgroup" colspan="3" style="text-align:left;padding:10px 8px 2px"'
                body.append(f"<tr {PLAIN}><th {cell}>{html.escape(group)}</th></tr>")
            body.append(_html_row(row))
        return (
            '<table style="border-collapse:collapse;color:inherit;background:transparent">'
            f'<caption style="text-align:left;color:inherit;padding:4px 8px">'
            f"{html.escape(self.summary)}</caption><tbody>{''.join(body)}</tbody></table>"
        )


def _alike(row: Row) -> tuple[str, ...]:
    """Rows of which nobody was asked, for one reason, are told as one; others have a line each."""
    return row.group, row.what, "" if row.state == "not asked" else row.name


def _wrap(head: str, text: str) -> list[str]:
    indent = " " * len(head)
    width = max(WIDTH, len(head) + 30)
    return textwrap.wrap(text, width, initial_indent=head, subsequent_indent=indent) or [head]


def _html_row(row: Row) -> str:
    cell = 'style="text-align:left;vertical-align:top;padding:3px 8px;color:inherit'
    state = f"{MARKS[row.state]} {row.state}"
    fix = f'<div style="opacity:.85">→ {html.escape(row.fix)}</div>' if row.fix else ""
    return (
        f"<tr {PLAIN}>"
        f'<td {cell};white-space:nowrap;border-left:4px solid {COLOURS[row.state]}">{state}</td>'
        f'<th scope="row" {cell};white-space:nowrap;font-weight:600">{html.escape(row.name)}</th>'
        f'<td {cell}">{html.escape(row.what)}{fix}</td></tr>'
    )
