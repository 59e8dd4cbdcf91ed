"""Sound as a series of small blocks: when it begins, when it ends, how far it lags a source."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

AUDIBLE = 0.005
"""Peak over which a block counts as sound: -46 dB of full scale."""

HUSH_MS = 250.0
"""So long without sound is silence; the closures of p, t, k are shorter than 120 ms."""


@dataclass(frozen=True)
class Blocks:
    """Blocks of sound.

    Attributes:
        at: `float64[n]`: when the first sample of each is due, ms, ascending.
        peak: `float64[n]`: its largest absolute sample.
        rms: `float64[n]`: its root mean square.
    """

    at: Floats
    peak: Floats
    rms: Floats

    def between(self, low: float, high: float) -> Blocks:
        """Those that begin in `[low, high)` ms."""
        keep = (self.at >= low) & (self.at < high)
        return Blocks(self.at[keep], self.peak[keep], self.rms[keep])


def onset(blocks: Blocks, after: float) -> float:
    """When the first audible block at or after `after` ms begins.

    Raises:
        ValueError: There is none, or it sounded at `after` already.
    """
    loud = blocks.at[blocks.peak > AUDIBLE]
    later = loud[loud >= after]
    if not len(later):
        raise ValueError("nothing was heard")
    before = loud[(loud < after) & (loud > after - HUSH_MS)]
    if len(before):
        raise ValueError("there was sound before it was asked for")
    return float(later[0])


def end_of_sound(blocks: Blocks, after: float) -> float:
    """When the last audible block ends that comes before `HUSH_MS` of silence, at or after `after`.

    Returns `after` itself when it was silent by then.

    Raises:
        ValueError: The recording ends before it has been silent for long enough.
    """
    later = blocks.between(after, np.inf)
    length = float(np.median(np.diff(later.at)))
    loud = later.at[later.peak > AUDIBLE]
    edges = np.concatenate([[after], loud + length])
    nexts = np.concatenate([loud, [later.at[-1] + length]])
    quiet = np.flatnonzero(nexts - edges >= HUSH_MS)
    if not len(quiet):
        raise ValueError("it never went silent")
    return float(edges[quiet[0]])


def steady(arrivals: Floats, nominal: Floats) -> float:
    """The ms to add to a block's nominal time to get the clock's, when blocks arrive in bursts.

    A block cannot be handed over before it is made, but may well be later: the fifth percentile of
    the differences is the regular one, and shrugs off a clock read a little too coarsely.
    """
    return float(np.percentile(arrivals - nominal, 5))


def envelope(audio: NDArray[np.float32], rate: int, per_s: int, window_ms: float) -> Floats:
    """RMS of `audio` over `window_ms` from each point of a grid of `per_s` points a second."""
    energy = np.concatenate([[0.0], np.cumsum(np.square(audio, dtype=np.float64))])
    begin = np.round(np.arange(len(audio) * per_s // rate) * rate / per_s).astype(int)
    width = max(1, round(window_ms * rate / 1000))
    end = np.minimum(begin + width, len(audio))
    rms: Floats = np.sqrt(np.maximum(energy[end] - energy[begin], 0.0) / width)
    return rms
