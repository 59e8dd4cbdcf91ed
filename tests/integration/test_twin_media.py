"""The live media of the twin against clients that misbehave, and what a REST-only twin loads."""

import asyncio
import base64
import json
import subprocess
import sys
import textwrap

import pytest
from livekit.protocol import models as m
from livekit.protocol import rtc as r
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.support.processes import until
from tests.support.sdk import TwinProcess, twin_process


@pytest.fixture(scope="module")
def server():
    with twin_process("--responder", "json:dumps", "--concurrency", "50") as twin:
        yield twin


@pytest.fixture
def twin(server):
    yield server
    server.stop_all()
    assert server.process.poll() is None


def address(twin: TwinProcess, session, path="/rtc"):
    url = f"{twin.url}{path}?access_token={session['access_token']}".replace("http", "ws")
    return url if path == "/rtc" else f"{url}&join_request={v1_offer('garbage')}"


def v1_offer(sdp):
    offer = r.SessionDescription(type="offer", sdp=sdp)
    inner = r.JoinRequest(publisher_offer=offer).SerializeToString()
    return base64.urlsafe_b64encode(
        r.WrappedJoinRequest(join_request=inner).SerializeToString()
    ).decode()


async def leave_of(socket):
    """The leave message, or None when the connection ends without one."""
    try:
        while True:
            response = r.SignalResponse.FromString(await asyncio.wait_for(socket.recv(), 15))
            if response.WhichOneof("message") == "leave":
                return response.leave
    except ConnectionClosed:
        return None


def request(**message):
    return r.SignalRequest(**message).SerializeToString()


def join(response):
    return r.SignalResponse.FromString(response).join


def test_frames_that_are_no_messages_change_nothing(twin):
    async def go():
        async with connect(address(twin, twin.heygen())) as socket:
            assert join(await socket.recv()).participant.identity == "client"
            for garbage in (b"\xff" * 40, b"", "text", b"\x0a\xff\xff\xff\xff\x0f"):
                await socket.send(garbage)
            trickle = r.TrickleRequest(candidateInit="{not json", target=r.SUBSCRIBER)
            await socket.send(request(trickle=trickle))
            await socket.send(request(ping=5))
            while True:
                answer = r.SignalResponse.FromString(await asyncio.wait_for(socket.recv(), 10))
                if answer.WhichOneof("message") == "pong":
                    return answer.pong

    assert asyncio.run(go()) > 0


@pytest.mark.parametrize("kind", ["offer", "answer"])
def test_an_sdp_of_garbage_ends_its_client_alone(twin, kind):
    async def go():
        session = twin.heygen()
        spy = dict(session, access_token=twin.viewer(session["session_id"], "spy"))
        async with connect(address(twin, session)) as bad, connect(address(twin, spy)) as good:
            sdp = r.SessionDescription(type=kind, sdp="v=0\r\nm=video garbage\r\n", id=1)
            await asyncio.wait_for(bad.recv(), 10)
            while (await leave_due(bad)) != "offer":
                pass
            await bad.send(request(**{kind: sdp}))
            reason = (await leave_of(bad)).reason
            await good.send(request(ping=5))
            await asyncio.wait_for(good.recv(), 5)
            return reason

    async def leave_due(socket):
        response = r.SignalResponse.FromString(await asyncio.wait_for(socket.recv(), 10))
        return response.WhichOneof("message")

    assert asyncio.run(go()) == m.STATE_MISMATCH


def test_a_v1_join_with_an_offer_of_garbage_is_told_so(twin):
    async def go():
        async with connect(address(twin, twin.heygen(), "/rtc/v1")) as socket:
            return await leave_of(socket)

    assert asyncio.run(go()).reason == m.JOIN_FAILURE


def test_one_who_cannot_be_resumed_is_told_to_join_anew(twin):
    async def go():
        url = address(twin, twin.heygen()) + "&reconnect=1&sid=PA_unknown"
        async with connect(url) as socket:
            return await leave_of(socket)

    assert asyncio.run(go()).action == r.LeaveRequest.RECONNECT


@pytest.mark.parametrize("token", ["", "a.b.c", "ünlesbar"])
def test_tokens_of_others_are_refused_with_the_reason(twin, token):
    async def go():
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"{twin.url}/rtc?access_token={token}".replace("http", "ws"))
        return refused.value.response

    response = asyncio.run(go())
    assert (response.status_code, response.body) == (401, b"invalid token")
    status, _, body = twin.raw("GET", "/rtc/validate?access_token=x.y", b"", {})
    assert (status, body) == (401, b"invalid token")


def test_a_server_that_does_not_know_version_1_says_so_to_pages_of_other_origins():
    async def go(twin):
        session = twin.heygen()
        with pytest.raises(InvalidStatus) as refused:
            await connect(address(twin, session, "/rtc/v1"))
        async with connect(address(twin, session)) as socket:
            assert join(await socket.recv()).participant.identity == "client"
        return refused.value.response.status_code

    with twin_process("--no-rtc-v1") as old:
        assert asyncio.run(go(old)) == 404
        origin = {"Origin": "http://localhost:8888"}
        status, headers, _ = old.raw("GET", "/rtc/v1/validate?access_token=x", b"", origin)
        assert status == 404
        found = {name.lower(): value for name, value in headers.items()}
        assert found["access-control-allow-origin"] in ("*", origin["Origin"])


def test_the_end_of_a_session_ends_its_room(twin):
    async def go():
        session = twin.heygen()
        async with connect(address(twin, session)) as socket:
            await socket.recv()
            twin.stop(session["session_id"])
            return await leave_of(socket)

    assert asyncio.run(go()).reason == m.ROOM_DELETED


def test_talk_goes_to_the_responder(twin):
    async def go():
        session = twin.heygen()
        async with connect(address(twin, session)) as socket:
            await socket.recv()
            twin.say(session["session_id"], "x", "talk")

            def said():
                (row,) = [s for s in twin.state()["sessions"] if s["id"] == session["session_id"]]
                return row["speeches"][0]["state"] == "said"

            await asyncio.to_thread(until, said, 20, "the answer is said")

    asyncio.run(go())


def test_a_twin_that_answers_rest_alone_loads_no_media():
    code = """
    import json, sys
    from starlette.testclient import TestClient
    from ipyavatar.twin import create_app
    client = TestClient(create_app(), base_url="http://localhost", headers={"X-Api-Key": "k"})
    data = client.post("/v1/streaming.new", json={"version": "v2"}).json()["data"]
    client.post("/v1/streaming.start", json={"session_id": data["session_id"]})
    task = {"session_id": data["session_id"], "text": "hello"}
    assert client.post("/v1/streaming.task", json=task).status_code == 200
    heavy = {"aiortc", "av", "cv2", "onnxruntime", "livekit", "google.protobuf", "numpy"}
    print(json.dumps(sorted(heavy & set(sys.modules))))
    """
    out = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code)],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert json.loads(out) == []
