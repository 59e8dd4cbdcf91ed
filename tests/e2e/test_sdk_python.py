"""Public Python clients of the services, unmodified, against the offline twin."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tests.support.public_clients import let_loose
from tests.support.sdk import KEY, TwinProcess

pytestmark = pytest.mark.skipif(
    sys.version_info < (3, 11), reason="the newest clients want Python 3.11"
)


def session(twin: TwinProcess) -> dict[str, Any]:
    """The one that the client has opened, and closed."""
    row: dict[str, Any] = max(twin.state()["sessions"], key=lambda row: row["created_at"])
    assert row["ended_at"] is not None
    return row


@pytest.mark.parametrize(("service", "size"), [("heygen", [854, 480]), ("liveavatar", [1280, 720])])
def test_pipecat_speaks_sees_and_hears(twin: TwinProcess, service: str, size: list[int]) -> None:
    """By the websocket for sound and in the room; its interrupt without an id works, too."""
    got = let_loose("pipecat", twin.url, KEY, service)
    assert got["size"] == size
    assert got["frames"] > 20
    assert got["heard_s"] == pytest.approx(2, abs=0.3)
    assert 0.3 < got["cut_s"] < 2
    assert [speech["state"] for speech in session(twin)["speeches"]] == ["said", "interrupted"]


def test_vision_agents_plays_heygen_by_plain_webrtc(twin: TwinProcess) -> None:
    """`streaming.new` without a version, a task without a mode; picture and sound come."""
    got = let_loose("vision_agents_heygen", twin.url, KEY)
    assert got["size"] == [1280, 720]
    assert got["frames"] > 20
    assert got["heard_s"] > 1
    assert session(twin)["mode"] == "v1"


def test_vision_agents_sends_sound_without_any_id(twin: TwinProcess) -> None:
    """Each `agent.speak_end` ends a speech, however many messages it came in."""
    got = let_loose("vision_agents_liveavatar", twin.url, KEY)
    row = session(twin)
    assert row["id"] == got["session"]
    assert [speech["state"] for speech in row["speeches"]] == ["said", "interrupted"]


def test_livekits_plugin_has_an_avatar_in_its_own_room(twin: TwinProcess) -> None:
    """By a token of its own, on the agent's behalf; each chunk of sound has another id."""
    got = let_loose("livekit_plugin", twin.url, KEY)
    assert got["behalf"] == "agent"
    assert got["frames"] > 20
    assert got["heard_s"] == pytest.approx(2, abs=0.3)
    assert 0.5 < got["cut_s"] < 3
    assert got["interrupted"] == [False, True]
    row = session(twin)
    assert row["id"] == got["session"]
    assert [speech["state"] for speech in row["speeches"]] == ["said", "interrupted"]


def test_the_notebook_of_hypersonic_runs(twin: TwinProcess) -> None:
    """From its contexts to its stop, as it is written for users."""
    got = let_loose("hypersonic_notebook", twin.url, KEY)
    assert got["cells"] >= 8
    assert got["room"] == twin.url.replace("http", "ws")
    row = session(twin)
    assert row["id"] == got["session"]
    assert (row["mode"], row["counts"]) == ("FULL", {"start": 1, "stop": 1})


def test_kalturas_library_mints_a_session_that_opens_avatars(twin: TwinProcess) -> None:
    """In its own form: JSON there, XML back. Only an admin's opens one, and only until its end."""
    assert let_loose("kaltura", twin.url, KEY) == {
        "opened": 200,
        "by_user": 403,
        "after_its_end": 401,
        "refused": "START_SESSION_ERROR",
    }
