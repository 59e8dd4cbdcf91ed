"""The sound of a page's microphone over a real peer connection; aiortc plays the browser."""

import asyncio
from fractions import Fraction

import av
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from ipyavatar.media.media_pump import Subscriber
from ipyavatar.media.peer import Peer
from ipyavatar.media.shared_encoder import SharedEncoders
from ipyavatar.protocol.listening import HEARD_RATE

SOON_S = 30


class Tone(MediaStreamTrack):
    """A microphone that hears a tone for ever."""

    kind = "audio"

    def __init__(self, hertz):
        super().__init__()
        self._hertz, self._at = hertz, 0

    async def recv(self):
        await asyncio.sleep(0.02)
        times = np.arange(self._at, self._at + 960) / 48_000
        samples = (np.sin(2 * np.pi * self._hertz * times) * 16_000).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, self._at, Fraction(1, 48_000)
        self._at += 960
        return frame


class Heard:
    """What came out, and a way to wait for more of it."""

    def __init__(self):
        self.sound = np.zeros(0, np.float32)
        self._more = asyncio.Event()

    def add(self, samples):
        self.sound = np.concatenate([self.sound, samples])
        self._more.set()

    async def wait(self, seconds):
        wanted = len(self.sound) + int(seconds * HEARD_RATE)
        while len(self.sound) < wanted:
            self._more.clear()
            await asyncio.wait_for(self._more.wait(), SOON_S)

    def pitch(self, seconds):
        newest = self.sound[-int(seconds * HEARD_RATE) :]
        return float(np.argmax(np.abs(np.fft.rfft(newest)))) / seconds


async def connect(heard, direction="sendrecv"):
    """A page, its way to send sound, and the host's end."""
    connected = asyncio.Event()
    peer = Peer(
        "page",
        Subscriber(SharedEncoders()),
        on_message=lambda _: None,
        on_connected=connected.set,
        on_closed=lambda: None,
        on_microphone=heard.add,
    )
    page = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    page.addTransceiver("video", direction="recvonly")
    sound = page.addTransceiver("audio", direction=direction)
    page.createDataChannel("control")
    await page.setLocalDescription(await page.createOffer())
    answer = await peer.answer(page.localDescription.sdp)
    await page.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await asyncio.wait_for(connected.wait(), SOON_S)
    return page, sound, peer


async def packets_sent(sound):
    rows = (await sound.sender.getStats()).values()
    return max(row.packetsSent for row in rows if row.type == "outbound-rtp")


def test_a_microphone_is_heard_while_it_is_on_and_as_often_as_that_is():
    """Without another offer: the track comes with the press, and another with the next."""

    async def go():
        heard = Heard()
        page, sound, peer = await connect(heard)
        assert sound.currentDirection == "sendrecv"
        assert len(heard.sound) == 0
        for hertz in (440, 880):
            peer.listen(True)
            sound.sender.replaceTrack(Tone(hertz))
            await heard.wait(0.5)
            assert abs(heard.pitch(0.3) - hertz) < 10
            sound.sender.replaceTrack(None)
            peer.listen(False)
        before = len(heard.sound)
        sound.sender.replaceTrack(Tone(220))
        sent = await packets_sent(sound)
        while await packets_sent(sound) < sent + 20:  # and nobody listens
            await asyncio.sleep(0.05)
        assert len(heard.sound) == before
        await page.close()
        await peer.close()

    asyncio.run(go())


def test_a_page_that_only_receives_is_answered_as_ever():
    """A page of another version, or one that is watched by a tool."""

    async def go():
        page, sound, peer = await connect(Heard(), "recvonly")
        assert sound.currentDirection == "recvonly"
        await page.close()
        await peer.close()

    asyncio.run(go())
