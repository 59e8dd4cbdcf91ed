"""The twin as a process, over real HTTP and websockets."""

import asyncio
import base64
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import websockets
from websockets.asyncio.client import connect

from tests.support.faults import assert_faults_fired
from tests.support.loopback import http

FIXTURES = Path(__file__).parents[1] / "contract" / "fixtures"
KEY = {"X-Api-Key": "k"}
NEW = {"avatar_id": "a", "version": "v2"}
FURTHER = (
    "agent.state_updated",
    "agent.audio_buffer_appended",
    "agent.audio_buffer_cleared",
    "agent.speak_started",
)
LITE = {"mode": "LITE", "avatar_id": "a"}


@contextmanager
def twin(*options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A twin of its own; it must end by SIGTERM, with code 0 and nothing on standard error."""
    command = [sys.executable, "-m", "ipyavatar.twin", "--port", "0", *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            line = process.stdout.readline()
            url = json.loads(line)["url"]
            yield url, process
            if process.poll() is None and "--faults" not in options:
                headers = {"X-Api-Key": os.environ.get("IPYAVATAR_TWIN_API_KEY", "")}
                assert_faults_fired(http.get(f"{url}/_twin/state", headers=headers).json())
            process.send_signal(signal.SIGTERM)
            rest, errors = process.communicate(timeout=30)
            assert (process.returncode, rest, errors) == (0, "", "")
        finally:
            process.kill()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with twin("--concurrency", "50") as (address, _):
        yield address


def post(url: str, **options: Any) -> None:
    http.post(url, **options).raise_for_status()


def fault(url: str, **what: Any) -> None:
    post(f"{url}/_twin/faults", json={"times": 1, **what})


def last_call(url: str) -> dict[str, Any]:
    return http.get(f"{url}/_twin/state").json()["calls"][-1]


def new(url: str, **options: Any) -> httpx.Response:
    return http.post(f"{url}/v1/streaming.new", json=NEW, headers=KEY, **options)


def test_it_serves_on_loopback_and_says_where(url: str) -> None:
    assert url.startswith("http://127.0.0.1:")
    answer = new(url)
    assert answer.status_code == 200
    assert answer.json()["data"]["url"] == url.replace("http", "ws", 1)
    assert "server" not in answer.headers


def test_a_reset_is_a_reset(url: str) -> None:
    fault(url, kind="reset")
    with pytest.raises(httpx.ReadError):
        new(url)
    assert last_call(url)["status"] == 0
    assert new(url).status_code == 200


def test_a_lost_answer_leaves_a_session_behind(url: str) -> None:
    before = http.get(f"{url}/_twin/state").json()["open"]
    fault(url, kind="reset", effect=True)
    with pytest.raises(httpx.ReadError):
        new(url)
    assert http.get(f"{url}/_twin/state").json()["open"] == before + 1


def test_half_an_answer_ends_early(url: str) -> None:
    fault(url, kind="half")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        new(url)
    assert new(url).status_code == 200


def test_a_hang_outlasts_the_client(url: str) -> None:
    fault(url, kind="hang")
    with pytest.raises(httpx.ReadTimeout):
        new(url, timeout=0.2)
    assert new(url).status_code == 200


def test_a_body_over_the_limit_is_answered(url: str) -> None:
    answer = http.post(f"{url}/v1/streaming.new", content=bytes(10_000_001), headers=KEY)
    assert answer.status_code == 413


def test_a_foreign_host_is_refused_for_http_and_websockets(url: str) -> None:
    assert http.get(url, headers={"Host": "rebound.example"}).status_code == 403

    async def go() -> None:
        port = httpx.URL(url).port
        address = f"ws://rebound.example:{port}/v1/lite/x"
        with pytest.raises(websockets.InvalidStatus) as refused:
            await connect(address, host="127.0.0.1", port=port, proxy=None)
        assert refused.value.response.status_code == 403

    asyncio.run(go())


# ---- the websocket of LITE ----------------------------------------------------------------------


def lite_session(url: str) -> tuple[str, dict[str, str]]:
    token = http.post(f"{url}/v1/sessions/token", json=LITE, headers=KEY).json()["data"]
    bearer = {"Authorization": f"Bearer {token['session_token']}"}
    started = http.post(f"{url}/v1/sessions/start", headers=bearer)
    return started.json()["data"]["ws_url"], bearer


def filled(message: dict[str, Any]) -> dict[str, Any]:
    """The fixture's message with its sound."""
    audio = message.get("audio", "")
    if not audio.startswith("<base64 of "):
        return message
    size = int(audio.split()[2])
    return {**message, "audio": base64.b64encode(bytes(size)).decode()}


def test_the_conversation_of_the_fixture() -> None:
    """As the documentation has it: events carry the client's ids."""
    with twin("--event-ids", "same") as (url, _):
        play_the_fixture(url)


def play_the_fixture(url: str) -> None:
    talk = json.loads((FIXTURES / "liveavatar_lite_ws.json").read_text())

    async def go() -> float:
        address, bearer = lite_session(url)
        began = time.monotonic()
        async with connect(address, proxy=None) as ws:
            for step in talk:
                wanted = step["json"]
                if step["direction"] == "send":
                    await ws.send(json.dumps(filled(wanted)))
                    continue
                if step["name"] == "stopped elsewhere":
                    post(f"{url}/v1/sessions/stop", headers=bearer)
                while True:  # further messages are allowed
                    got = json.loads(await asyncio.wait_for(ws.recv(), 5))
                    if got["type"] == wanted["type"]:
                        break
                    assert got["type"] in FURTHER
                for name in ("event_id", "state", "error"):
                    assert got.get(name) == wanted.get(name), step["name"]
            with pytest.raises(websockets.ConnectionClosedOK):
                await ws.recv()
        return time.monotonic() - began

    # One second of sound is said to its end, the second one is interrupted.
    assert 1.0 <= asyncio.run(go()) < 4.0


def test_bad_messages_are_refused_and_the_conversation_goes_on(url: str) -> None:
    async def go() -> None:
        address, _ = lite_session(url)
        async with connect(address, proxy=None) as ws:
            await ws.recv()
            odd = base64.b64encode(b"odd").decode()
            for bad, reason in [
                ("{", "not JSON"),
                (b"\xff\x00", "not JSON"),
                ("[1]", "not an object"),
                ('{"type": "agent.fly"}', "unknown type agent.fly"),
                ('{"event_id": "e"}', "type is missing"),
                ('{"type": "agent.speak"}', "audio is missing"),
                ('{"type": "agent.speak", "audio": 7}', "not base64"),
                ('{"type": "agent.speak", "audio": "?"}', "not base64"),
                (json.dumps({"type": "agent.speak", "audio": odd}), "16-bit"),
            ]:
                await ws.send(bad)
                assert reason in json.loads(await ws.recv())["error"]["message"]
            await ws.send('{"type": "agent.interrupt"}')
            assert json.loads(await ws.recv())["type"] == "agent.audio_buffer_cleared"

    asyncio.run(go())


@pytest.mark.skipif(sys.platform != "linux", reason="needs prlimit")
def test_where_pictures_would_take_more_address_space_than_it_has_it_says_so() -> None:
    """Calls are served; its log had a traceback for each who joined, who was told nothing."""

    async def join(room: dict[str, Any]) -> tuple[int, bytes]:
        with pytest.raises(websockets.InvalidStatus) as refused:
            await connect(f"{room['url']}/rtc?access_token={room['access_token']}")
        return refused.value.response.status_code, bytes(refused.value.response.body)

    with twin() as (url, process):
        little = psutil.Process(process.pid).memory_info().vms + (100 << 20)
        resource.prlimit(process.pid, resource.RLIMIT_AS, (little, little))
        status, reason = asyncio.run(join(new(url).json()["data"]))
    assert status == 501
    assert b"MB more of address space" in reason


def test_an_idle_session_closes_its_websocket(url: str) -> None:
    async def go() -> None:
        address, _ = lite_session(url)
        async with connect(address, proxy=None) as ws:
            await ws.recv()
            post(f"{url}/_twin/clock", json={"advance_s": 301})
            assert json.loads(await ws.recv()) == {
                "type": "session.state_updated",
                "state": "closed",
            }
        with pytest.raises(websockets.InvalidStatus):
            await connect(address, proxy=None)

    asyncio.run(go())


def test_a_websocket_that_stays_silent_or_is_refused(url: str) -> None:
    async def go() -> None:
        address, _ = lite_session(url)
        fault(url, kind="slow", seconds=0.3, service="liveavatar", call="lite_ws")
        began = time.monotonic()
        async with connect(address, proxy=None) as ws:
            await ws.send(json.dumps({"type": "agent.fly"}))  # dropped without a word
            assert json.loads(await ws.recv())["state"] == "connected"
            assert time.monotonic() - began >= 0.3
        fault(url, kind="500", call="lite_ws")
        with pytest.raises(websockets.InvalidStatus):
            await connect(address, proxy=None)

    asyncio.run(go())


# ---- begin and end ------------------------------------------------------------------------------


def test_it_ends_in_time_with_calls_and_websockets_under_way(tmp_path: Path) -> None:
    plan = tmp_path / "faults.json"
    plan.write_text('[{"kind": "hang", "service": "heygen", "call": "list"}]')

    async def go() -> float:
        with twin("--faults", str(plan)) as (address, process):
            ws = await connect(lite_session(address)[0], proxy=None)
            async with httpx.AsyncClient() as client:
                hanging = asyncio.ensure_future(
                    client.get(f"{address}/v1/streaming.list", headers=KEY, timeout=30)
                )
                while last_call(address)["call"] != "list":
                    await asyncio.sleep(0.01)
                began = time.monotonic()
                process.send_signal(signal.SIGINT)
                with pytest.raises(httpx.TransportError):
                    await hanging
            process.wait(30)
            took = time.monotonic() - began
            await ws.close()
        return took

    assert asyncio.run(go()) < 8.0  # by itself it takes one


def test_the_key_comes_from_the_environment_and_is_asked_for() -> None:
    os.environ["IPYAVATAR_TWIN_API_KEY"] = "hunter2"
    try:
        with twin() as (address, _):
            assert new(address).status_code == 401
            good = {"X-Api-Key": "hunter2"}
            ok = http.post(f"{address}/v1/streaming.new", json=NEW, headers=good)
            assert ok.status_code == 200
    finally:
        del os.environ["IPYAVATAR_TWIN_API_KEY"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--concurrency", "0"], "concurrency is 0"),
        (["--idle-timeout", "-1"], "idle_timeout_s is -1"),
        (["--faults", "/nowhere"], "Cannot read /nowhere"),
        (["--port", "70000"], "no port 70000"),
    ],
)
def test_options_that_cannot_work_are_refused_in_words(options: list[str], said: str) -> None:
    command = [sys.executable, "-m", "ipyavatar.twin", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "ipyavatar.twin", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, "Cannot listen on 127.0.0.1" in done.stderr) == (2, True)
