"""What the body of `streaming.new` may hold: what cannot be is refused by name, as in Go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..emulator import whole_number

IDLE_S = 120
IDLE_RANGE = (30, 3599)
SIZES = {"low": (640, 360), "medium": (854, 480), "high": (1280, 720)}

RAW = "v1"
"""The mode of a session whose client answers an offer of ours; else it has a LiveKit room."""

_KINDS: Mapping[type | tuple[type, ...], tuple[str, str]] = {
    str: ("a string", "avatar_id avatar_name voice_id knowledge_base knowledge_base_id language "
          "source voice.voice_id voice.emotion stt_settings.provider"),
    dict: ("an object", "voice stt_settings voice.elevenlabs_settings"),
    bool: ("true or false", "ia_is_livekit_transport silence_response"),
    (int, float): ("a number", "voice.rate stt_settings.confidence"),
}  # fmt: skip

# Tuples, for what is given may be anything, lists too.
_CHOICES: tuple[tuple[str, object, tuple[object, ...], str], ...] = (
    (
        "disable_idle_timeout",
        False,
        (False,),
        "is deprecated and must be false: use activity_idle_timeout",
    ),
    ("quality", "medium", tuple(SIZES), f"must be one of {', '.join(SIZES)}"),
    ("version", RAW, (RAW, "v2"), "must be v2 (LiveKit), or left out (WebRTC)"),
    ("video_encoding", "VP8", ("H264", "VP8"), "must be H264 or VP8"),
)


def find_parameter_error(body: Mapping[str, Any]) -> str:
    """What is wrong with the body, with its name; empty where nothing is."""
    low, high = IDLE_RANGE
    seconds = whole_number(body.get("activity_idle_timeout", IDLE_S))
    if seconds is None:
        return "activity_idle_timeout must be an integer"
    if not low <= seconds <= high:
        return f"activity_idle_timeout must be between {low} and {high}"
    for name, usual, choices, words in _CHOICES:
        if body.get(name, usual) not in choices:
            return f"{name} {words}"
    if "livekit_settings" in body:
        # A client would wait for the avatar in its own room, for nothing.
        return "livekit_settings is not supported by the offline twin: join the room it answers"
    return _find_kind_error(body)


def _find_kind_error(body: Mapping[str, Any]) -> str:
    # The outer ones first: what is no object has no members to look at.
    named = [(name, *kind) for kind in _KINDS.items() for name in kind[1][1].split()]
    for name, kind, (words, _) in sorted(named, key=lambda one: one[0].count(".")):
        outer, _, inner = name.rpartition(".")
        value = (body.get(outer, {}) if outer else body).get(inner)
        if value is not None and (
            not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)
        ):
            return f"{name} must be {words}"
    return ""
