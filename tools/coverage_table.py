"""Runs tests and prints which part of the package they reach, a line a folder.

python tools/coverage_table.py                 # unit, contract and integration tests
python tools/coverage_table.py tests/unit      # a part of them

The companion process and the twin's process count, too.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "src/ipyavatar"
REPORT = ROOT / ".coverage.json"
TESTS = ("tests/unit", "tests/contract", "tests/integration")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Which part of the package tests reach.")
    parser.add_argument("tests", nargs="*", default=TESTS)
    parser.add_argument("--jobs", default="2")
    options = parser.parse_args(arguments)
    command = [
        *(sys.executable, "-m", "pytest", "--quiet", "--numprocesses", options.jobs),
        *("--dist", "loadfile", f"--cov={PACKAGE}", f"--cov-report=json:{REPORT}"),
        *options.tests,
    ]
    REPORT.unlink(missing_ok=True)
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    if REPORT.exists():
        print(table(json.loads(REPORT.read_text())["files"]))
    return code


def table(files: dict[str, dict[str, dict[str, float]]]) -> str:
    """Lines and branches reached, by folder; a folder's own files only, and all together."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0] * 4)
    for name, found in files.items():
        folder = Path(name).parent.as_posix().removeprefix(PACKAGE).strip("/") or "."
        summary = found["summary"]
        numbers = [
            summary["num_statements"],
            summary["covered_lines"],
            summary.get("num_branches", 0),
            summary.get("covered_branches", 0),
        ]
        for key in (folder, "all"):
            sums[key] = [a + b for a, b in zip(sums[key], numbers, strict=True)]
    everything = sums.pop("all", [0.0] * 4)
    rows = [("folder", "statements", "reached", "branches", "reached")]
    rows += [_row(folder, sums[folder]) for folder in sorted(sums)]
    rows.append(_row("all", everything))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows
    )


def _row(name: str, numbers: list[float]) -> tuple[str, str, str, str, str]:
    statements, lines, branches, taken = numbers
    return (
        name,
        f"{statements:,.0f}",
        _share(lines, statements),
        f"{branches:,.0f}",
        _share(taken, branches),
    )


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "-"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
