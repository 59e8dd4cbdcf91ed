"""What was said, memories of it, and voice agents in a session's token."""

import pytest

from ipyavatar.twin.liveavatar.catalogue import AVATARS
from ipyavatar.twin.liveavatar.emulator import LiveAvatarEmulator
from ipyavatar.twin.settings import TwinSettings
from ipyavatar.twin.tokens import TokenFactory
from tests.support.twin_calls import TwinCalls

KEY = {"x-api-key": "k"}
FULL = {"mode": "FULL", "avatar_id": AVATARS[0][0]}
AGENT = {"voice_agent": {"id": "agent-1"}}


class Client(TwinCalls):
    def __init__(self):
        self._drawn = 0
        self.emulator = LiveAvatarEmulator(TwinSettings(), TokenFactory(self._draw), None)
        super().__init__(self.emulator.calls, self.emulator)

    def _draw(self, count):
        self._drawn += 1
        return self._drawn.to_bytes(count, "big")

    def ask(self, method, path, body=None):
        """With the key."""
        return self.call(method, path, body, headers=KEY)

    def open_session(self, **more):
        """A session that is live."""
        data = self.ask("POST", "/v1/sessions/token", {**FULL, **more})[1]["data"]
        bearer = {"authorization": f"Bearer {data['session_token']}"}
        assert self.call("POST", "/v1/sessions/start", {}, headers=bearer)[0] == 201
        self.now += 5
        return self.emulator.sessions.get(data["session_id"], self.now)

    def say(self, session, text):
        """It has said this."""
        session.speak(self.now, f"speech-{self.now}", 1.0, text=text)
        self.now += 2

    def transcript(self, session):
        """What it says it has said."""
        data = self.ask("GET", f"/v1/sessions/{session.id}/transcript")[1]["data"]
        return [line["transcript"] for line in data["transcript_data"]]


@pytest.fixture
def client():
    return Client()


def test_who_asks_from_the_next_timestamp_on_gets_what_is_new(client):
    """A client that polls would show each line again with every poll."""
    session = client.open_session()
    path = f"/v1/sessions/{session.id}/transcript"

    def poll(**query):
        status, answer = client.call("GET", path, headers=KEY, **query)
        assert status == 200, answer
        data = answer["data"]
        return [line["transcript"] for line in data["transcript_data"]], data["next_timestamp"]

    client.say(session, "One.")
    told, at = poll()
    assert told == ["One."]
    assert poll(start_timestamp=str(at)) == ([], at)
    client.say(session, "Two.")
    assert poll(start_timestamp=str(at))[0] == ["Two."]
    assert poll(end_timestamp=str(at - 1))[0] == ["One."]
    status, answer = client.call("GET", path, headers=KEY, start_timestamp="soon")
    assert (status, answer["detail"][0]["loc"]) == (422, ["query", "start_timestamp"])


def test_events_that_are_deleted_are_gone_and_later_ones_are_told(client):
    session = client.open_session()
    client.say(session, "One.")
    assert client.transcript(session) == ["One."]
    path = f"/v1/sessions/{session.id}/events"
    assert client.ask("DELETE", path) == (200, {"code": 1000, "data": None, "message": "Success"})
    assert client.transcript(session) == []
    client.say(session, "Two.")
    assert client.transcript(session) == ["Two."]
    assert client.ask("DELETE", "/v1/sessions/none/events")[0] == 404
    assert client.call("DELETE", path)[0] == 401


def test_a_memory_keeps_what_was_said_until_it_is_deleted(client):
    session = client.open_session()
    client.say(session, "One.")
    client.say(session, "Two.")
    wish = {"memory_type": "session", "session_id": session.id}
    made = client.ask("POST", "/v1/memory", wish)[1]["data"]
    assert made["memory_content"] == "One. Two."
    client.ask("DELETE", f"/v1/sessions/{session.id}/events")
    path = f"/v1/memory/{made['id']}"
    one = client.ask("GET", path)[1]["data"]
    assert one["session_episodes"][0]["session_id"] == session.id
    assert one["memory_content"] == "One. Two."
    listed = client.ask("GET", "/v1/memory")[1]["data"]
    assert (listed["count"], listed["results"][0]["memory_content_preview"]) == (1, "One. Two.")
    assert client.ask("DELETE", path) == (204, b"")
    assert client.ask("GET", path)[0] == 404


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({}, 422),
        ({"memory_type": "session"}, 422),
        ({"memory_type": "life", "session_id": "x"}, 422),
        ({"memory_type": "session", "session_id": "x"}, 404),
    ],
)
def test_a_memory_of_nothing_is_refused(client, wish, status):
    assert client.ask("POST", "/v1/memory", wish)[0] == status


def test_a_session_of_a_voice_agent_answers_as_one_with_a_context(client):
    answering = {}
    personas = {
        "agent": AGENT,
        "context": {"avatar_persona": {"context_id": "c"}},
        "neither": {"avatar_persona": {}},
    }
    for name, more in personas.items():
        session = client.open_session(**more)
        messages = client.emulator.data_messages(session, lambda: client.now, lambda: "id")
        before = len(session.speeches)
        messages.request_answer("Why?")
        answering[name] = len(session.speeches) > before
    assert answering == {"agent": True, "context": True, "neither": False}


@pytest.mark.parametrize(
    "body",
    [
        {**FULL, "voice_agent": "agent-1"},
        {**FULL, "voice_agent": {}},
        {**FULL, "voice_agent": {"id": 1}},
        {**FULL, **AGENT, "avatar_persona": {"language": "en"}},
        {**FULL, **AGENT, "mode": "LITE"},
        {**FULL, "llm_configuration_id": 1},
    ],
)
def test_a_voice_agent_that_makes_no_sense_is_refused(client, body):
    assert client.ask("POST", "/v1/sessions/token", body)[0] == 422
