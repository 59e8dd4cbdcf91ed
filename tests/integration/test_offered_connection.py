"""A peer connection that a service offers, from the widget to the twin, all real."""

import asyncio

import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription

from ipyavatar import AvatarSession
from ipyavatar.client import host_client
from ipyavatar.errors import SpeechFailed
from tests.support.fakes.recording_avatar import RecordingAvatar
from tests.support.processes import until
from tests.support.twin_process import KEY, twin_process

TEXT = "Hello from plain WebRTC."


@pytest.fixture(scope="module")
def twin():
    with twin_process("--concurrency", "9") as running:
        yield running


@pytest.fixture
def opened(twin, tmp_path, monkeypatch):
    """Makes avatars, and stops them."""
    monkeypatch.setenv("IPYAVATAR_STATE_DIR", str(tmp_path))
    made = []

    def make(**more):
        options = {"transport": "webrtc", "quality": "low", "host": "thread"} | more
        made.append(RecordingAvatar("heygen", api_key=KEY, base_url=twin.url, **options))
        return made[-1]

    yield make
    for avatar in made:
        avatar.stop().wait(20)
    host_client.close_all()


class ViewingPage:
    """What the page does, with aiortc in place of the browser."""

    def __init__(self, avatar, page="p"):
        self.avatar, self.page = avatar, page
        self.pc = RTCPeerConnection()
        self.tracks = {}
        self.pc.on("track", lambda track: self.tracks.update({track.kind: track}))
        self.pc.on("datachannel", lambda channel: channel.on("message", self._on_message))

    def _on_message(self, data):
        self.avatar.page_says(type="room-data", page=self.page, topic="", payload=data.decode())

    async def watch(self):
        """Answer the offer; the size of the picture."""
        peer = f"{self.page}.1"
        self.avatar.page_says(type="join", page=self.page, peer=peer)
        granted = await asyncio.to_thread(self.avatar.answer, "stream-granted", peer)
        grant = granted["grant"]
        assert (grant["kind"], len(grant["iceServers"])) == ("webrtc", 0)
        await self.pc.setRemoteDescription(RTCSessionDescription(grant["offer"], "offer"))
        await self.pc.setLocalDescription(await self.pc.createAnswer())
        answer = {"page": self.page, "peer": peer, "sdp": self.pc.localDescription.sdp}
        for _ in range(3):
            self.avatar.page_says(type="accept-offer", **answer)
        init = {"candidate": "candidate:1 1 udp 1 127.0.0.1 9 typ host", "sdpMid": "0"}
        self.avatar.page_says(type="candidate", page=self.page, peer=peer, **init)
        picture = await asyncio.wait_for(self.tracks["video"].recv(), 20)
        self.avatar.page_says(type="media", page=self.page, playback="playing")
        return picture.width, picture.height


def calls(twin, name):
    return [call for call in twin.state()["calls"] if call["call"] == name]


@pytest.mark.parametrize("host", ["process", "thread"])
def test_a_page_answers_the_offer_and_the_avatar_speaks(opened, twin, host):
    """Its answer is passed on once, events come back by its channel, an interrupt is heard."""
    starts, candidates = len(calls(twin, "start")), len(calls(twin, "ice"))
    avatar = opened(host=host)

    async def go():
        page = ViewingPage(avatar)
        try:
            assert await page.watch() == (640, 360)
            said = avatar.speak(TEXT)
            await asyncio.to_thread(said.wait, 30)
            assert (said.state, said.latency_ms is not None) == ("said", True)
            cut = avatar.speak(TEXT * 10)
            await asyncio.to_thread(until, lambda: cut.state == "speaking", 10, "it speaks")
            cut.interrupt()
            await asyncio.to_thread(cut.wait, 5)
            assert cut.state == "interrupted"
        finally:
            await page.pc.close()

    asyncio.run(go())
    assert TEXT in [caption["text"] for caption in avatar.answers("caption")]
    assert len(calls(twin, "start")) - starts == 1
    assert len(calls(twin, "ice")) - candidates == 1
    assert avatar.answers("refused") == []
    assert avatar.stream == "webrtc"


def test_a_second_page_is_told_who_has_it_and_nobody_can_watch_once_that_one_has_gone(opened, twin):
    """Then the session ends, since it would go on costing; and the next one can be watched."""
    avatar = opened()

    async def go():
        page = ViewingPage(avatar)
        try:
            await page.watch()
        finally:
            await page.pc.close()

    asyncio.run(go())
    avatar.page_says(type="join", page="q", peer="q.1")
    refused = avatar.answer("refused", "q.1")
    assert refused["taken"] is True
    assert avatar.status == "live"
    avatar.page_says(type="hangup", page="p", peer="p.1")
    avatar.page_says(type="join", page="q", peer="q.2")
    assert "used up" in avatar.answer("refused", "q.2")["what"]
    until(lambda: avatar.status == "ended", 10, "the session to be ended")
    assert "used up" in avatar.status_text
    assert twin.open() == []
    avatar.start().wait(20)
    avatar.page_says(type="join", page="q", peer="q.3")
    assert avatar.answer("stream-granted", "q.3")["grant"]["kind"] == "webrtc"


def test_a_script_is_told_that_it_needs_a_page_or_a_room(twin, tmp_path, monkeypatch):
    monkeypatch.setenv("IPYAVATAR_STATE_DIR", str(tmp_path))
    options = {"api_key": KEY, "base_url": twin.url, "host": "thread"}
    with AvatarSession("heygen", transport="webrtc", **options) as session:
        with pytest.raises(SpeechFailed, match="when a page answers") as caught:
            session.speak(TEXT).wait(20)
        assert 'transport="livekit"' in str(caught.value)
