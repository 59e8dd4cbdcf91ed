"""The Python end of `probe.js`: what one avatar in the page shows and sounds like."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

from .sound import Blocks, steady
from .stand import HERE

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Crop:
    """A part of the picture, as shares of its size, seen in `columns` x `rows` grey pixels."""

    x: float
    y: float
    w: float
    h: float
    columns: int = 32
    rows: int = 24


@dataclass(frozen=True)
class Frames:
    """Presented frames, `float64[n]` each; times in ms.

    Attributes:
        presented: When the frame was handed to the compositor.
        displayed: When it is expected to be visible.
        rtp: Its RTP timestamp, 90 kHz.
        count: How many frames had been presented by then.
        crops: `uint8[n, rows, columns]`; empty without a crop.
    """

    presented: Floats
    displayed: Floats
    rtp: Floats
    count: Floats
    crops: NDArray[np.uint8]


@dataclass(frozen=True)
class Recording:
    """What a probe has recorded; all times in ms of the wall clock.

    Attributes:
        graph: Sound as the page's audio graph renders it, 128 samples a block (a worklet behind a
            MediaStreamAudioSourceNode of the avatar's stream).
        pulled: Sound as the audio element's renderer pulls it, 2.5 ms a block
            (MediaStreamTrackProcessor); the graph gets the same sound after a buffer of its own.
        mutes: `float64[n, 2]`: when the audio element was muted (1) or not any more (0).
        frames: Pictures.
        holds: `float64[n, 5]`: when; then for sound and for picture how many ms the browser's
            jitter buffer has held it in all, and how many samples or pictures that were.
    """

    graph: Blocks
    pulled: Blocks
    mutes: Floats
    frames: Frames
    holds: Floats

    def held(self) -> tuple[float, float]:
        """How long sound and picture were held during the recording, ms on average.

        NaN where the browser does not say.
        """
        if len(self.holds) < 2:
            return (np.nan, np.nan)
        change = self.holds[-1] - self.holds[0]
        return (change[1] / change[2], change[3] / change[4])


class Probe:
    """Watches avatar number `index` of the page from now on."""

    def __init__(self, page: Page, index: int = 0, crop: Crop | None = None) -> None:
        self._page = page
        self._crop = crop
        plain = None if crop is None else crop.__dict__
        page.evaluate((HERE / "probe.js").read_text(), {"index": index, "crop": plain})

    def forget(self) -> None:
        """Begin anew."""
        self._page.evaluate("() => window.__probe.forget()")

    def interrupt(self) -> float:
        """Press the page's Interrupt button; when that was."""
        return float(self._page.evaluate("() => window.__probe.interrupt()"))

    def read(self) -> Recording:
        """What was recorded since the last `forget`."""
        raw = self._page.evaluate("() => window.__probe.read()")
        frames = np.asarray(raw["frames"], np.float64).reshape(-1, 5)
        return Recording(
            graph=_graph(raw["blocks"], raw["rate"]),
            pulled=_pulled(raw["pieces"]),
            mutes=np.asarray(raw["mutes"], np.float64).reshape(-1, 2),
            frames=Frames(
                presented=frames[:, 0],
                displayed=frames[:, 1],
                rtp=frames[:, 2],
                count=frames[:, 3],
                crops=_crops(raw["crops"], self._crop),
            ),
            holds=np.asarray(raw["holds"], np.float64).reshape(-1, 5),
        )

    def clock_offset(self, tries: int = 30) -> tuple[float, float]:
        """What to add to the page's clock to get ours, and how wrong that may be, in ms."""
        best = (0.0, np.inf)
        for _ in range(tries):
            before = time.time_ns()
            there = self._page.evaluate("() => window.__probe.now()")
            after = time.time_ns()
            error = (after - before) / 2e6
            if error < best[1]:
                best = ((before + after) / 2e6 - there, error)
        return best


def _graph(raw: list[float], rate: float) -> Blocks:
    frame, arrived, peak, rms = np.asarray(raw, np.float64).reshape(-1, 4).T
    nominal = frame * 1000 / rate
    return Blocks(nominal + steady(arrived, nominal), peak, rms)


def _pulled(raw: list[float]) -> Blocks:
    stamp, into, arrived, peak, rms = np.asarray(raw, np.float64).reshape(-1, 5).T
    return Blocks(stamp + steady(arrived, stamp) + into, peak, rms)


def _crops(raw: list[str], crop: Crop | None) -> NDArray[np.uint8]:
    if crop is None:
        return np.zeros((0, 0, 0), np.uint8)
    data: Any = b"".join(base64.b64decode(text) for text in raw)
    return np.frombuffer(data, np.uint8).reshape(-1, crop.rows, crop.columns)
