"""livekit-client with others in a room: what it gives up and takes again, and what others say."""

from __future__ import annotations

import pytest

from tests.support.livekit_token import livekit_token
from tests.support.sdk import TwinProcess

from .conftest import OpenPage
from .test_sdk_livekit import VERSIONS, join

SUBSCRIBE = """
(subscribed) => {
  const [avatar] = room.remoteParticipants.values();
  for (const track of avatar.trackPublications.values()) track.setSubscribed(subscribed);
}
"""
LISTEN = """
() => {
  room.on("trackSubscribed", (track) => {
    if (track.kind === "audio") {
      track.attach();
      probe.sound(track.mediaStreamTrack);
    }
  });
}
"""


@pytest.mark.parametrize("sdk", VERSIONS)
def test_a_track_is_given_up_and_taken_again(
    twin: TwinProcess, sdk_page: OpenPage, sdk: str
) -> None:
    session = twin.heygen()
    page = join(sdk_page(sdk), session["url"], session["access_token"])
    page.plays(640, 360)
    for number in (1, 2):
        page.js(SUBSCRIBE, False)
        page.until(f"probe.named('trackUnsubscribed').length === {2 * number}", 20)
        page.js(SUBSCRIBE, True)
        page.until(f"probe.named('trackSubscribed').length === {2 * number + 2}", 20)
        frames = page.js("probe.frames")
        page.until(f"probe.frames > {frames + 5}", 20)


@pytest.mark.parametrize("sdk", VERSIONS)
def test_a_client_is_heard_by_another_and_answers(
    twin: TwinProcess, sdk_page: OpenPage, sdk: str
) -> None:
    """The fake microphone beeps; what one says of oneself is seen, too."""
    room = f"pages-{sdk}"
    may = {"roomJoin": True, "canUpdateOwnMetadata": True}
    url = twin.url.replace("http", "ws")
    agent = join(sdk_page(sdk), url, livekit_token(room, "agent", grants=may))
    user = join(sdk_page(sdk), url, livekit_token(room, "user", grants=may))
    agent.js(LISTEN)
    since = agent.now()
    user.js("room.localParticipant.setMicrophoneEnabled(true)")
    agent.until(f"probe.loud({since}).length > 10", 30)
    user.js("room.localParticipant.setAttributes({ mood: 'fine' })")
    agent.until("[...room.remoteParticipants.values()][0].attributes.mood === 'fine'", 10)
    agent.js(
        "room.localParticipant.publishData("
        "new TextEncoder().encode(JSON.stringify({ type: 'hello' })), { reliable: true })"
    )
    assert user.first("hello")["detail"]["who"] == "agent"
    user.js("room.localParticipant.setMicrophoneEnabled(false)")
    agent.first("trackMuted")
