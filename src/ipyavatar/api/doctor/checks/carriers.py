"""Each way for sound and pictures to the page, tried with a small avatar in the cell."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any

from ....protocol.options import TRANSPORTS
from ..context import Context, show
from ..registry import check
from ..report import Finding

GROUP = "Ways to the page"

NAMES = {
    "webrtc": "WebRTC",
    "websocket": "WebSocket through the notebook server",
    "messages": "Widget messages",
}
"""What a transport is called in sentences."""

PLAYS_S = 12.0
SPEAKS_S = 8.0
SENTENCE = "One, two."
LOOK_EVERY_S = 0.1


def check_carrier(transport: str, context: Context) -> Finding:
    """A picture by this way alone, and how soon; then a sentence, muted, for the numbers."""
    if not context.notebook or context.browser is None:
        return Finding("not asked", "There is no page to try it with.")
    from ....widget.avatar import Avatar

    make = functools.partial(Avatar, transport=transport, quality="low", muted=True, width=160)
    avatar: Any = context.on_caller(make)
    hide: Callable[[], None] = avatar.close
    try:
        began = time.monotonic()
        hide = context.on_caller(functools.partial(show, avatar))
        while time.monotonic() < began + PLAYS_S:
            if avatar.playback == "playing":
                took_ms = (time.monotonic() - began) * 1000
                avatar.speak(SENTENCE).wait(SPEAKS_S)
                return _plays(transport, took_ms, avatar.stats)
            if avatar.playback == "failed":
                break
            time.sleep(LOOK_EVERY_S)
        problem = avatar.error or {"what": f"No picture came within {PLAYS_S:.0f} s.", "fix": ""}
        fix = "One way is enough; see docs/how-to/relay.md for more of them."
        return Finding("warning", str(problem["what"]), str(problem["fix"]) or fix)
    finally:
        for end in (hide, avatar.close):
            context.on_caller(end)


def _plays(transport: str, took_ms: float, stats: dict[str, Any]) -> Finding:
    measured = (
        "round_trip_ms",
        "audio_video_offset_ms",
        "fps",
        "bitrate_kbps",
        "speech_latency_ms",
    )
    facts: dict[str, Any] = {"transport": stats.get("transport") or transport}
    facts |= {"first_picture_ms": round(took_ms)} | {n: stats[n] for n in measured if n in stats}
    trip = facts.get("round_trip_ms")
    there = f", {trip:.0f} ms there and back" if isinstance(trip, (int, float)) else ""
    return Finding("ok", f"The first picture came after {took_ms:.0f} ms{there}.", facts=facts)


for _transport in TRANSPORTS:
    if _transport != "auto":
        check(GROUP, NAMES.get(_transport, _transport), within_s=PLAYS_S + SPEAKS_S + 5)(
            functools.partial(check_carrier, _transport)
        )
