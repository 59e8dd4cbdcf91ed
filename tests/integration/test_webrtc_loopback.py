"""A real peer connection over loopback: real frames, real sound, a data channel, an interrupt."""

import asyncio
import functools
import json
import time

import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription

from ipyavatar.core.clock import MonotonicClock
from ipyavatar.core.quality import QUALITIES
from ipyavatar.core.speech import Utterance
from ipyavatar.host.host import Host
from ipyavatar.media import peer
from ipyavatar.protocol import host as m
from ipyavatar.protocol import page as p
from ipyavatar.protocol.options import SessionOptions

AUDIBLE = 300
"""Of 32767: what counts as sound."""


class Viewer:
    """What a page does, with aiortc in place of the browser."""

    def __init__(self, codec=None):
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        video = self.pc.addTransceiver("video", direction="recvonly")
        self.pc.addTransceiver("audio", direction="recvonly")
        if codec:
            known = RTCRtpReceiver.getCapabilities("video").codecs
            video.setCodecPreferences([c for c in known if c.mimeType == codec])
        self.channel = self.pc.createDataChannel("control")
        self.told, self.pictures, self.levels = [], [], []
        self.closed = asyncio.Event()
        self.channel.on("message", lambda data: self.told.append(json.loads(data)))
        self.channel.on("close", self.closed.set)
        self.pc.on("track", self._track)
        self._tasks = []

    def _track(self, track):
        self._tasks.append(asyncio.ensure_future(self._take(track)))

    async def _take(self, track):
        while True:
            frame = await track.recv()
            if track.kind == "video":
                self.pictures.append(frame)
            else:
                self.levels.append(int(np.abs(frame.to_ndarray()).max()))

    async def close(self):
        await self.pc.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Loopback:
    """A host with one session, and pages that watch it."""

    def __init__(self):
        self.events = []
        self.host = Host(self.events.append, MonotonicClock())
        self.viewers = []

    async def open(self, quality="low", **options):
        options = SessionOptions(quality=quality, voice="june", **options)
        self.host.handle(m.OpenSession("s", options, 5.0))
        await self.fact(p.Status, status="live")

    async def view(self, codec=None):
        viewer, peer = Viewer(codec), f"peer{len(self.viewers)}"
        self.viewers.append(viewer)
        await viewer.pc.setLocalDescription(await viewer.pc.createOffer())
        self.host.handle(m.FromPage("s", p.Offer("page", peer, viewer.pc.localDescription.sdp)))
        answered = await self.answer(p.Answer, peer=peer)
        await viewer.pc.setRemoteDescription(RTCSessionDescription(answered.sdp, "answer"))
        await until(lambda: viewer.pictures and viewer.channel.readyState == "open", "a picture")
        viewer.channel.send('{"type": "media", "page": "page", "playback": "playing"}')
        return viewer

    def speak(self, text):
        self.host.handle(m.Speak("s", Utterance("s1", text, asked_at=time.monotonic())))

    async def fact(self, kind, **wanted):
        """The first announcement of that kind with those fields."""
        return await self._first(m.Announced, kind, wanted)

    async def answer(self, kind, **wanted):
        """The first message to a page of that kind with those fields."""
        return await self._first(m.ToPage, kind, wanted)

    async def _first(self, way, kind, wanted):
        found = []

        def look():
            messages = [event.message for event in self.events if isinstance(event, way)]
            found[:] = [
                one
                for one in messages
                if isinstance(one, kind) and all(getattr(one, k) == v for k, v in wanted.items())
            ]
            return found

        await until(look, f"{kind.__name__} {wanted}")
        return found[0]

    async def close(self):
        for viewer in self.viewers:
            await viewer.close()
        await self.host.close("done")


async def until(condition, what, seconds=30.0):
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not condition():
        assert loop.time() < deadline, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.01)


def run_loopback(coroutine_function):
    """Run it on a real loop and close all of it."""

    async def go():
        it = Loopback()
        try:
            return await coroutine_function(it)
        finally:
            await it.close()

    return asyncio.run(go())


@pytest.mark.parametrize("codec", ["video/H264", "video/VP8"])
def test_picture_sound_and_events_reach_a_peer(codec):
    """The picture has its size and a face in it, the sound is heard, the channel tells of it."""

    async def go(it):
        await it.open()
        viewer = await it.view(codec)
        it.host.handle(
            m.Speak("s", Utterance("s1", "Hello there, my friend.", asked_at=time.monotonic()))
        )
        await it.fact(p.SpeechUpdate, state="said")
        await until(lambda: max(viewer.levels, default=0) > AUDIBLE, "sound")
        return viewer

    viewer = run_loopback(go)
    frame = viewer.pictures[-1]
    assert (frame.width, frame.height) == QUALITIES["low"]
    assert frame.to_ndarray(format="gray").std() > 30
    kinds = [message["type"] for message in viewer.told]
    assert {"status", "speech", "caption"} <= set(kinds)
    states = [t["state"] for t in viewer.told if t["type"] == "speech"]
    assert states == ["queued", "speaking", "said"]


def test_interrupt_over_the_data_channel_is_silence():
    """The page's own button, no kernel in between: only what is on its way is still heard."""

    async def go(it):
        await it.open()
        viewer = await it.view()
        it.host.handle(
            m.Speak("s", Utterance("s1", "I go on and on and on. " * 20, asked_at=time.monotonic()))
        )
        await until(lambda: sum(level > AUDIBLE for level in viewer.levels) > 20, "sound")
        viewer.channel.send('{"type": "interrupt"}')
        before = len(viewer.levels)
        await it.fact(p.SpeechUpdate, state="interrupted")
        await until(lambda: len(viewer.levels) > before + 60, "a second more of packets")
        return viewer.levels[before:]

    levels = run_loopback(go)
    audible = [i for i, level in enumerate(levels) if level > AUDIBLE]
    # aiortc's receiver keeps up to 4 packets, the interrupt takes effect in the next 20 ms.
    assert (audible[-1] if audible else 0) <= 12
    assert max(levels[-30:]) <= AUDIBLE


def test_garbage_on_the_data_channel_changes_nothing():
    """It is dropped; what comes after it is understood."""

    async def go(it):
        await it.open()
        viewer = await it.view()
        for garbage in ("", "{", "[]", '{"type": "nonsense"}', '{"type": "say", "text": 3}', b"\0"):
            viewer.channel.send(garbage)
        viewer.channel.send('{"type": "say", "text": "Typed in the page."}')
        said = await it.fact(p.SpeechUpdate, state="said")
        return said.text

    assert run_loopback(go) == "Typed in the page."


def test_two_viewers_see_the_same_avatar():
    """One pump for both; when one leaves the other goes on."""

    async def go(it):
        await it.open()
        first, second = await it.view(), await it.view()
        await first.close()
        it.viewers.remove(first)
        seen = len(second.pictures)
        it.speak("Still here.")
        await it.fact(p.SpeechUpdate, state="said")
        return len(second.pictures) - seen

    assert run_loopback(go) > 10


def test_stop_tells_the_page_and_closes_its_connection():
    """A goodbye with what and fix, then the channel closes."""

    async def go(it):
        await it.open()
        viewer = await it.view()
        it.host.handle(m.StopSession("s"))
        await asyncio.wait_for(viewer.closed.wait(), 10)
        await it.fact(p.Status, status="ended")
        return viewer.told

    goodbye = run_loopback(go)[-1]
    assert goodbye["type"] == "goodbye"
    assert goodbye["what"]
    assert goodbye["fix"]


def test_quality_can_change_while_it_plays():
    """The picture's size follows, on the same connection."""

    async def go(it):
        await it.open("low")
        viewer = await it.view()
        it.host.handle(m.ChangeQuality("s", "medium"))
        wanted = QUALITIES["medium"]
        await until(
            lambda: (viewer.pictures[-1].width, viewer.pictures[-1].height) == wanted, "new size"
        )

    run_loopback(go)


@pytest.mark.parametrize(("codec", "others"), [("vp8", "H264"), ("h264", "VP8")])
def test_one_codec_alone_is_answered_and_pictures_flow(codec, others):
    """With `video_codec=` the answer to a page that can both names no other codec."""

    async def go():
        loopback = Loopback()
        try:
            await loopback.open(video_codec=codec)
            viewer = await loopback.view()
            offer, answer = viewer.pc.localDescription.sdp, viewer.pc.remoteDescription.sdp
            assert f"{others}/90000" in offer
            assert f"{others}/90000" not in answer
            assert f"{codec.upper()}/90000" in answer
            await until(lambda: len(viewer.pictures) > 10, "pictures")
        finally:
            await loopback.close()

    asyncio.run(go())


LONG = {
    "a line a letter": "a\n" * 90_000,
    "emoji": "😀" * 190_000 + " hello",
    "quotes": '"\\ ' * 60_000 + " hello",
    "letters that no voice here reads": "я" * 140_000,
}


def test_a_speech_of_any_length_ends_nothing_and_reaches_the_page_whole():
    """In messages no longer than the page takes; after each the page is told of the next one."""

    async def go(loopback):
        await loopback.open()
        viewer = await loopback.view()
        sizes = []
        viewer.channel.on("message", lambda data: sizes.append(len(data.encode())))
        for name, text in LONG.items():
            speak = m.Speak("s", Utterance(name, text, asked_at=time.monotonic()), interrupt=True)
            loopback.host.handle(speak)

            def begun(name=name):
                facts = [e.message for e in loopback.events if isinstance(e, m.Announced)]
                updates = [fact for fact in facts if isinstance(fact, p.SpeechUpdate)]
                states = [update.state for update in updates if update.speech == name]
                return {"speaking", "failed"} & set(states)

            await until(begun, f"{name} begins, or cannot be said", 60)
            if "speaking" in begun():
                text_of = functools.partial(whole_texts, viewer.told)
                await until(lambda text=text, text_of=text_of: text in text_of(), "its text")
        loopback.host.handle(m.Speak("s", Utterance("last", "Hello."), interrupt=True))
        await loopback.fact(p.SpeechUpdate, speech="last", state="said")
        assert viewer.channel.readyState == "open"
        says = peer.max_message_bytes(viewer.pc.localDescription.sdp)
        assert max(sizes) <= says <= 262_144, "no more than this page says that it takes"
        assert any(told["type"] == "part" for told in viewer.told), "something was cut"

    run_loopback(go)


def whole_texts(told):
    """The texts of speeches that a page was told, put together."""
    texts, parts = [], ""
    for message in told:
        if message["type"] == "part":
            parts += message["text"]
            if message["last"]:
                texts.append(json.loads(parts).get("text"))
                parts = ""
        elif message["type"] == "speech":
            texts.append(message["text"])
    return texts
