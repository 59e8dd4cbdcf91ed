"""From running the cell to the first painted frame, in JupyterLab."""

from __future__ import annotations

from collections.abc import Iterator

from .numbers import median, spread, stages
from .rows import Part, Reading, Spec
from .stand import Lab, Stand

COLD_RUNS = 4
WARM_RUNS = 3
"""Per cold one."""

COLD = "startup: cell run -> first frame, cold"
WARM = "startup: cell run -> first frame, warm"
SEEN_COLD = "startup: cell run -> poster gone, cold"
SEEN_WARM = "startup: cell run -> poster gone, warm"

_NOTE = "_marks.append(({!r}, _time.time_ns() / 1e6))"
CELL = f"""import time as _time
_marks = []; {_NOTE.format("cell")}
from ipyavatar import Avatar
{_NOTE.format("imported")}
avatar = Avatar()
{_NOTE.format("made")}
avatar.observe(lambda change: _marks.append((change.new, _time.time_ns() / 1e6)), "status")
avatar"""

ORDER = (
    *("cell", "imported", "made", "initialize", "render"),
    *("offer", "answer", "pc-connected", "frame", "uncovered"),
)


def startup(stand: Stand) -> Iterator[Reading]:
    """Cold: the first avatar of a fresh kernel. Warm: further ones in the same kernel."""
    cold, warm = [], []
    for _run in range(COLD_RUNS):
        with stand.notebook(CELL, CELL) as lab:
            cold.append(one_start(lab, 0))
            warm += [one_start(lab, 1) for _again in range(WARM_RUNS)]
    for name, seen, runs in ((COLD, SEEN_COLD, cold), (WARM, SEEN_WARM, warm)):
        for row, mark in ((name, "frame"), (seen, "uncovered")):
            times = [run[mark] for run in runs]
            steps = stages(runs, ORDER)
            live = [run["live"] for run in runs if "live" in run]
            where = f"{spread(times)}; steps in ms: {steps}"
            if live:
                where += f"; session live at {median(live):.0f}"
            yield Reading(row, median(times), len(times), where)


def one_start(lab: Lab, cell: int) -> dict[str, float]:
    """Run the cell; the marks of page and kernel in ms since."""
    lab.start(cell)
    lab.wait_for_picture()
    # Let the page settle: what follows the first frame must not fall into the next run.
    lab.page.wait_for_function("() => 'uncovered' in window.__bench.marks()", polling=50)
    lab.page.wait_for_timeout(1500)
    page = lab.marks()
    kernel = dict(lab.ask("", "_marks"))
    return {name: at - page["run"] for name, at in {**page, **kernel}.items()}


_HOW = (
    "from the run-cell command in JupyterLab (page clock) to {} in Chromium at 720p, "
    "{}; median; steps from marks of page and kernel on the machine's wall clock"
)
_FIRST, _GONE = "expectedDisplayTime of the first frame", "the poster over the picture going"
_FRESH, _SECOND = "fresh kernel", "a second avatar of the same kernel (the first goes on)"

PARTS = (
    Part(
        "startup",
        (
            Spec(COLD, "ms", 650, _HOW.format(_FIRST, _FRESH)),
            Spec(SEEN_COLD, "ms", None, _HOW.format(_GONE, _FRESH)),
            Spec(WARM, "ms", 150, _HOW.format(_FIRST, _SECOND)),
            Spec(SEEN_WARM, "ms", None, _HOW.format(_GONE, _SECOND)),
        ),
        startup,
    ),
)
