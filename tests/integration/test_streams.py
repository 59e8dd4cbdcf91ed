"""Pages that want a service's stream, from the widget through the host to the twin, all real."""

import asyncio
import gzip
import importlib.util

import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription

from ipyavatar.client import host_client
from ipyavatar.protocol import page as p
from ipyavatar.protocol import page_codec
from ipyavatar.widget import bundles
from ipyavatar.widget.traits import STATIC
from tests.support.fakes.recording_avatar import RecordingAvatar
from tests.support.loopback import http
from tests.support.processes import until
from tests.support.sdk import twin_process

KEY = "seeded-stream-key-99"
LEO = {"kaltura": {"avatar_id": "leo"}, "liveavatar": {"sandbox": True, "lite": False}}


@pytest.fixture(scope="module")
def twin():
    with twin_process("--api-key", KEY, "--concurrency", "9") as running:
        yield running


@pytest.fixture
def opened(twin, tmp_path, monkeypatch):
    """Makes avatars, and stops them."""
    monkeypatch.setenv("IPYAVATAR_STATE_DIR", str(tmp_path))
    made = []

    def make(provider, **more):
        options = LEO.get(provider, {}) | {"host": "thread"} | more
        made.append(RecordingAvatar(provider, api_key=KEY, base_url=twin.url, **options))
        return made[-1]

    yield make
    for avatar in made:
        avatar.stop().wait(20)
    host_client.close_all()


def granted_token(avatar):
    """The token of the session's stream, as the kernel would give it to another host."""
    until(lambda: avatar.session._grant is not None, 20, "a grant")
    return avatar.session._grant.stream.token.reveal()


@pytest.mark.parametrize("host", ["thread", "process"])
@pytest.mark.parametrize("provider", ["heygen", "liveavatar"])
def test_a_page_gets_the_room_once(opened, provider, host):
    """It asked before anything was open, and again and again; another page gets it too."""
    avatar = opened(provider, host=host)
    for _ in range(3):
        avatar.page_says(type="join", page="p", peer="p.1")
    room = avatar.answer("stream-granted", "p.1")["grant"]
    assert room["url"].startswith("ws")
    assert room["token"] == granted_token(avatar)
    assert avatar.status in ("starting", "live")
    avatar.page_says(type="join", page="q", peer="q.1")
    assert avatar.answer("stream-granted", "q.1")["grant"]["token"] == room["token"]
    assert avatar.answers("refused") == []


def test_code_is_sent_to_a_page_that_asks_for_it(opened, monkeypatch):
    """As one buffer, gzipped, at once, however long the session takes; to nobody who has it."""
    bundles.bundle.cache_clear()
    monkeypatch.setattr(bundles, "built", lambda name: f"// {name}")
    avatar = opened("heygen")
    avatar.page_says(type="need-bundle", name="livekit")
    avatar.page_says(type="join", page="p", peer="p.1")
    avatar.answer("stream-granted", "p.1")
    ((content, [buffer]),) = [sent for sent in avatar.sent if sent[0]["type"] == "bundle"]
    assert (content["name"], gzip.decompress(buffer)) == ("livekit", b"// livekit.js")
    assert [c["type"] for c, _ in avatar.sent if c["type"] in ("bundle", "stream-granted")] == [
        "bundle",
        "stream-granted",
    ]
    avatar.page_says(type="join", page="q", peer="q.1")
    avatar.answer("stream-granted", "q.1")
    avatar.page_says(type="need-bundle", name="../../secrets")
    assert len([sent for sent in avatar.sent if sent[0]["type"] == "bundle"]) == 1
    bundles.bundle.cache_clear()


def test_a_player_that_is_not_built_is_a_clear_refusal(opened, monkeypatch, tmp_path):
    """Nothing is opened, so nothing is paid for."""
    bundles.bundle.cache_clear()
    monkeypatch.setattr("ipyavatar.widget.traits.STATIC", tmp_path)
    avatar = opened("heygen")
    avatar.page_says(type="join", page="p", peer="p.1")
    refused = avatar.answer("refused", "p.1")
    assert "livekit.js is missing" in refused["what"]
    assert "make build" in refused["fix"]
    assert avatar.status == "idle"


@pytest.mark.skipif(not (STATIC / "livekit.js").exists(), reason="the front end is not built")
def test_the_real_player_is_small_enough_to_send():
    """It travels through Jupyter's websocket, once a page."""
    bundles.bundle.cache_clear()
    assert 50_000 < len(bundles.bundle("livekit")) < 250_000


def test_who_may_not_have_it_is_told_in_the_same_words_as_ever(opened, twin):
    """Stopped, failed, and the embedded avatar, which has no such stream."""
    avatar = opened("heygen")
    avatar.start().wait(20)
    avatar.stop().wait(20)
    avatar.page_says(type="join", page="p", peer="p.1")
    assert avatar.answer("refused", "p.1")["fix"] == "Press play."
    wrong = RecordingAvatar(
        "heygen",
        api_key="another",
        base_url=avatar.session.options.wire.service.credentials.base_url,
    )
    wrong.page_says(type="join", page="p", peer="p.1")
    assert "key" in wrong.answer("refused", "p.1")["what"]
    until(lambda: wrong.status == "failed", 10, "it failed")
    wrong.page_says(type="join", page="p", peer="p.2")
    first, second = (wrong.answer("refused", f"p.{n}") for n in (1, 2))
    assert second == first | {"peer": "p.2", "seq": second["seq"]}
    embedded = RecordingAvatar(host="thread", quality="low")
    embedded.page_says(type="join", page="p", peer="p.1")
    assert embedded.answer("refused", "p.1")["what"]
    embedded.stop().wait(20)


@pytest.mark.skipif(importlib.util.find_spec("livekit") is None, reason="livekit has no wheel here")
def test_full_speaks_without_a_page_through_livekits_package(opened):
    """A script: Python enters the room, commands there, and hears there how far it is."""
    avatar = opened("liveavatar")
    speech = avatar.speak("Hello from a script.").wait(60)
    assert speech.state == "said"
    assert speech.latency_ms > 0


async def watch(avatar, peer, frames=5):
    """A viewer whose offer goes through Python: the number of pictures and their size."""
    pc = RTCPeerConnection()
    try:
        pc.addTransceiver("video", direction="recvonly")
        pc.addTransceiver("audio", direction="recvonly")
        tracks = {}
        pc.on("track", lambda track: tracks.update({track.kind: track}))
        await pc.setLocalDescription(await pc.createOffer())
        avatar.page_says(type="offer", page="p", peer=peer, sdp=pc.localDescription.sdp)
        answer = await asyncio.to_thread(avatar.answer, "answer", peer)
        await pc.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))
        for _ in range(frames):
            picture = await asyncio.wait_for(tracks["video"].recv(), 20)
        return picture.width, picture.height
    finally:
        await pc.close()


def test_a_page_that_may_not_post_to_kaltura_watches_all_the_same(opened, twin):
    """Its offer goes through Python; who comes after it ends its stream, for there is one place."""
    avatar = opened("kaltura", host="process")
    avatar.page_says(type="join", page="p", peer="p.1")
    whep = avatar.answer("stream-granted", "p.1")["grant"]
    assert whep["relayOnly"] is False  # the twin is on this machine, and has no relay
    assert not whep["iceServers"]
    assert asyncio.run(watch(avatar, "p.1")) == (512, 512)
    avatar.page_says(type="join", page="p", peer="p.2")
    avatar.answer("stream-granted", "p.2")
    assert asyncio.run(watch(avatar, "p.2")) == (512, 512)
    avatar.page_says(type="hangup", page="p", peer="p.2")
    assert not [e for e in avatar.answers("refused") if e["peer"].startswith("p.")]

    def place_is_free():
        sdp = asyncio.run(offer_of_a_stranger())
        reply = http.post(whep["url"], content=sdp, headers={"Content-Type": "application/sdp"})
        return reply.status_code == 201

    until(place_is_free, 10, "the stream was ended at the service")
    avatar.page_says(type="join", page="q", peer="q.1")
    avatar.answer("stream-granted", "q.1")
    sdp = asyncio.run(offer_of_a_stranger())
    avatar.page_says(type="offer", page="q", peer="q.1", sdp=sdp)
    assert "one page" in avatar.answer("refused", "q.1")["what"]


async def offer_of_a_stranger():
    pc = RTCPeerConnection()
    pc.addTransceiver("video", direction="recvonly")
    pc.addTransceiver("audio", direction="recvonly")
    await pc.setLocalDescription(await pc.createOffer())
    sdp = pc.localDescription.sdp
    await pc.close()
    return sdp


def test_an_offer_of_garbage_is_refused_in_words(opened):
    """By the service, through Python."""
    avatar = opened("kaltura")
    avatar.page_says(type="join", page="p", peer="p.1")
    avatar.answer("stream-granted", "p.1")
    avatar.page_says(type="offer", page="p", peer="p.1", sdp="garbage")
    assert "does not take this browser's offer" in avatar.answer("refused", "p.1")["what"]


def test_the_relay_is_used_where_the_user_says_so(opened):
    """Even from this machine."""
    avatar = opened("kaltura", relay=True)
    avatar.page_says(type="join", page="p", peer="p.1")
    whep = avatar.answer("stream-granted", "p.1")["grant"]
    assert whep["relayOnly"] is True
    (relay,) = whep["iceServers"]
    assert len(relay["urls"]) == 4
    assert relay["credential"]


def test_what_pages_measure_and_what_is_said_reaches_traits_and_pages(opened):
    """Every measurement changes the trait, for the page takes that as the sign of being heard."""
    avatar = opened("heygen", quality="auto")
    seen = []
    avatar.observe(lambda change: seen.append(change["new"].get("sample")), "stats")
    avatar.page_says(type="join", page="p", peer="p.1")
    avatar.answer("stream-granted", "p.1")
    measured = page_codec.builtins(
        p.Stats("p", 1280, 720, 25.0, 900.0, 0, 0, 0, 5.0, 20.0, 3.0, 800.0, "H264")
    )
    for _ in range(3):
        avatar.page_says(**measured)
    until(lambda: [n for n in dict.fromkeys(seen) if n] == [1, 2, 3], 10, f"each is seen: {seen}")
    assert avatar.stats["fps"] == 25.0
    assert avatar.stats["quality"] == "medium"
    avatar.page_says(type="media", page="p", playback="playing")
    avatar.speak("Hello.").wait(30)
    assert [s["state"] for s in avatar.answers("speech")] == ["queued", "speaking", "said"]
    assert {s["status"] for s in avatar.answers("status")} >= {"live"}
    assert "Hello." in [c["text"] for c in avatar.answers("caption")]
    assert avatar.playback == "playing"
