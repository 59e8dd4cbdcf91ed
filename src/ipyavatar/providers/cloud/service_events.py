"""What services tell while a session lives, in one vocabulary; and what FULL is told. Pure.

HeyGen streaming and LiveAvatar FULL tell it in LiveKit data packets, LiveAvatar LITE on its
websocket. Kaltura tells nothing: there the session infers it from known durations.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from ...core.decode import decode_json
from ...core.secret import Secret, one_line
from ...errors import MalformedData

EventKind = Literal[
    "avatar_started",
    "avatar_text",
    "avatar_text_ended",
    "avatar_stopped",
    "avatar_interrupted",
    "user_started",
    "user_stopped",
    "user_text",
    "user_text_ended",
    "user_silent",
    "push_to_talk",
    "state_changed",
    "session_ended",
    "line_lost",
    "warning",
    "error",
    "other",
]

# LiveKit data topics of LiveAvatar FULL.
COMMAND_TOPIC = "agent-control"
EVENT_TOPIC = "agent-response"


@dataclass(frozen=True, slots=True)
class ServiceEvent:
    """Something a service told.

    Attributes:
        kind: What happened; `"other"` for what we do not know. `"line_lost"` is told by us: what
            the service tells from now on may not come.
        name: The service's own name of it.
        text: Spoken or understood text, a state, a reason, or what is wrong.
        task_id: The speech: a task id, in LITE our own event id. None where it names none: some
            answers carry an id of the service's, and ours in `source_event_id`, which may be null.
        duration_s: Length of the speech, where told.
        session_id: The session it is about, where told.
    """

    kind: EventKind
    name: str
    text: str = ""
    task_id: str | None = None
    duration_s: float | None = None
    session_id: str | None = None


_KINDS: Mapping[str, EventKind] = {
    # HeyGen streaming
    "avatar_start_talking": "avatar_started",
    "avatar_talking_message": "avatar_text",
    "avatar_end_message": "avatar_text_ended",
    "avatar_stop_talking": "avatar_stopped",
    "user_start": "user_started",
    "user_stop": "user_stopped",
    "user_talking_message": "user_text",
    "user_end_message": "user_text_ended",
    "user_silence": "user_silent",
    # LiveAvatar FULL
    "avatar.speak_started": "avatar_started",
    "avatar.speak_ended": "avatar_stopped",
    "avatar.speak_interrupted": "avatar_interrupted",
    "avatar.transcription": "avatar_text_ended",
    "avatar.transcription_ended": "avatar_text_ended",  # as older pages have it
    "avatar.transcription.chunk": "avatar_text",
    "user.speak_started": "user_started",
    "user.speak_ended": "user_stopped",
    "user.transcription": "user_text_ended",
    "user.transcription_ended": "user_text_ended",
    "user.transcription.chunk": "user_text",
    "user.push_to_talk_started": "push_to_talk",
    "user.push_to_talk_stopped": "push_to_talk",
    "user.push_to_talk_start_failed": "push_to_talk",
    "user.push_to_talk_stop_failed": "push_to_talk",
    "session.stopped": "session_ended",
    "session_stopped": "session_ended",
    # LiveAvatar LITE
    "agent.speak_started": "avatar_started",
    "agent.speak_ended": "avatar_stopped",
    "agent.speak_interrupted": "avatar_interrupted",
    "agent.audio_buffer_cleared": "avatar_interrupted",
    "agent.state_updated": "state_changed",
    "session.state_updated": "state_changed",
    "warning": "warning",
    "error": "error",
}

GAP = ServiceEvent("line_lost", "gap")

# What the service says of itself, which is shown; the rest is what was said in the session.
_SHOWN = {"error", "warning", "session_ended"}

# Session states of LITE that mean it is over; some code knows "disconnected" too.
_OVER = {"closing", "closed", "disconnected"}

# States of LITE's avatar in which it does not speak.
_SILENT = {"idle", "listening"}


def read_event(payload: bytes | str, secrets: Iterable[Secret] = ()) -> ServiceEvent | None:
    """What a data packet or websocket message of any of these services tells.

    None when it is no event at all (not a JSON object with a type): others may use the same room.
    """
    try:
        data = decode_json(payload, lenient=True)
    except MalformedData:
        return None
    if not isinstance(data, dict):
        return None
    name = data.get("event_type") or data.get("type")
    if not isinstance(name, str):
        return None
    text = _text(data)
    kind = _kind(name, text, data)
    if kind in _SHOWN:
        text = one_line(text, secrets)
    return ServiceEvent(
        kind=kind,
        name=name,
        text=text,
        task_id=_speech(data),
        duration_s=_seconds(data.get("duration_ms")),
        session_id=_word(data.get("session_id")) or None,
    )


def read_packet(
    topic: str, payload: bytes | str, secrets: Iterable[Secret] = ()
) -> ServiceEvent | None:
    """What a data packet in a room tells; None when it is no event of the service's.

    HeyGen streaming uses no topic, LiveAvatar one of its own; others may use the same room.
    """
    return read_event(payload, secrets) if topic in ("", EVENT_TOPIC) else None


def command(name: str, *, event_id: str, text: str | None = None) -> bytes:
    """A data packet that tells LiveAvatar FULL to do something, for `COMMAND_TOPIC`."""
    members = {"event_id": event_id, "event_type": name}
    if text is not None:
        members["text"] = text
    return msgspec.json.encode(members)


def speak_text(text: str, event_id: str) -> bytes:
    """Say these words."""
    return command("avatar.speak_text", event_id=event_id, text=text)


def speak_response(text: str, event_id: str) -> bytes:
    """Let the service's LLM answer."""
    return command("avatar.speak_response", event_id=event_id, text=text)


def interrupt(event_id: str) -> bytes:
    """Cut the speech off."""
    return command("avatar.interrupt", event_id=event_id)


def listening(event_id: str, *, on: bool, push_to_talk: bool) -> bytes:
    """A user's microphone is on, or not any more; with `push_to_talk` it is held."""
    step = "start" if on else "stop"
    name = f"user.{step}_push_to_talk" if push_to_talk else f"avatar.{step}_listening"
    return command(name, event_id=event_id)


def _kind(name: str, text: str, data: Mapping[str, Any]) -> EventKind:
    state = text.lower()  # REST answers write theirs in capitals
    if name == "session.state_updated" and state in _OVER:
        return "session_ended"
    if name == "agent.state_updated":
        # Some sessions tell of a speech by these alone.
        if state == "talking":
            return "avatar_started"
        # Whatever it does after it has talked; which of these are silent matters to know whether
        # it has.
        before = data.get("previous_state")
        if str(before).lower() == "talking" or (before is None and state in _SILENT):
            return "avatar_stopped"
    return _KINDS.get(name, "other")


def _text(data: Mapping[str, Any]) -> str:
    # Docs say end_reason, the SDK reads stop_reason.
    for name in ("text", "message", "state", "new_state", "end_reason", "stop_reason"):
        if (told := _word(data.get(name))) is not None:
            return told
    trouble = data.get("error") or data.get("warning")
    if isinstance(trouble, dict):
        return str(trouble.get("message") or trouble.get("type") or "")
    return _word(trouble) or ""


def _speech(data: Mapping[str, Any]) -> str | None:
    task, error = data.get("task"), data.get("error")
    candidates = (
        data.get("task_id"),
        data.get("source_event_id"),
        # LITE: the event id is the one we gave the speech, unless ours has a member of its own.
        data.get("event_id") if data.get("type") and "source_event_id" not in data else None,
        task.get("id") if isinstance(task, dict) else None,
        error.get("event_id") if isinstance(error, dict) else None,
    )
    # An empty id names no speech.
    return next((word for c in candidates if (word := _word(c))), None)


def _word(value: Any) -> str | None:
    """`value` if it is text, or a number in its place, as in answers by HTTP."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return str(value) if number or isinstance(value, str) else None


def _seconds(milliseconds: Any) -> float | None:
    """A length; None where it is none."""
    try:
        seconds = float(_word(milliseconds) or "") / 1000
    except ValueError:
        return None
    return seconds if 0 <= seconds < math.inf else None
