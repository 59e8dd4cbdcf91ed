"""@heygen/liveavatar-web-sdk 0.0.18, unmodified, against the offline twin."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from tests.support.sdk import Probed, TwinProcess, wait_until

from .conftest import OpenPage

START = """
async ([apiUrl, token, voiceChat]) => {
  const session = (window.session = new sdk.LiveAvatarSession(token, { apiUrl, voiceChat }));
  const names = [...Object.values(sdk.SessionEvent), ...Object.values(sdk.AgentEventsEnum)];
  for (const name of names) {
    session.on(name, (detail) => {
      probe.note(name, typeof detail === "object" ? { ...detail } : detail);
      if (name !== sdk.SessionEvent.SESSION_STREAM_READY) return;
      const element = document.createElement("video");
      Object.assign(element, { autoplay: true, playsInline: true });
      document.body.append(element);
      session.attach(element);
      probe.video(element);
      probe.sound(element.srcObject.getAudioTracks()[0]);
    });
  }
  await session.start();
}
"""

TEXT = "A face in full mode says this aloud."


def start(twin: TwinProcess, page: Probed, mode: str, voice_chat: object = False) -> str:
    # Without a context FULL answers nobody.
    body = {
        "mode": mode,
        "avatar_id": "maya",
        "video_settings": {"quality": "high"},
        "avatar_persona": {"context_id": "tutor"},
    }
    _, answer = twin.call("POST", "/v1/sessions/token", body)
    page.js(START, [twin.url, answer["data"]["session_token"], voice_chat])
    session: str = answer["data"]["session_id"]
    return session


def tone(seconds: float, rate: int = 24_000) -> str:
    """PCM in base64, as LITE takes it."""
    times = np.arange(round(rate * seconds)) / rate
    samples = (8000 * np.sin(2 * np.pi * 220 * times)).astype("<i2")
    return base64.b64encode(samples.tobytes()).decode()


def test_full_mode(twin: TwinProcess, sdk_page: OpenPage) -> None:
    page = sdk_page("liveavatar")
    start(twin, page, "FULL")
    assert page.js("session.state") == "CONNECTED"
    page.plays(1280, 720)

    since = page.now()
    page.js(f"session.repeat({TEXT!r})")
    page.audible(since)
    page.first("avatar.speak_ended")
    order = [name for name in page.names() if name.startswith("avatar.")]
    assert order[0] == "avatar.speak_started"
    assert order[-2:] == ["avatar.transcription", "avatar.speak_ended"]
    assert page.first("avatar.transcription")["detail"]["text"] == TEXT

    page.js("session.message('And who are you?')")
    page.until("probe.named('avatar.speak_started').length === 2")
    since = page.now()
    page.audible(since)
    page.js("session.interrupt()")
    page.falls_silent(page.now())
    page.until("probe.named('avatar.speak_ended').length === 2")

    page.js("session.keepAlive()")
    page.js("session.stop()")
    page.first("session.disconnected")
    wait_until(lambda: twin.state()["open"] == 0, 10, "the session to end")
    assert page.js("probe.errors") == []


def test_full_mode_hears_the_user(twin: TwinProcess, sdk_page: OpenPage) -> None:
    page = sdk_page("liveavatar")
    start(twin, page, "FULL", True)
    page.first("user.speak_started")
    page.first("user.speak_ended")


@pytest.mark.alone
def test_lite_mode_speaks_the_audio_it_is_sent(twin: TwinProcess, sdk_page: OpenPage) -> None:
    page = sdk_page("liveavatar")
    session = start(twin, page, "LITE")
    page.plays(1280, 720)
    seconds = 2.5
    audio = tone(seconds)

    since = page.now()
    page.js("(audio) => session.repeatAudio(audio)", audio)
    page.audible(since)
    page.first("avatar.speak_ended")
    loud = page.js(f"probe.loud({since})")
    assert abs(loud[-1] - loud[0] - seconds * 1000) < 400
    started, ended = (page.first(f"avatar.speak_{name}")["at"] for name in ("started", "ended"))
    assert abs(ended - started - seconds * 1000) < 300

    page.js("(audio) => session.repeatAudio(audio)", audio)
    page.until("probe.named('avatar.speak_started').length === 2")
    page.audible(page.now())
    page.js("session.interrupt()")
    page.falls_silent(page.now())
    (row,) = [row for row in twin.state()["sessions"] if row["id"] == session]
    assert [speech["state"] for speech in row["speeches"]] == ["said", "interrupted"]
    page.js("session.stop()")
    page.first("session.disconnected")
