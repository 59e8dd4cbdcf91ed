"""How far a series of samples, taken at any times, lags behind a known reference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEP_MS = 1.0


@dataclass(frozen=True)
class Lag:
    """Where a reference was found.

    Attributes:
        ms: When its begin was seen, on the series' clock.
        fit: How well it fits, -1 to 1.
    """

    ms: float
    fit: float


def lag(
    times: Floats, values: Floats, reference: Floats, per_s: float, low: float, high: float
) -> Lag:
    """The lag in `[low, high]` ms at which `values` fit `reference` best.

    Args:
        times: `float64[n]` ms, when each value was seen.
        values: `float64[n]` or `float64[n, k]`.
        reference: `float64[m]` or `float64[m, k]`, `per_s` points a second from its begin on.
        per_s: Points of the reference in a second.
        low: Earliest begin of the reference, in ms of the series' clock.
        high: Latest one.

    Returns:
        The best lag; its fit is Pearson's correlation, -1 where fewer than 8 values lie within the
        reference at every lag.
    """
    values, reference = _columns(values), _columns(reference)
    length = len(reference) * 1000 / per_s
    lags = np.arange(low, high + STEP_MS, STEP_MS)
    fits = np.full(len(lags), -1.0)
    grid = np.arange(len(reference)) * 1000 / per_s
    for index, at in enumerate(lags):
        inside = (times >= at) & (times < at + length)
        if inside.sum() >= 8:
            places = times[inside] - at
            wanted = np.stack([np.interp(places, grid, column) for column in reference.T], 1)
            fits[index] = _likeness(values[inside], wanted)
    best = int(fits.argmax())
    return Lag(float(lags[best] + _summit(fits, best) * STEP_MS), float(fits[best]))


def _columns(values: Floats) -> Floats:
    return values[:, None] if values.ndim == 1 else values


def _likeness(one: Floats, other: Floats) -> float:
    """Pearson's correlation over all columns at once, each about its own mean."""
    one, other = one - one.mean(0), other - other.mean(0)
    size = float(np.sqrt((one * one).sum() * (other * other).sum()))
    return float((one * other).sum()) / size if size else -1.0


def _summit(fits: Floats, best: int) -> float:
    """The top of the parabola through the best and its neighbours, in steps from the best."""
    if not 0 < best < len(fits) - 1:
        return 0.0
    left, mid, right = fits[best - 1 : best + 2]
    bend = left - 2 * mid + right
    return float(0.5 * (left - right) / bend) if bend < 0 and min(left, right) > -1 else 0.0
