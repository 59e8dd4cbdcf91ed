"""`quality="auto"`: which size fits what the page measures. Pure; fed about once a second.

Down after a few bad seconds, up after many good ones, one step at a time. A step up that had to be
taken back soon makes the next one wait twice as long, so that a line just too thin for a size does
not swing between two.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ..core.quality import AUTO_BEGINS, QUALITIES
from ..protocol.page import Stats

DOWN_AFTER_S = 3.0
UP_AFTER_S = 30.0
UP_AFTER_MOST_S = 600.0

SETTLE_S = 4.0
"""After a switch its own key frame and new pace are in the numbers: they tell nothing."""

HELD_S = 60.0
"""A step up that was taken back within this time was a mistake."""

SILENT_S = 5.0
"""A page that has measured nothing for so long is not the one to go by any more."""

FRAMES_PER_S = 25.0
"""Every provider's pace, or a little below it."""

PACKET_BITS = 1100 * 8
"""A full video packet; by it and `SOUND_PACKETS_PER_S` it is reckoned how many were to come."""
SOUND_PACKETS_PER_S = 50.0

Verdict = Literal["good", "fair", "bad", "unknown"]


@dataclass(frozen=True, slots=True)
class QualityState:
    """What has been found out so far.

    Attributes:
        quality: The size that fits.
        bad_s: Seconds it has been bad.
        good_s: Seconds it has been good without a break.
        up_after_s: So many good seconds are needed for a step up.
        changed_at: When `quality` last changed.
        raised: Whether that was a step up.
        last: The last measurement, and when it came.
    """

    quality: str = AUTO_BEGINS
    bad_s: float = 0.0
    good_s: float = 0.0
    up_after_s: float = UP_AFTER_S
    changed_at: float = float("-inf")
    raised: bool = False
    last: tuple[float, Stats] | None = None


def step(state: QualityState, stats: Stats, now: float) -> QualityState:
    """`state` after one more measurement, at `now` in seconds of any steady clock."""
    if state.last is None:
        return replace(state, last=(now, stats))
    at, before = state.last
    seconds = now - at
    if stats.page != before.page:
        # One page is followed at a time: two that alternate would look like loss and recovery.
        return state if seconds < SILENT_S else replace(state, last=(now, stats))
    state = replace(state, last=(now, stats))
    if seconds <= 0 or now - state.changed_at < SETTLE_S:
        return state
    return _moved(_counted(state, verdict(stats, before, seconds), min(seconds, 2.0)), now)


def verdict(stats: Stats, before: Stats, seconds: float) -> Verdict:
    """How the stream was in the `seconds` between two measurements."""
    if stats.width == 0 or stats.fps < 1:
        return "unknown"  # nothing is played: another one's business, and no question of size
    loss = _loss(stats, before, seconds)
    froze = stats.freezes > before.freezes
    round_trip_ms = stats.round_trip_ms or 0.0
    if stats.fps < 0.7 * FRAMES_PER_S or loss > 0.05 or froze or round_trip_ms > 600:
        return "bad"
    if stats.fps > 0.9 * FRAMES_PER_S and loss < 0.01 and round_trip_ms < 300:
        return "good"
    return "fair"


def _loss(stats: Stats, before: Stats, seconds: float) -> float:
    """Share of the packets that were lost, 0 to 1."""
    lost = max(0, stats.packets_lost - before.packets_lost) / seconds
    full = stats.bitrate_kbps * 1000 / PACKET_BITS
    came = full + stats.fps / 2 + SOUND_PACKETS_PER_S  # the last one of a picture is half full
    return lost / (lost + came)


def _counted(state: QualityState, how: Verdict, seconds: float) -> QualityState:
    if how == "bad":
        return replace(state, bad_s=state.bad_s + seconds, good_s=0.0)
    if how == "good":
        return replace(state, bad_s=0.0, good_s=state.good_s + seconds)
    return state if how == "unknown" else replace(state, good_s=0.0)


def _moved(state: QualityState, now: float) -> QualityState:
    sizes = list(QUALITIES)
    place = sizes.index(state.quality)
    if state.bad_s >= DOWN_AFTER_S and place > 0:
        mistaken = state.raised and now - state.changed_at < HELD_S
        wait = min(UP_AFTER_MOST_S, state.up_after_s * 2) if mistaken else UP_AFTER_S
        return replace(
            state,
            quality=sizes[place - 1], bad_s=0.0, good_s=0.0, up_after_s=wait, changed_at=now,
            raised=False,
        )  # fmt: skip
    if state.good_s >= state.up_after_s and place < len(sizes) - 1:
        return replace(
            state, quality=sizes[place + 1], bad_s=0.0, good_s=0.0, changed_at=now, raised=True
        )
    return state
