"""Small statistics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np


def median(values: Iterable[float]) -> float:
    """The middle value; fails on none."""
    return percentile(values, 50)


def percentile(values: Iterable[float], q: float) -> float:
    """Linearly interpolated percentile, `q` in 0 to 100.

    Raises:
        ValueError: There are no values.
    """
    found = list(values)
    if not found:
        raise ValueError("no values")
    return float(np.percentile(found, q))


def spread(values: Sequence[float], digits: int = 0) -> str:
    """`min, p50, p95, max`, in words."""
    low, mid, high, top = (percentile(values, q) for q in (0, 50, 95, 100))
    return (
        f"min {low:.{digits}f}, p50 {mid:.{digits}f}, p95 {high:.{digits}f}, max {top:.{digits}f}"
    )


def stages(runs: Sequence[Mapping[str, float]], order: Sequence[str]) -> str:
    """Where the time goes: the median of each step from one mark to the next that a run has.

    Args:
        runs: For each run its marks, in ms from its beginning.
        order: The marks in the order in which they are expected.
    """
    parts, before = [], {id(run): 0.0 for run in runs}
    for name in order:
        steps = []
        for run in runs:
            if name in run:
                steps.append(run[name] - before[id(run)])
                before[id(run)] = run[name]
        if steps:
            parts.append(f"{name} {median(steps):+.0f}")
    return ", ".join(parts)
