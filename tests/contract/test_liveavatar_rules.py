"""What real LiveAvatar sessions were seen to want of a client, against the twin over HTTP."""

import asyncio
import contextlib
import json

import httpx
import pytest

from ipyavatar.core.clock import MonotonicClock
from ipyavatar.errors import NotOffered, ServiceError
from ipyavatar.protocol.options import MAX_DURATION_S
from ipyavatar.providers.liveavatar.driver import LiveAvatarDriver
from ipyavatar.providers.liveavatar.options import LiveAvatarOptions
from ipyavatar.twin import TwinSettings
from tests.support.fakes.credentials import credentials_of
from tests.support.faults import create_app
from tests.support.services import KEY, client_of, one_server


@pytest.fixture(scope="module")
def server():
    with one_server() as running:
        yield running


def opened(server, tier_s=600.0, **options):
    """Open a session; what the twin recorded of its calls, and of the session."""
    server.app = create_app(TwinSettings(api_key=KEY, max_duration_s=tier_s))

    async def go():
        own = LiveAvatarOptions(credentials=credentials_of("liveavatar"), **options)
        client = client_of("liveavatar", server.url)
        driver = LiveAvatarDriver(client, own, MonotonicClock(), None)
        try:
            await driver.create(lambda _: None)
            await driver.keep_alive(5.0)
        finally:
            await driver.close()

    asyncio.run(go())
    twin = server.app.state.twin
    calls = [call["call"] for call in twin.state()["calls"]]
    sessions = list(twin.services["liveavatar"].sessions.open(twin.now()))
    return calls, sessions[-1]


def test_a_length_is_asked_for_only_if_the_user_gave_one(server):
    """Ours, an hour, is above many tiers, and would refuse every start there."""
    assert MAX_DURATION_S > 600
    calls, session = opened(server, sandbox=True, lite=False)
    assert calls.count("token") == 1
    assert session.rules.max_s == 60  # the sandbox's own


def test_a_length_above_the_tiers_is_taken_back_once(server):
    calls, session = opened(server, avatar_id="a", lite=False, max_duration_s=1200.0)
    assert calls.count("token") == 2  # the first was refused by name
    assert session.rules.max_s == 600
    calls, session = opened(server, avatar_id="a", lite=False, max_duration_s=300.0)
    assert calls.count("token") == 1
    assert session.rules.max_s == 300


def test_another_refusal_is_not_repeated(server):
    with pytest.raises(NotOffered, match="not found"):
        opened(server, avatar_id="no_such_avatar", lite=False, max_duration_s=300.0)
    assert [c["call"] for c in server.app.state.twin.state()["calls"]] == ["token"]


def test_lite_is_kept_alive_by_call_and_websocket(server):
    """Sessions were seen that go by one of them alone."""
    calls, session = opened(server, avatar_id="a")
    assert calls.count("keep_alive") == 1
    assert session.counts["keep_alive"] == 2


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (400, {"code": 400, "message": "max_session_duration exceeds your tier's limit"}),
        (402, {"code": 402, "message": "Not enough credits for this max_session_duration"}),
        (403, {"code": 403, "message": "Max session duration not allowed for this account"}),
        (422, {"detail": [{"loc": ["body", "max_session_duration"], "msg": "too large"}]}),
    ],
)
def test_whatever_refuses_the_length_by_name_is_asked_once_without_it(status, answer):
    """Nothing else is taken back: another refusal is told as it is."""
    token = {"code": 1000, "data": {"session_id": "s", "session_token": "t"}}

    def asked_for(first):
        bodies = []

        def reply(request):
            bodies.append(json.loads(request.content))
            return (
                httpx.Response(status, content=first)
                if len(bodies) == 1
                else httpx.Response(200, json=token)
            )

        client = client_of("liveavatar", transport=httpx.MockTransport(reply))
        with contextlib.suppress(ServiceError):
            asyncio.run(client.create_token(sandbox=True, max_duration_s=1200.0))
        return [body.get("max_session_duration") for body in bodies]

    assert asked_for(json.dumps(answer)) == [1200, None]
    assert asked_for('{"message": "avatar_id is not known"}') == [1200]
