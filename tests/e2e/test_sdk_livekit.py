"""livekit-client, the current one and the one HeyGen pins, in rooms of the offline twin."""

from __future__ import annotations

import pytest

from tests.support.sdk import Probed, TwinProcess, twin_process, wait_until

from .conftest import OpenPage

VERSIONS = ("livekit", "livekit-2.11.3")

JOIN = """
async ([url, token, options]) => {
  const room = (window.room = new sdk.Room(options ?? {}));
  for (const name of Object.values(sdk.RoomEvent)) {
    room.on(name, (first) => probe.note(name, typeof first === "object" ? null : first));
  }
  const stream = new MediaStream();
  room.on("trackSubscribed", (track) => {
    stream.addTrack(track.mediaStreamTrack);
    if (stream.getTracks().length === 2) probe.play(stream);
  });
  room.on("trackUnsubscribed", (track) => stream.removeTrack(track.mediaStreamTrack));
  room.on("dataReceived", (data, who, kind, topic) => {
    const message = JSON.parse(new TextDecoder().decode(data));
    probe.note(message.type, { ...message, who: who?.identity });
  });
  await room.connect(url, token);
}
"""

TEXT = "Here is a sentence that takes its time, so that it can be heard."


def join(page: Probed, url: str, token: str) -> Probed:
    page.js(JOIN, [url, token, None])
    return page


@pytest.mark.alone
@pytest.mark.parametrize("sdk", VERSIONS)
def test_a_room_with_picture_sound_and_data_both_ways(
    twin: TwinProcess, sdk_page: OpenPage, sdk: str
) -> None:
    session = twin.heygen(quality="medium")
    page = join(sdk_page(sdk), session["url"], session["access_token"])
    page.plays(854, 480)
    since = page.now()
    twin.say(session["session_id"], TEXT)
    page.audible(since)
    stopped = page.first("avatar_stop_talking")
    started = page.first("avatar_start_talking")
    assert started["detail"]["who"] == "heygen"
    # The event's length, its times and what is heard are the same, up to the way of the sound.
    loud = page.js(f"probe.loud({since})")
    length = stopped["detail"]["duration_ms"]
    assert stopped["at"] - started["at"] == pytest.approx(length, abs=250)
    assert loud[-1] - loud[0] == pytest.approx(length, abs=700)
    assert -100 < loud[0] - started["at"] < 500
    order = [n for n in page.names() if n.startswith("avatar_")]
    assert order[0] == "avatar_start_talking"
    assert order[1] == "avatar_talking_message"
    assert order[-2:] == ["avatar_end_message", "avatar_stop_talking"]
    # Up: HeyGen's text for the avatar. Nobody answers in this twin, and it says so in words.
    page.js(
        "room.localParticipant.publishData("
        "new TextEncoder().encode(JSON.stringify('Who are you?')), { reliable: true })"
    )
    page.until("probe.named('avatar_stop_talking').length === 2", 25)
    said = page.js("probe.named('avatar_talking_message').map(e => e.detail.message).join(' ')")
    assert "nobody is here to answer" in said
    twin.stop(session["session_id"])
    assert page.first("disconnected")["detail"] == 5  # ROOM_DELETED


@pytest.mark.alone
@pytest.mark.parametrize("sdk", VERSIONS)
def test_an_interrupt_cuts_the_sound(twin: TwinProcess, sdk_page: OpenPage, sdk: str) -> None:
    session = twin.heygen()
    page = join(sdk_page(sdk), session["url"], session["access_token"])
    page.plays(640, 360)
    since = page.now()
    twin.say(session["session_id"], f"{TEXT} {TEXT} {TEXT}")
    page.audible(since)
    since = page.now()
    twin.call("POST", "/v1/streaming.interrupt", {"session_id": session["session_id"]})
    page.falls_silent(since)
    stopped = page.first("avatar_stop_talking")
    assert stopped["at"] - since < 300


@pytest.mark.parametrize("sdk", VERSIONS)
def test_a_microphone_is_published_heard_and_muted(
    twin: TwinProcess, sdk_page: OpenPage, sdk: str
) -> None:
    _, token = twin.call(
        "POST", "/v1/sessions/token", {"mode": "FULL", "avatar_id": "ava", "is_sandbox": True}
    )
    bearer = {"Authorization": f"Bearer {token['data']['session_token']}"}
    _, started = twin.call("POST", "/v1/sessions/start", None, bearer)
    data = started["data"]
    page = sdk_page(sdk)
    page.js(
        JOIN.replace("message.type", "message.event_type"),
        [data["livekit_url"], data["livekit_client_token"], None],
    )
    page.js("room.localParticipant.setMicrophoneEnabled(true)")
    page.first("user.speak_started")
    page.first("user.speak_ended")
    page.js("room.localParticipant.setMicrophoneEnabled(false)")
    assert page.js("room.localParticipant.isMicrophoneEnabled") is False


@pytest.mark.parametrize(
    ("sdk", "kind"),
    [
        ("livekit", "signal-reconnect"),
        ("livekit-2.11.3", "signal-reconnect"),
        ("livekit", "full-reconnect"),
    ],
)
def test_media_goes_on_after_a_lost_connection(
    twin: TwinProcess, sdk_page: OpenPage, sdk: str, kind: str
) -> None:
    session = twin.heygen()
    page = join(sdk_page(sdk), session["url"], session["access_token"])
    page.plays(640, 360)
    page.js(f"room.simulateScenario('{kind}')")
    page.until("room.state !== 'connected'")
    page.until("room.state === 'connected'")
    frames = page.js("probe.frames")
    page.until(f"probe.frames > {frames} + 10")
    since = page.now()
    twin.say(session["session_id"], TEXT)
    page.until("probe.named('avatar_stop_talking').length > 0", 20)
    if kind == "signal-reconnect":
        page.audible(since)


def test_two_viewers_see_and_hear_the_same(twin: TwinProcess, sdk_page: OpenPage) -> None:
    session = twin.heygen()
    first = join(sdk_page("livekit"), session["url"], session["access_token"])
    first.plays(640, 360)
    second = join(
        sdk_page("livekit-2.11.3"), session["url"], twin.viewer(session["session_id"], "second")
    )
    second.plays(640, 360)
    assert first.first("participantConnected")
    since = [page.now() for page in (first, second)]
    twin.say(session["session_id"], TEXT)
    for page, begin in zip((first, second), since, strict=True):
        page.audible(begin)
        page.first("avatar_stop_talking")
    second.js("room.disconnect()")
    first.first("participantDisconnected")
    frames = first.js("probe.frames")
    first.until(f"probe.frames > {frames} + 5")


def test_an_older_server_is_joined_the_older_way(sdk_page: OpenPage) -> None:
    """Such a one answers 404 on `/rtc/v1`; the client falls back to `/rtc` by itself."""
    with twin_process("--no-rtc-v1") as old:
        session = old.heygen()
        page = join(sdk_page("livekit"), session["url"], session["access_token"])
        page.plays(640, 360)
        since = page.now()
        old.say(session["session_id"], TEXT)
        page.audible(since)


def test_a_token_that_is_not_ours_is_refused(twin: TwinProcess, sdk_page: OpenPage) -> None:
    session = twin.heygen()
    page = sdk_page("livekit")
    error = page.js(
        f"([u, t]) => ({JOIN})([u, t]).then(() => '', (error) => String(error))",
        [session["url"], session["access_token"][:-4] + "AAAA"],
    )
    assert "invalid token" in error
    assert twin.state()["open"] >= 1


def test_a_second_client_of_the_same_name_replaces_the_first(
    twin: TwinProcess, sdk_page: OpenPage
) -> None:
    session = twin.heygen()
    first = join(sdk_page("livekit"), session["url"], session["access_token"])
    second = join(sdk_page("livekit"), session["url"], session["access_token"])
    assert first.first("disconnected")["detail"] == 2  # DUPLICATE_IDENTITY
    second.plays(640, 360)


def test_the_room_ends_with_its_session(twin: TwinProcess, sdk_page: OpenPage) -> None:
    session = twin.heygen()
    page = join(sdk_page("livekit"), session["url"], session["access_token"])
    page.plays(640, 360)
    twin.call("POST", "/_twin/clock", {"advance_s": 130})  # its idle limit is 120 s
    assert page.first("disconnected")["detail"] == 5
    wait_until(lambda: twin.state()["open"] == 0, 5, "the session is closed")
