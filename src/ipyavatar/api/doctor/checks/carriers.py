"""Each way for sound and pictures to the page, tried with a small avatar in the cell."""

from __future__ import annotations

import functools
import time
from typing import Any

from ....protocol.options import TRANSPORTS
from ..context import Context, show
from ..registry import check
from ..report import Finding

GROUP = "Ways to the page"

NAMES = {"webrtc": "WebRTC", "messages": "Widget messages"}
"""What a transport is called in sentences."""

PLAYS_S = 12.0
LOOK_EVERY_S = 0.1


def check_carrier(transport: str, context: Context) -> Finding:
    """A picture by this way alone, and how soon."""
    if not context.notebook or context.browser is None:
        return Finding("not asked", "There is no page to try it with.")
    from ....widget.avatar import Avatar

    make = functools.partial(Avatar, transport=transport, quality="low", muted=True, width=160)
    avatar: Any = context.on_caller(make)
    try:
        began = time.monotonic()
        context.on_caller(functools.partial(show, avatar))
        while time.monotonic() < began + PLAYS_S:
            stats = avatar.stats
            if avatar.playback == "playing" and stats.get("transport"):
                return _plays(stats)
            if avatar.playback == "failed":
                break
            time.sleep(LOOK_EVERY_S)
        problem = avatar.error or {"what": f"No picture came within {PLAYS_S:.0f} s.", "fix": ""}
        fix = "One way is enough; see docs/how-to/relay.md for more of them."
        return Finding("warning", str(problem["what"]), str(problem["fix"]) or fix)
    finally:
        context.on_caller(avatar.close)


def _plays(stats: dict[str, Any]) -> Finding:
    shown = {
        name: stats.get(name)
        for name in ("transport", "first_frame_ms", "round_trip_ms", "audio_video_offset_ms")
    }
    first = shown["first_frame_ms"]
    soon = f" after {first:.0f} ms" if isinstance(first, (int, float)) else ""
    trip = shown["round_trip_ms"]
    there = f", {trip:.0f} ms there and back" if isinstance(trip, (int, float)) else ""
    return Finding("ok", f"The first picture came{soon}{there}.", facts=shown)


for _transport in TRANSPORTS:
    if _transport != "auto":
        check(GROUP, NAMES.get(_transport, _transport), within_s=PLAYS_S + 10)(
            functools.partial(check_carrier, _transport)
        )
