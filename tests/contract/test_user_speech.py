"""What users say to a service: what the twin tells of it is what the client understands."""

from __future__ import annotations

import json

import pytest

from ipyavatar.errors import NoAnswer, RequestRefused
from ipyavatar.providers.cloud.service_events import listening, read_event, read_packet
from ipyavatar.providers.cloud.user_speech import UserSpeech
from ipyavatar.providers.liveavatar.push_to_talk import CONFIRM_S, Confirmation
from ipyavatar.twin.heygen.data_messages import HeyGenDataMessages
from ipyavatar.twin.liveavatar.data_messages import LiveAvatarDataMessages
from ipyavatar.twin.session import Rules, TwinSession
from tests.support.virtual_time import VirtualClock, run_virtual

SAID = "What is a derivative?"


class Listener:
    """Keeps what it is told."""

    def __init__(self):
        self.steps, self.captions, self.answers = [], [], []

    def on_user_speech(self, step, text=""):
        self.steps.append((step, text))

    def on_answer(self, speech, text):
        assert speech == ""
        self.answers.append(text)

    def on_caption(self, speech, text, words):
        assert (speech, words) == ("", [])
        self.captions.append(text)


def open_session(service, **info):
    session = TwinSession(service, service, "FULL", Rules(60, 60), 0.0, info=info)
    session.start(0.0)
    return session


def messages_of(kind, service, hears=SAID, **info):
    ids = (f"id-{number}" for number in range(100))
    return kind(open_session(service, **info), lambda: 1.0, lambda: next(ids), hears)


def understood(messages, *, speaking=False):
    """What the client makes of a user who begins and ends to speak."""
    listener, users = Listener(), UserSpeech()
    for speaks in (True, False):
        for message, topic in messages.encode_user_activity(speaks):
            event = read_packet(topic, json.dumps(message))
            assert users.on_event(event, listener, speaking=speaking)
    return listener


def test_heygen_tells_in_its_room_what_was_said_and_answers():
    """That somebody speaks is told elsewhere, where we are not."""
    messages = messages_of(HeyGenDataMessages, "heygen")
    steps = understood(messages).steps
    assert [step for step, _ in steps] == ["text"] * 4 + ["text_ended"]
    assert "".join(text for _, text in steps) == SAID
    assert [(one.text, one.kind) for one in messages.session.speeches] == [(SAID, "talk")]


def test_liveavatar_tells_who_speaks_and_what_was_said_and_answers():
    messages = messages_of(LiveAvatarDataMessages, "liveavatar", context_id="c")
    assert understood(messages).steps == [
        ("started", ""),
        ("stopped", ""),
        ("text", SAID),
        ("text_ended", SAID),
    ]
    assert [(one.text, one.kind) for one in messages.session.speeches] == [(SAID, "talk")]


@pytest.mark.parametrize("more", [{"hears": None, "context_id": "c"}, {}])
def test_without_a_context_or_a_recognition_nothing_is_understood_nor_answered(more):
    messages = messages_of(LiveAvatarDataMessages, "liveavatar", **more)
    assert understood(messages).steps == [("started", ""), ("stopped", "")]
    assert not messages.session.speeches


def test_what_a_service_answers_by_itself_is_shown():
    """What it tells of a speech of ours is that speech's."""
    told = [
        {"type": "avatar_start_talking", "task_id": "t"},
        {"type": "avatar_talking_message", "task_id": "t", "message": "A"},
        {"type": "avatar_talking_message", "task_id": "t", "message": " slope."},
        {"type": "avatar_end_message", "task_id": "t"},
        {"type": "avatar_stop_talking", "task_id": "t"},
    ]
    for speaking, shown in ((False, ["A", "A slope.", ""]), (True, [])):
        listener, users = Listener(), UserSpeech()
        for message in told:
            event = read_event(json.dumps(message))
            assert not users.on_event(event, listener, speaking=speaking)
        assert listener.captions == shown
        assert listener.answers == ([] if speaking else ["A slope."])


def test_a_held_button_is_taken_and_confirmed():
    """While it is not held nothing is heard."""
    messages = messages_of(
        LiveAvatarDataMessages, "liveavatar", context_id="c", interactivity_type="PUSH_TO_TALK"
    )

    async def press(on):
        confirmation = Confirmation(VirtualClock(), on=on)
        order = listening("e", on=on, push_to_talk=True)
        for message, topic in messages.handle_command(order, "agent-control"):
            confirmation.on_event(read_packet(topic, json.dumps(message)))
        await confirmation.wait()
        return messages.listens

    assert not messages.listens
    assert run_virtual(press(True))
    assert not run_virtual(press(False))


@pytest.mark.parametrize(
    ("told", "error", "why"),
    [
        ((), NoAnswer, f"did not confirm within {CONFIRM_S:g} s that the button is held"),
        (("user.push_to_talk_stopped",), NoAnswer, "did not confirm"),
        (("user.push_to_talk_start_failed",), RequestRefused, "does not take that the button"),
    ],
)
def test_a_button_that_is_not_confirmed_is_an_error(told, error, why):
    """The service's own SDK waits for ever."""

    async def press():
        confirmation = Confirmation(VirtualClock(), on=True)
        for name in told:
            confirmation.on_event(read_event(json.dumps({"event_type": name})))
        await confirmation.wait()

    with pytest.raises(error, match=why):
        run_virtual(press())


def test_liveavatar_open_listening_is_an_order_too():
    messages = messages_of(LiveAvatarDataMessages, "liveavatar", context_id="c")
    for on in (True, False):
        order = listening("e", on=on, push_to_talk=False)
        assert list(messages.handle_command(order, "agent-control")) == []
    assert messages.session.counts["listen"] == 2
