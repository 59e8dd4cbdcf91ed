"""The limits that cost real users: nobody joins in time, and the end that nobody is told of."""

import asyncio
import base64
import json

import pytest
from websockets.asyncio.client import connect

from tests.integration.test_twin_process import lite_session, twin
from tests.support.loopback import http

SECOND = base64.b64encode(bytes(48_000)).decode()
KEY = {"X-Api-Key": "k"}
RECV_S = 1.0


def let_pass(url: str, seconds: float) -> None:
    http.post(f"{url}/_twin/clock", json={"advance_s": seconds}).raise_for_status()


def only_session(url: str) -> dict:
    (session,) = http.get(f"{url}/_twin/state").json()["sessions"]
    return session


def keep_alive(url: str, bearer: dict[str, str]) -> int:
    return http.post(f"{url}/v1/sessions/keep-alive", headers=bearer).status_code


async def next_message(socket) -> dict:
    return json.loads(await asyncio.wait_for(socket.recv(), 10))


def test_a_session_ends_when_nobody_joins_its_room_within_five_minutes():
    """Being kept alive does not help, as the service lists it afterwards."""
    with twin() as (url, _):
        _, bearer = lite_session(url)
        for _ in range(2):
            let_pass(url, 149)
            assert keep_alive(url, bearer) == 200
        let_pass(url, 5)
        assert keep_alive(url, bearer) == 404
        assert only_session(url)["end_reason"] == "nobody_joined"
        listed = http.get(f"{url}/v1/sessions?type=historic", headers=KEY).json()["data"]
        assert [row["end_reason"] for row in listed["results"]] == ["ZOMBIE_SESSION_REAP"]


def test_a_session_that_somebody_has_joined_goes_on():
    async def join(address: str) -> None:
        async with connect(address) as socket:
            await asyncio.wait_for(socket.recv(), 20)

    with twin() as (url, _):
        _, bearer = lite_session(url)
        viewer = {"room": only_session(url)["id"], "identity": "x"}
        token = http.post(f"{url}/_twin/token", json=viewer).json()["token"]
        asyncio.run(join(f"{url}/rtc?access_token={token}".replace("http", "ws")))
        for _ in range(3):
            let_pass(url, 149)
            assert keep_alive(url, bearer) == 200
        assert only_session(url)["state"] == "connected"


@pytest.mark.parametrize(("seconds", "after", "ended"), [("20", 21, True), ("0", 290, False)])
def test_how_long_is_waited_for_the_first_is_a_setting(seconds, after, ended):
    with twin("--join-timeout", seconds) as (url, _):
        _, bearer = lite_session(url)
        let_pass(url, after)
        assert keep_alive(url, bearer) == (404 if ended else 200)
        let_pass(url, after)
        assert keep_alive(url, bearer) == (404 if ended else 200)


@pytest.mark.parametrize("silent", [True, False])
def test_the_longest_duration_ends_a_sentence_with_a_word_or_without(silent):
    """The websocket of a silent one stays open and says nothing, whatever it is asked."""

    async def go(url: str) -> list[dict]:
        ws_url, _ = lite_session(url)
        told = []
        async with connect(ws_url) as socket:
            assert (await next_message(socket))["state"] == "connected"
            for _ in range(20):
                await socket.send(json.dumps({"type": "agent.speak", "audio": SECOND}))
            while (await next_message(socket))["type"] != "agent.speak_started":
                pass
            let_pass(url, 100)
            await socket.send(json.dumps({"type": "agent.speak", "audio": SECOND}))
            try:
                while True:
                    told.append(json.loads(await asyncio.wait_for(socket.recv(), RECV_S)))
            except Exception as error:
                told.append(type(error).__name__)
        return told

    with twin("--max-duration", "60", *(["--silent-end"] if silent else [])) as (url, _):
        told = asyncio.run(go(url))
        session = only_session(url)
        assert (session["state"], session["end_reason"]) == ("closed", "max_duration")
        assert session["speeches"][0]["state"] == "interrupted"
    kinds = [one if isinstance(one, str) else one["type"] for one in told]
    after = [kind for kind in kinds if kind not in ("agent.audio_buffer_appended",)]
    if silent:
        assert set(after) <= {"agent.state_updated", "TimeoutError"}
        assert after[-1] == "TimeoutError"
    else:
        assert "agent.speak_interrupted" in after
        assert after[-1] == "ConnectionClosedOK"
