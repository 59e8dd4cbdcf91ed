"""@heygen/streaming-avatar 2.1.0, unmodified, against the offline twin."""

from __future__ import annotations

import pytest

from tests.support.sdk import Probed, TwinProcess, wait_until

from .conftest import OpenPage

START = """
async ([basePath, token, transport]) => {
  const avatar = (window.avatar = new sdk.default({ token, basePath }));
  for (const name of [...Object.values(sdk.StreamingEvents)]) {
    avatar.on(name, (event) => {
      if (name === sdk.StreamingEvents.STREAM_READY) probe.play(event.detail);
      const plain = typeof event.detail === "object" && !(event.detail instanceof MediaStream);
      probe.note(name, plain ? { ...event.detail } : String(event.detail));
    });
  }
  window.info = await avatar.createStartAvatar({
    avatarName: "ava", quality: sdk.AvatarQuality.Medium, voiceChatTransport: transport,
    activityIdleTimeout: 120, enablePushToTalk: true,
  });
}
"""

REPEAT = "avatar.speak({ text: %r, taskType: sdk.TaskType.REPEAT, taskMode: sdk.TaskMode.SYNC })"
TEXT = "I say what I am told, word for word."


def start(twin: TwinProcess, page: Probed, base: str, transport: str) -> Probed:
    _, answer = twin.call("POST", "/v1/streaming.create_token")
    page.js(START, [base, answer["data"]["token"], transport])
    return page


def counts(twin: TwinProcess) -> dict[str, int]:
    """How often what was asked of the one open session."""
    (session,) = [row for row in twin.state()["sessions"] if row["ended_at"] is None]
    found: dict[str, int] = session["counts"]
    return found


def speak(page: Probed, expression: str) -> str:
    """Speak, hear it to its end; returns what the events say was said."""
    before = page.js("[probe.named('avatar_stop_talking').length, probe.events.length]")
    since = page.now()
    page.js(expression)
    page.audible(since)
    page.until(f"probe.named('avatar_stop_talking').length > {before[0]}", 25)
    events = page.js(f"probe.events.slice({before[1]}).filter(e => e.name.startsWith('avatar_'))")
    names = [event["name"] for event in events]
    assert names[0] == "avatar_start_talking"
    assert names[-2:] == ["avatar_end_message", "avatar_stop_talking"]
    loud = page.js(f"probe.loud({since})")
    length = events[-1]["detail"]["duration_ms"]
    assert loud[-1] - loud[0] == pytest.approx(length, abs=700)
    said = [e["detail"]["message"] for e in events if e["name"] == "avatar_talking_message"]
    return " ".join(said)


@pytest.mark.parametrize(
    ("transport", "way"), [("websocket", "shim"), ("livekit", "shim"), ("websocket", "tls")]
)
def test_a_whole_session(twin: TwinProcess, sdk_page: OpenPage, transport: str, way: str) -> None:
    # With TLS nothing is touched in the page: the browser finds the twin at localhost:443.
    shim = f"{twin.named_url}/_twin/heygen-shim.js" if way == "shim" else ""
    page = start(twin, sdk_page("heygen", shim), twin.named_url, transport)
    assert "stream_ready" in page.names()
    page.plays(854, 480)

    # By each of its routes: REST; data or websocket, where a talk goes to the responder.
    assert speak(page, REPEAT % TEXT) == TEXT
    if way == "shim":
        assert "nobody is here to answer" in speak(page, "avatar.speak({ text: 'Who is there?' })")
        assert counts(twin)["speak"] == 2

        page.js("avatar.startVoiceChat({ isInputAudioMuted: false })")
        page.first("user_start")
        page.first("user_stop")
        assert page.js("avatar.muteInputAudio(); avatar.isInputAudioMuted") is True
        page.js("avatar.closeVoiceChat()")
        page.until("probe.named('connection_quality_changed').some(e => e.detail === 'GOOD')")

    page.js("avatar.keepAlive()")
    assert counts(twin)["keep_alive"] == 1
    since = page.now()
    page.js(REPEAT % (f"{TEXT} {TEXT} {TEXT}"))
    page.audible(since)
    since = page.now()
    page.js("avatar.interrupt()")
    page.falls_silent(since)

    page.js("avatar.stopAvatar()")
    assert page.first("stream_disconnected")["detail"] == "5"  # ROOM_DELETED
    assert twin.state()["open"] == 0
    assert page.js("probe.errors") == []


def test_push_to_talk_reaches_the_twin(twin: TwinProcess, sdk_page: OpenPage) -> None:
    shim = f"{twin.named_url}/_twin/heygen-shim.js"
    page = start(twin, sdk_page("heygen", shim), twin.named_url, "livekit")
    page.js("avatar.startVoiceChat({ isInputAudioMuted: true })")
    page.js("avatar.startPushToTalk?.() ?? avatar.pushToTalkStart?.()")
    page.js("avatar.stopPushToTalk?.() ?? avatar.pushToTalkStop?.()")
    wait_until(lambda: counts(twin).get("push_to_talk:stop"), 10, "the end of the talk to arrive")
    found = counts(twin)
    assert found["push_to_talk:start"] == found["push_to_talk:stop"] == 1


def test_without_the_chat_websocket_the_stream_is_there_and_the_start_fails(
    twin: TwinProcess, sdk_page: OpenPage
) -> None:
    """What the SDK does when its websocket is refused: the reason for the shim."""
    fault = {"kind": "503", "service": "heygen", "call": "chat_ws"}
    status, _ = twin.call("POST", "/_twin/faults", {**fault, "times": 1})
    assert status == 201
    page = sdk_page("heygen", f"{twin.named_url}/_twin/heygen-shim.js")
    _, answer = twin.call("POST", "/v1/streaming.create_token")
    arguments = [twin.named_url, answer["data"]["token"], "websocket"]
    failed = page.js(f"(a) => ({START})(a).then(() => false, () => true)", arguments)
    assert failed
    assert "stream_ready" in page.names()
