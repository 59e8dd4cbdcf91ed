"""LiveKit's own Python SDK in a room of the offline twin, with one and two peer connections."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

import pytest

from tests.support.sdk import TwinProcess

SECONDS = 6.0


@pytest.mark.skipif(
    importlib.util.find_spec("livekit") is None or importlib.util.find_spec("livekit.rtc") is None,
    reason="the package livekit has no wheel for this machine",
)
@pytest.mark.parametrize("mode", ["one", "two"])
def test_it_sees_hears_and_is_heard(twin: TwinProcess, mode: str) -> None:
    body = {"mode": "FULL", "avatar_id": "ava", "video_settings": {"quality": "medium"}}
    _, token = twin.call("POST", "/v1/sessions/token", body)
    bearer = {"Authorization": f"Bearer {token['data']['session_token']}"}
    _, started = twin.call("POST", "/v1/sessions/start", None, bearer)
    data = started["data"]
    client = subprocess.run(
        [
            sys.executable,
            *("-m", "tests.support.livekit_listener"),
            *(data["livekit_url"], data["livekit_client_token"], mode, str(SECONDS)),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert client.returncode == 0, client.stderr
    got = json.loads(client.stdout.splitlines()[-1])
    assert got["size"] == [854, 480]
    assert got["frames"] > 20
    assert got["contrast"] > 15
    assert 0.8 < got["loud_s"] < 4
    told = got["events"]
    assert told.index("avatar.speak_started") < told.index("avatar.speak_ended")
    assert told.index("user.speak_started") < told.index("user.speak_ended")
