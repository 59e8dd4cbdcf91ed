"""Older SDKs that are still installed, unmodified, against the offline twin."""

from __future__ import annotations

import pytest

from tests.support.sdk import TwinProcess

from . import test_sdk_heygen, test_sdk_liveavatar
from .conftest import OpenPage

RAW = """
async ([basePath, accessToken]) => {
  const avatar = (window.avatar = new sdk.StreamingAvatarApi(
    new sdk.Configuration({ basePath, accessToken, jitterBuffer: 200 }),
  ));
  for (const name of ["avatar_start_talking", "avatar_stop_talking"])
    avatar.addEventHandler(name, (event) => probe.note(name, { ...event }));
  window.info = await avatar.createStartAvatar(
    { newSessionRequest: { quality: "low", avatarName: "ava", voice: { voiceId: "any" } } },
    (text) => probe.note("debug", text),
  );
  probe.play(avatar.mediaStream);
}
"""
SAY = (
    """avatar.speak({ taskRequest: { text: %r, sessionId: info.sessionId, taskType: "repeat" } })"""
)
INTERRUPT = "avatar.interrupt({ interruptRequest: { sessionId: info.sessionId } })"
STOP = "avatar.stopAvatar({ stopSessionRequest: { sessionId: info.sessionId } })"
TEXT = "These words come by plain WebRTC, to a page that knows no LiveKit."


def test_heygen_1_plays_by_plain_webrtc(twin: TwinProcess, sdk_page: OpenPage) -> None:
    """1.0.16, the last one without LiveKit: its candidates, its events, an interrupt, its end."""
    page = sdk_page("heygen-1.0.16")
    _, answer = twin.call("POST", "/v1/streaming.create_token")
    page.js(RAW, [twin.url, answer["data"]["token"]])
    page.plays(640, 360)
    since = page.now()
    page.js(SAY % TEXT)
    page.audible(since)
    ended = page.first("avatar_stop_talking", 25)
    assert ended["detail"]["task_id"] == page.first("avatar_start_talking")["detail"]["task_id"]
    loud = page.js(f"probe.loud({since})")
    assert loud[-1] - loud[0] == pytest.approx(ended["detail"]["duration_ms"], abs=700)
    since = page.now()
    page.js(SAY % f"{TEXT} {TEXT} {TEXT}")
    page.audible(since)
    since = page.now()
    page.js(INTERRUPT)
    page.falls_silent(since)
    page.js(STOP)
    assert twin.state()["open"] == 0
    assert page.js("probe.errors") == []


def test_heygen_2_0_plays_without_the_chat_websocket(twin: TwinProcess, sdk_page: OpenPage) -> None:
    """2.0.12, which opens that one for a voice chat alone."""
    page = test_sdk_heygen.start(twin, sdk_page("heygen-2.0.12"), twin.named_url, "websocket")
    page.plays(854, 480)
    assert test_sdk_heygen.speak(page, test_sdk_heygen.REPEAT % TEXT) == TEXT
    page.js("avatar.stopAvatar()")
    page.first("stream_disconnected")
    assert page.js("probe.errors") == []


def test_liveavatar_0_0_13_sends_sound_in_small_pieces(
    twin: TwinProcess, sdk_page: OpenPage
) -> None:
    """15 ms in each message, not a second: one speech all the same, of its whole length."""
    page = sdk_page("liveavatar-0.0.13")
    session = test_sdk_liveavatar.start(twin, page, "LITE")
    page.plays(1280, 720)
    since = page.now()
    page.js("(audio) => session.repeatAudio(audio)", test_sdk_liveavatar.tone(1.5))
    page.audible(since)
    page.first("avatar.speak_ended")
    loud = page.js(f"probe.loud({since})")
    assert loud[-1] - loud[0] > 1100  # longer where the machine has no time for it
    (row,) = [row for row in twin.state()["sessions"] if row["id"] == session]
    assert [speech["state"] for speech in row["speeches"]] == ["said"]
    assert row["counts"]["speak"] > 50
    page.js("session.stop()")
    page.first("session.disconnected")
