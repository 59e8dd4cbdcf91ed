"""HeyGen as its documentation shows it: `streaming.new` without a version, then plain WebRTC."""

import asyncio
import json

import httpx
import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription

from tests.support.twin_process import HEADERS, twin_process

NEW = {"avatar_id": "ava", "voice": {"voice_id": "v"}, "quality": "low"}


@pytest.fixture(scope="module")
def twin():
    with twin_process("--concurrency", "20") as running:
        yield running


class Client:
    """What the documentation's page does, with aiortc in place of the browser."""

    def __init__(self, url):
        self.http = httpx.AsyncClient(
            base_url=url, headers=HEADERS, trust_env=False, verify=False, timeout=30
        )
        self.pc = RTCPeerConnection()
        self.tracks, self.told = {}, []
        self.pc.on("track", lambda track: self.tracks.setdefault(track.kind, track))
        self.pc.on("datachannel", lambda c: c.on("message", self._on_message))

    def _on_message(self, data):
        assert isinstance(data, bytes)
        self.told.append(json.loads(data))

    async def call(self, name, **body):
        answer = await self.http.post(f"/v1/streaming.{name}", json=body)
        return answer.status_code, answer.json()

    async def open(self, **more):
        status, answer = await self.call("new", **{**NEW, **more})
        assert (status, answer["error"]) == (200, None)
        self.data = answer["data"]
        self.id = self.data["session_id"]
        await self.pc.setRemoteDescription(RTCSessionDescription(**self.data["sdp"]))
        await self.pc.setLocalDescription(await self.pc.createAnswer())
        mine = self.pc.localDescription
        status, _ = await self.call(
            "start", session_id=self.id, sdp={"type": mine.type, "sdp": mine.sdp}
        )
        assert status == 200

    async def until(self, kind):
        async def wait():
            while kind not in [message["type"] for message in self.told]:
                await asyncio.sleep(0.01)

        await asyncio.wait_for(wait(), 20)

    async def close(self):
        await self.pc.close()
        await self.http.aclose()


def play(twin, story):
    async def go():
        client = Client(twin.url)
        try:
            await asyncio.wait_for(story(client), 60)
        finally:
            await client.close()

    asyncio.run(go())


@pytest.mark.parametrize("codec", ["VP8", "H264"])
def test_picture_sound_and_events_come_by_plain_webrtc(twin, codec):
    """The offer has the codec that was asked for and no other; frames and samples come."""

    async def story(client):
        await client.open(video_encoding=codec)
        for member in ("access_token", "url", "ice_servers", "ice_servers2"):
            assert client.data[member] is not None
        sdp = client.data["sdp"]["sdp"]
        assert f"{codec}/90000" in sdp
        assert {"VP8": "H264", "H264": "VP8"}[codec] not in sdp
        assert "a=candidate" in sdp
        frame = await client.tracks["video"].recv()
        assert frame.width >= 480
        status, task = await client.call(
            "task", session_id=client.id, text="Hello from plain WebRTC.", task_type="repeat"
        )
        assert status == 200
        await client.until("avatar_start_talking")
        loudest = 0
        for _ in range(100):
            samples = await client.tracks["audio"].recv()
            loudest = max(loudest, int(abs(samples.to_ndarray()).max()))
        assert loudest > 1000
        await client.until("avatar_stop_talking")
        assert {m["task_id"] for m in client.told} == {task["data"]["task_id"]}

    play(twin, story)


def test_an_interrupt_then_a_new_task(twin):
    async def story(client):
        await client.open()
        await client.call("task", session_id=client.id, text="A long text. " * 40)
        await client.until("avatar_start_talking")
        assert (await client.call("interrupt", session_id=client.id))[0] == 200
        await client.until("avatar_stop_talking")
        client.told.clear()
        await client.call("task", session_id=client.id, text="And now this.")
        await client.until("avatar_stop_talking")

    play(twin, story)


def test_stop_ends_the_connection(twin):
    async def story(client):
        await client.open()
        await client.tracks["video"].recv()
        assert (await client.call("stop", session_id=client.id))[0] == 200
        while client.pc.connectionState not in ("closed", "failed"):
            await asyncio.sleep(0.02)

    play(twin, story)


def test_candidates_are_taken_one_by_one_and_before_the_answer(twin):
    async def story(client):
        status, answer = await client.call("new", **NEW)
        assert status == 200
        session = answer["data"]["session_id"]
        candidate = "candidate:1 1 udp 2130706431 127.0.0.1 9 typ host"
        init = {"candidate": candidate, "sdpMid": "0", "sdpMLineIndex": 0}
        assert (await client.call("ice", session_id=session, candidate=init))[0] == 200
        for odd in ({"candidate": ""}, {"candidate": "x"}, {"candidate": "a.local 1"}):
            assert (await client.call("ice", session_id=session, candidate=odd))[0] == 200
        status, answer = await client.call("ice", session_id=session, candidate="text")
        assert (status, answer["error"]["code"]) == (400, 40012)

    play(twin, story)


def test_a_start_without_an_answer_says_what_is_missing(twin):
    """And leaves the session as it was, so that it can be started."""

    async def story(client):
        _, answer = await client.call("new", **NEW)
        session = answer["data"]["session_id"]
        status, answer = await client.call("start", session_id=session)
        assert (status, "sdp is missing" in answer["message"]) == (400, True)
        status, answer = await client.call("task", session_id=session, text="Hello")
        assert "call streaming.start first" in answer["message"]

    play(twin, story)


def test_an_answer_that_makes_no_sense_is_refused(twin):
    async def story(client):
        _, answer = await client.call("new", **NEW)
        session = answer["data"]["session_id"]
        bad = {"type": "answer", "sdp": "v=0 nonsense"}
        status, answer = await client.call("start", session_id=session, sdp=bad)
        assert (status, "makes no sense" in answer["message"]) == (400, True)

    play(twin, story)


def test_with_version_2_there_is_a_room_and_no_offer(twin):
    async def story(client):
        _, answer = await client.call("new", **NEW, version="v2")
        assert answer["data"]["sdp"] is None
        assert answer["data"]["access_token"]

    play(twin, story)
