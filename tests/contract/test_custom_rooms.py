"""LITE in a LiveKit room of the client's: the avatar joins as whom its token says."""

from __future__ import annotations

import asyncio
import base64
import importlib.util
import json
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.client import connect

from tests.contract.test_livekit_rooms import begin
from tests.support.livekit_token import livekit_token
from tests.support.processes import until
from tests.support.sdk import TwinProcess, twin_process

ROOM = "lesson-1"
BEHALF = {"lk.publish_on_behalf": "agent"}
TONE = (8000 * np.sin(np.arange(24_000) / 10)).astype(np.int16).tobytes()


@pytest.fixture(scope="module")
def server():
    with twin_process("--concurrency", "50") as process:
        yield process


@pytest.fixture
def twin(server):
    yield server
    server.stop_all()


def custom(twin: TwinProcess, **more: Any) -> dict[str, Any]:
    avatar = livekit_token(ROOM, "avatar-1", kind="agent", name="Ann", attributes=BEHALF)
    return {
        "livekit_url": twin.url.replace("http", "ws"),
        "livekit_room": ROOM,
        "livekit_client_token": avatar,
        **more,
    }


def token(twin: TwinProcess, **more: Any) -> tuple[int, Any]:
    body = {"mode": "LITE", "avatar_id": "a", **more}
    return twin.call("POST", "/v1/sessions/token", body)


def start(twin: TwinProcess) -> tuple[dict[str, Any], dict[str, str]]:
    """A session in the custom room: the answer of `start`, and the header for more."""
    status, answer = token(twin, livekit_config=custom(twin), agora_config=None)
    assert status == 200, answer
    bearer = {"Authorization": f"Bearer {answer['data']['session_token']}"}
    status, answer = twin.call("POST", "/v1/sessions/start", headers=bearer)
    assert status == 201, answer
    return answer["data"], bearer


async def say(ws_url: str, seconds: int) -> list[str]:
    """Say a tone; what is told of it."""
    told = []
    async with connect(ws_url) as socket:
        await socket.recv()  # connected
        for _ in range(seconds):
            audio = base64.b64encode(TONE).decode()
            await socket.send(json.dumps({"type": "agent.speak", "audio": audio}))
        await socket.send(json.dumps({"type": "agent.speak_end"}))
        while told[-1:] != ["agent.speak_ended"]:
            told.append(json.loads(await asyncio.wait_for(socket.recv(), 30))["type"])
    return told


@pytest.mark.skipif(
    importlib.util.find_spec("livekit") is None or importlib.util.find_spec("livekit.rtc") is None,
    reason="the package livekit has no wheel for this machine",
)
@pytest.mark.parametrize("mode", ["one", "two"])
@pytest.mark.parametrize("first", ["user", "avatar"])
def test_the_avatar_joins_a_room_of_the_clients_and_speaks_there(twin, mode, first):
    data, bearer = start(twin) if first == "avatar" else ({}, {})
    with begin(twin, "watch", mode, livekit_token(ROOM, "user")) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "joined\n"
            if first == "user":
                data, bearer = start(twin)
            assert data["livekit_url"] is None
            assert data["livekit_client_token"] is None
            assert "agent.speak_started" in asyncio.run(say(data["ws_url"], 4))
            assert process.stdout.readline() == "heard\n"
            twin.call("POST", "/v1/sessions/stop", headers=bearer)
            diary = json.loads(process.communicate(timeout=60)[0])
        finally:
            process.kill()
    assert diary["who"] == {
        "identity": "avatar-1",
        "name": "Ann",
        "attributes": BEHALF,
        "agent": True,
    }
    assert diary["frames"]["avatar-1 video"] > 20
    assert diary["loud_s"]["avatar-1 audio"] > 1
    assert "-avatar-1" in diary["events"]
    assert diary["others"] == []
    until(lambda: ROOM not in twin.state()["rooms"], 10, "the room has ended with its last client")


def test_a_session_that_nobody_joins_in_its_room_ends_too(twin):
    """The avatar alone is nobody."""
    data, bearer = start(twin)
    for _ in range(2):
        twin.call("POST", "/_twin/clock", {"advance_s": 149})
        twin.call("POST", "/v1/sessions/keep-alive", headers=bearer)
    twin.call("POST", "/_twin/clock", {"advance_s": 5})
    (session,) = [s for s in twin.state()["sessions"] if s["id"] == data["session_id"]]
    assert session["end_reason"] == "nobody_joined"
    until(lambda: ROOM not in twin.state()["rooms"], 10, "the room has ended with it")


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"livekit_url": "wss://my.livekit.cloud"}, "livekit_url must be the offline twin's own"),
        ({"livekit_url": "ws://127.0.0.1:1"}, "livekit_url must be the offline twin's own"),
        ({"livekit_url": "nonsense"}, "livekit_url must be the offline twin's own"),
        ({"livekit_url": None}, "Field required"),
        ({"livekit_room": ""}, "Field required"),
        ({"livekit_room": "another"}, "does not let its bearer into livekit_room"),
        ({"livekit_client_token": "a.b.c"}, "livekit_client_token: invalid token"),
        ({"livekit_client_token": livekit_token(ROOM, "a", life_s=-60)}, "token is expired"),
        ({"livekit_client_token": livekit_token(ROOM, "a", grants={})}, "does not let its bearer"),
    ],
)
def test_a_room_the_avatar_cannot_join_is_refused_at_once(twin, config, words):
    """Where it was accepted and ignored, clients waited for half a minute."""
    status, answer = token(twin, livekit_config=custom(twin, **config))
    assert status == 422
    assert answer["detail"][0]["loc"][1].startswith("livekit_config")
    assert words in answer["detail"][0]["msg"]


@pytest.mark.parametrize(
    "name",
    [
        "agora_config",
        "elevenlabs_agent_config",
        "openai_realtime_config",
        "gemini_realtime_config",
    ],
)
def test_what_the_twin_cannot_do_is_refused_by_name(twin, name):
    status, answer = token(twin, **{name: {"agent_id": "x"}})
    assert status == 422
    assert answer["detail"][0]["loc"] == ["body", name]
    assert "not supported by the offline twin" in answer["detail"][0]["msg"]


def test_a_room_of_ones_own_is_for_lite(twin):
    status, answer = token(twin, mode="FULL", livekit_config=custom(twin))
    assert (status, answer["detail"][0]["msg"]) == (422, "is for LITE mode")


def test_localhost_is_the_same_address(twin):
    url = twin.named_url.replace("http", "ws")
    assert token(twin, livekit_config=custom(twin, livekit_url=url))[0] == 200
