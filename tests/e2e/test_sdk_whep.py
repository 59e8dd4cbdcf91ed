"""A page that plays Kaltura's stream by WHEP, as Kaltura's own SDK does."""

from __future__ import annotations

import io
import wave

import av
import numpy as np
import pytest

from tests.support.sdk import Probed, TwinProcess, wait_until

from .conftest import OpenPage

PLAY = """
async (whepUrl) => {
  const pc = (window.pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" }));
  pc.addTransceiver("video", { direction: "recvonly" });
  pc.addTransceiver("audio", { direction: "recvonly" });
  const stream = new MediaStream();
  pc.ontrack = ({ track }) => {
    stream.addTrack(track);
    if (stream.getTracks().length === 2) probe.play(stream);
  };
  await pc.setLocalDescription();
  const answer = await fetch(whepUrl, {
    method: "POST", headers: { "Content-Type": "application/sdp" }, body: pc.localDescription.sdp,
  });
  if (answer.status === 201) {
    await pc.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  }
  const location = answer.headers.get("Location");
  return [answer.status, location && new URL(location, whepUrl).href];
}
"""

CODECS = """
async () => {
  const stats = [...(await pc.getStats()).values()];
  const used = stats.filter((s) => s.type === "inbound-rtp").map((s) => s.codecId);
  return stats.filter((s) => used.includes(s.id)).map((s) => s.mimeType.toLowerCase()).sort();
}
"""

SECONDS = 1.2


class Session:
    """A Kaltura session, driven over REST."""

    def __init__(self, twin: TwinProcess) -> None:
        self.twin = twin
        body = {"visualConfig": {"id": "leo"}}
        _, made = twin.call(
            "POST", "/v1/avatar-session/create", body, {"Authorization": "KS some-ks"}
        )
        self.id = made["sessionId"]
        self.bearer = {"Authorization": f"Bearer {made['token']}"}
        self.whep_url = self.call("init-client")["whepUrl"]

    def call(self, name: str, body: object = None) -> dict[str, str]:
        path = f"/v1/avatar-session/{self.id}/{name}"
        status, answer = self.twin.call("POST", path, body or {}, self.bearer)
        assert status == 200, answer
        found: dict[str, str] = answer
        return found

    def say_audio(self, sound: bytes, media_type: str) -> None:
        parts = [
            ("turnId", "", b"turn"),
            ("duration", "", str(SECONDS).encode()),
            ("audio", f'; filename="a"\r\nContent-Type: {media_type}', sound),
        ]
        body = b"".join(
            f'--edge\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode()
            + data
            + b"\r\n"
            for name, more, data in parts
        )
        headers = {**self.bearer, "Content-Type": "multipart/form-data; boundary=edge"}
        path = f"/v1/avatar-session/{self.id}/say-audio"
        status, _, answer = self.twin.raw("POST", path, body + b"--edge--\r\n", headers)
        assert status == 200, answer

    def whep_path(self) -> str:
        return self.whep_url.removeprefix(self.twin.url)


def tone(rate: int) -> np.ndarray:
    times = np.arange(round(rate * SECONDS)) / rate
    return (9000 * np.sin(2 * np.pi * 330 * times)).astype("<i2")


def as_wav() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(22_050)
        file.writeframes(tone(22_050).tobytes())
    return out.getvalue()


def as_mp3() -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="mp3") as file:
        stream = file.add_stream("mp3", rate=44_100, layout="mono")
        frame = av.AudioFrame.from_ndarray(tone(44_100)[None], format="s16", layout="mono")
        frame.sample_rate = 44_100
        resampler = av.AudioResampler("s16p", "mono", 44_100, stream.codec_context.frame_size)
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return out.getvalue()


def heard_for(page: Probed, since: float) -> float:
    """Milliseconds between the first and the last sound."""
    page.audible(since)
    page.page.wait_for_timeout(SECONDS * 1000 + 500)
    loud = page.js(f"probe.loud({since})")
    return float(loud[-1] - loud[0])


def test_picture_and_every_way_to_speak(twin: TwinProcess, sdk_page: OpenPage) -> None:
    session, page = Session(twin), sdk_page("plain")
    status, location = page.js(PLAY, session.whep_url)
    assert status == 201
    page.plays(512, 512)
    # The first sound may come after the first picture.
    both = ["audio/opus", "video/h264"]
    wait_until(lambda: page.js(CODECS) == both, 15, f"the codecs {both}")

    since = page.now()
    session.call("say-text", {"text": "Words.", "turnId": "t1", "isFinal": True})
    page.audible(since)
    page.page.wait_for_timeout(1500)
    for sound, kind in ((as_wav(), "audio/wav"), (as_mp3(), "audio/mpeg")):
        since = page.now()
        session.say_audio(sound, kind)
        assert heard_for(page, since) == pytest.approx(SECONDS * 1000, abs=350), kind

    session.say_audio(as_wav(), "audio/wav")
    page.audible(page.now())
    since = page.now()
    session.call("interrupt")
    page.falls_silent(since)

    assert page.js("(url) => fetch(url, { method: 'DELETE' }).then(a => a.status)", location) == 200
    page.until("pc.connectionState !== 'connected'")
    assert page.js("(url) => fetch(url, { method: 'DELETE' }).then(a => a.status)", location) == 404


def test_one_viewer_at_a_time(twin: TwinProcess, sdk_page: OpenPage) -> None:
    session = Session(twin)
    first, second = sdk_page("plain"), sdk_page("plain")
    status, location = first.js(PLAY, session.whep_url)
    assert status == 201
    first.plays(512, 512)
    assert second.js(PLAY, session.whep_url) == [409, None]
    first.js("(url) => fetch(url, { method: 'DELETE' })", location)
    assert second.js(PLAY, session.whep_url)[0] == 201
    second.plays(512, 512)
    session.call("end")
    second.until("pc.connectionState !== 'connected'")
    third = sdk_page("plain")
    assert third.js(PLAY, session.whep_url) == [404, None]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"v=0", "text/plain", 415),
        (b"garbage", "application/sdp", 400),
        (
            b"v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n",
            "application/sdp",
            406,
        ),
        (b"v=0\r\nm=video H264/90000 garbage", "application/sdp", 400),
        (b"v=0" + b"x" * 300_000, "application/sdp", 413),
    ],
)
def test_an_offer_that_makes_no_sense(
    twin: TwinProcess, body: bytes, kind: str, status: int
) -> None:
    session = Session(twin)
    found, _, text = twin.raw("POST", session.whep_path(), body, {"Content-Type": kind})
    assert (found, bool(text)) == (status, True)
    session.call("keep-alive")  # the twin stays up
