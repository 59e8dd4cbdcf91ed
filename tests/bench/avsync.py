"""Are the lips in step with the sound, in the page?

Sound and lips of a speech are known: the engine makes the same ones here. The lag of the sound as
the page hears it against the known sound, and the lag of the mouth as the page paints it against
the known mouth, differ by the offset; the lead that lips have by design is in both mouths, and
cancels out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ipyavatar.engine.playout import SAMPLE_RATE

from .lag import lag
from .numbers import median, percentile, spread
from .probe import Frames, Probe, Recording
from .rows import Part, Reading, Spec
from .sound import Blocks, envelope, onset
from .source import MouthCamera, Source, synthesized
from .stand import Stand

Floats = NDArray[np.float64]

QUALITY = "medium"
ROUNDS = 3

OFFSET_P95 = "avsync: |sound - picture| of a frame, p95"
OFFSET_MEDIAN = "avsync: picture after sound, median"
BIAS = "avsync: picture after sound, by pixels alone, median"

CELL = "from ipyavatar import Avatar\navatar = Avatar(); avatar"

# Many closures of the lips, no rhythm.
TEXTS = (
    "My papa may buy a purple map for mama before my baby boy pops up",
    "Bob was a happy man because people behind a big farm kept a pup and a lamb for him",
    "Maybe a small bee can help a mammoth bump a bubble far above Obama's apartment by moonlight",
    "A pompous baboon swept by me as I am, popping balloons from a Paraguay embassy balcony",
)

MOUTHS_PER_S = 200
LOUDNESS_PER_S = 1000
WINDOW_S = 0.5
"""Sound is compared in pieces this long: a jitter buffer stretches and squeezes it as it goes."""

GOOD_FIT = 0.6
"""Correlation under which nothing is concluded."""

MOST_LOST = 0.25
"""With a greater share of speeches that could not be compared, nothing is said at all."""

SWAY_MS = 350.0
"""Slower changes than this are the head's, not the mouth's."""


@dataclass(frozen=True)
class Measured:
    """One speech; ms. `offsets`: of each frame; positive: the picture comes after its sound."""

    offsets: Floats
    bias: float
    fit: float


def avsync(stand: Stand) -> Iterator[Reading]:
    """Say every text some times, and compare."""
    found, where = compare(stand, CELL, ROUNDS)
    frames = np.concatenate([one.offsets for one in found])
    yield Reading(OFFSET_P95, percentile(np.abs(frames), 95), len(frames), where)
    yield Reading(OFFSET_MEDIAN, float(np.median(frames)), len(frames), where)
    yield Reading(BIAS, median(one.bias for one in found), len(found))


def compare(stand: Stand, cell: str, rounds: int) -> tuple[list[Measured], str]:
    """What was measured of all speeches of the avatar that `cell` shows, and where it comes from.

    Raises:
        ValueError: Too few of them could be compared.
    """
    camera = MouthCamera(QUALITY)
    sources = {text: synthesized(text) for text in TEXTS}
    views = {text: camera.views(source, MOUTHS_PER_S) for text, source in sources.items()}
    found: list[Measured] = []
    lost: list[str] = []
    holds: list[tuple[float, float]] = []
    with stand.notebook(cell) as lab:
        lab.start(0)
        lab.wait_for_picture()
        lab.ask("avatar.speak('Hello, I am here.').wait(20)")
        probe = Probe(lab.page, crop=camera.crop)
        for text in TEXTS * rounds:
            lab.page.wait_for_timeout(500)
            probe.forget()
            lab.ask(f"speech = avatar.speak({text!r})")
            lab.page.wait_for_timeout(sources[text].seconds * 1000 + 900)
            recording = probe.read()
            try:
                found.append(compared(recording, sources[text], views[text]))
            except ValueError as error:
                lost.append(str(error))
            holds.append(recording.held())
    if len(lost) > len(TEXTS) * rounds * MOST_LOST:
        raise ValueError(f"{len(lost)} speeches could not be compared: {'; '.join(lost)}")
    frames = np.concatenate([one.offsets for one in found])
    held = np.nanmedian(holds, axis=0)
    speeches = ", ".join(f"{float(np.median(one.offsets)):+.0f}" for one in found)
    where = (
        f"per frame: {spread(list(frames))}; median of each speech: {speeches}; fit of the pixels"
        f" {median(one.fit for one in found):.2f} of 1; the browser's jitter"
        f" buffers hold sound {held[0]:.0f}, picture {held[1]:.0f}; not compared, since they fit"
        f" too badly: {len(lost)} speeches"
    )
    return found, where


def compared(recording: Recording, source: Source, views: NDArray[np.uint8]) -> Measured:
    """The offsets of one speech.

    Its segments are placed one by one: should the voice be late, there is a gap between them.
    """
    wanted = envelope(source.audio, SAMPLE_RATE, LOUDNESS_PER_S, 2.5)
    begin = onset(recording.pulled, recording.pulled.at[0]) - source.lead_ms
    heard = lag(
        recording.pulled.at, recording.pulled.rms, wanted, LOUDNESS_PER_S, begin - 150, begin + 150
    )
    shown = seen(recording.frames)
    mouths, known = as_movement(recording.frames, shown, views)
    low, high = heard.ms - 400, heard.ms + 400
    by_pixels = lag(shown, mouths, known, MOUTHS_PER_S, low, high)
    # In RTP time the mouth's lag has no jitter of the network or the screen in it.
    # By messages there is none.
    stamps = recording.frames.rtp / 90 if recording.frames.rtp.any() else shown
    shift = median(stamps - shown)
    by_stamp = lag(stamps, mouths, known, MOUTHS_PER_S, low + shift, high + shift)
    if min(heard.fit, by_stamp.fit) < GOOD_FIT:
        raise ValueError(f"sound fits by {heard.fit:.2f} only, pixels by {by_stamp.fit:.2f}")
    offsets = []
    for first, last in spans(source):
        rows = slice(round(first * MOUTHS_PER_S / 1000), round(last * MOUTHS_PER_S / 1000))
        near = by_stamp.ms + first
        own = lag(stamps, mouths, known[rows], MOUTHS_PER_S, near - 60, near + 60)
        place = stamps - own.ms
        inside = (place >= 0) & (place < last - first)
        sound = wanted[round(first) : round(last)]
        at, delays = sound_delays(recording.pulled, sound, heard.ms + first)
        if own.fit >= GOOD_FIT and len(at) and inside.any():
            offsets.append(shown[inside] - place[inside] - np.interp(place[inside], at, delays))
    return Measured(np.concatenate(offsets), by_pixels.ms - heard.ms, by_stamp.fit)


def spans(source: Source) -> Iterator[tuple[float, float]]:
    """Begin and end of each segment, ms."""
    begin = 0.0
    for segment in source.segments:
        end = begin + len(segment.audio) * 1000 / SAMPLE_RATE
        yield begin, end
        begin = end


def seen(frames: Frames) -> Floats:
    """When each frame is visible: not before it was presented, whatever was expected."""
    return np.maximum(frames.presented, frames.displayed)


def sound_delays(blocks: Blocks, wanted: Floats, begin: float) -> tuple[Floats, Floats]:
    """Places in a sound (ms), and when it would have begun by what is heard there."""
    size = round(WINDOW_S * LOUDNESS_PER_S)
    places, delays = [], []
    for first in range(0, len(wanted) - size + 1, size // 2):
        piece = wanted[first : first + size]
        at = begin + first * 1000 / LOUDNESS_PER_S
        found = lag(blocks.at, blocks.rms, piece, LOUDNESS_PER_S, at - 120, at + 120)
        if found.fit >= GOOD_FIT:
            places.append((first + size / 2) * 1000 / LOUDNESS_PER_S)
            delays.append(found.ms - first * 1000 / LOUDNESS_PER_S)
    return np.asarray(places), np.asarray(delays)


def as_movement(
    frames: Frames, times: Floats, views: NDArray[np.uint8], parts: int = 3
) -> tuple[Floats, Floats]:
    """Mouths as few numbers that move: `[n, parts]` seen at `times`, `[m, parts]` known.

    The numbers are the known mouths' principal components, so that pixels count as the mouth uses
    them; what changes slowly is taken out of both.
    """
    flat = views.reshape(len(views), -1).astype(np.float64)
    mean = flat.mean(0)
    basis = np.linalg.svd(flat - mean, full_matrices=False)[2][:parts].T
    known = (flat - mean) @ basis
    shown = (frames.crops.reshape(len(frames.crops), -1).astype(np.float64) - mean) @ basis
    grid = np.arange(len(known)) * 1000 / MOUTHS_PER_S
    return lively(times, shown), lively(grid, known)


def lively(times: Floats, values: Floats) -> Floats:
    """`values` less their running mean."""
    out = np.empty_like(values)
    for i, at in enumerate(times):
        out[i] = values[i] - values[np.abs(times - at) <= SWAY_MS].mean(0)
    return out


_HOW = (
    "speeches full of closed lips at 720p in JupyterLab: the mouth in the pixels of every "
    "presented frame (requestVideoFrameCallback) and the sound as the audio element's renderer "
    "pulls it (MediaStreamTrackProcessor), each against mouth and sound as the engine makes them; "
    "frames placed by their RTP timestamps, sound by pieces of 0.5 s; without the delays of screen "
    "and sound card"
)
_PIXELS = "each speech's pixels against their own display times, without RTP timestamps"

PARTS = (
    Part(
        "avsync",
        (
            Spec(OFFSET_P95, "ms", 12, _HOW),
            Spec(OFFSET_MEDIAN, "ms", None, _HOW),
            Spec(BIAS, "ms", None, _PIXELS),
        ),
        avsync,
    ),
)
