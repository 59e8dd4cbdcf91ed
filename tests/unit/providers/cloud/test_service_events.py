"""What services tell, and what LiveAvatar FULL is told."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyavatar.core.secret import Secret
from ipyavatar.providers.cloud.service_events import (
    ServiceEvent,
    interrupt,
    read_event,
    read_packet,
    speak_response,
    speak_text,
)


@pytest.mark.parametrize(
    ("payload", "kind", "text", "task", "seconds"),
    [
        ({"type": "avatar_start_talking", "task_id": "t"}, "avatar_started", "", "t", None),
        ({"type": "avatar_talking_message", "task_id": "t", "message": "Hi"}, "avatar_text", "Hi",
         "t", None),
        ({"type": "avatar_stop_talking", "task_id": "t", "duration_ms": 1500}, "avatar_stopped", "",
         "t", 1.5),
        ({"event_type": "avatar.speak_started", "event_id": "e", "source_event_id": "s"},
         "avatar_started", "", "s", None),
        ({"event_type": "user.transcription", "text": "Hello"}, "user_text_ended", "Hello", None,
         None),
        ({"event_type": "session.stopped", "end_reason": "IDLE"}, "session_ended", "IDLE", None,
         None),
        ({"event_type": "session.stopped", "stop_reason": "IDLE"}, "session_ended", "IDLE", None,
         None),
        ({"type": "session.state_updated", "state": "connected"}, "state_changed", "connected",
         None, None),
        ({"type": "session.state_updated", "state": "closed"}, "session_ended", "closed", None,
         None),
        ({"type": "agent.speak_ended", "event_id": "e", "task": {"id": "t"}}, "avatar_stopped", "",
         "e", None),
        ({"type": "error", "error": {"type": "bad", "message": "too large"}}, "error", "too large",
         None, None),
        ({"type": "session.state_updated", "state": "CLOSED"}, "session_ended", "CLOSED", None,
         None),
        ({"type": "agent.state_updated", "state": "TALKING"}, "avatar_started", "TALKING", None,
         None),
        ({"type": "agent.state_updated", "new_state": "Idle", "previous_state": "Talking"},
         "avatar_stopped", "Idle", None, None),
        ({"type": "agent.state_updated", "new_state": "idle", "previous_state": "listening"},
         "state_changed", "idle", None, None),
        ({"type": "agent.state_updated", "new_state": "thinking", "previous_state": "talking"},
         "avatar_stopped", "thinking", None, None),
        # As older pages of the documentation have it, and clients that were seen.
        ({"event_type": "avatar.transcription_ended", "text": "Hi"}, "avatar_text_ended", "Hi",
         None, None),
        ({"event_type": "user.transcription_ended", "text": "Hi"}, "user_text_ended", "Hi", None,
         None),
        ({"event_type": "avatar.speak_interrupted", "source_event_id": "s"}, "avatar_interrupted",
         "", "s", None),
        ({"event_type": "session_stopped"}, "session_ended", "", None, None),
        ({"type": "agent.audio_buffer_cleared", "event_id": "e", "source_event_id": None},
         "avatar_interrupted", "", None, None),
        ({"type": "warning", "warning": {"message": "slow", "type": "x"}}, "warning", "slow", None,
         None),
        ({"type": "new.in.2027"}, "other", "", None, None),
        # Numbers that are text, and text that is a number.
        ({"type": "avatar_stop_talking", "task_id": 4711, "duration_ms": "1500"}, "avatar_stopped",
         "", "4711", 1.5),
        ({"type": "avatar_talking_message", "task_id": "t", "message": 42}, "avatar_text", "42",
         "t", None),
        ({"type": "avatar_stop_talking", "task_id": True, "duration_ms": True}, "avatar_stopped",
         "", None, None),
        ({"type": "avatar_stop_talking", "duration_ms": -1}, "avatar_stopped", "", None, None),
    ],
)  # fmt: skip
def test_events_of_all_services_in_one_vocabulary(payload, kind, text, task, seconds):
    event = read_event(json.dumps(payload))
    assert (event.kind, event.text, event.task_id, event.duration_s) == (kind, text, task, seconds)


@pytest.mark.parametrize(("told", "expected"), [("s", "s"), (7, "7"), (None, None), ("", None)])
def test_an_event_may_name_its_session(told, expected):
    assert read_event(json.dumps({"event_type": "x", "session_id": told})).session_id == expected


@pytest.mark.parametrize(
    "payload", [b"", b"\xff\xfe", b"[1]", b'"hi"', b"{}", b'{"type": 3}', b"nul"]
)
def test_what_is_no_event_is_none(payload):
    assert read_event(payload) is None


@given(st.binary(max_size=80) | st.text(max_size=80))
def test_no_payload_breaks_the_reader(payload):
    read_event(payload)


def test_commands_of_liveavatar_full():
    assert json.loads(speak_text("Hi", "e1")) == {
        "event_id": "e1",
        "event_type": "avatar.speak_text",
        "text": "Hi",
    }
    assert json.loads(speak_response("Hi", "e1"))["event_type"] == "avatar.speak_response"
    assert json.loads(interrupt("e2")) == {"event_id": "e2", "event_type": "avatar.interrupt"}


def test_packets_of_other_topics_are_nobodys():
    packet = json.dumps({"event_type": "avatar.speak_ended", "source_event_id": ""})
    event = read_packet("agent-response", packet)
    assert event == ServiceEvent("avatar_stopped", "avatar.speak_ended")  # "" names no speech
    assert read_packet("", packet) == event
    assert read_packet("lk.transcription", packet) is None
    assert read_packet("agent-control", packet) is None
    assert read_packet("", b"\xff\x00") is None


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "error", "error": {"message": "no token-4711\n\x1b[31m here" + "!" * 5000}},
        {"type": "warning", "warning": "no token-4711\n\x1b[31m here" + "!" * 5000},
        {"event_type": "session.stopped", "end_reason": "no token-4711\n\x1b[31m here" + "!" * 999},
    ],
)
def test_what_a_service_says_of_itself_is_one_line_without_secrets(payload):
    """It is shown in notices, errors and the log."""
    event = read_event(json.dumps(payload), (Secret("token-4711"),))
    assert "4711" not in event.text
    assert event.text.startswith("no ")
    assert event.text.isprintable()
    assert len(event.text) <= 300


def test_what_is_said_is_left_as_it_is():
    text = "A long answer. " * 100
    event = read_event(json.dumps({"type": "avatar_talking_message", "message": text}))
    assert event.text == text
