"""HeyGen streaming, as the pages that users start from have it."""

import os

import pytest

from ipyavatar.twin.heygen.emulator import HeyGenEmulator
from ipyavatar.twin.settings import TwinSettings
from ipyavatar.twin.tokens import TokenFactory
from tests.support.twin_calls import TwinCalls

KEY = {"x-api-key": "any"}


@pytest.mark.parametrize(
    "voice",
    [
        {"voice_id": "mine"},
        {"voice": {"voice_id": "mine"}},
        {"voice": {"voice_id": "mine"}, "voice_id": "other"},
        {"voice": {"rate": 1}, "voice_id": "mine"},
    ],
)
def test_a_voice_may_stand_beside_the_face(voice):
    client = TwinCalls(HeyGenEmulator(TwinSettings(), TokenFactory(os.urandom)).calls)
    wish = {"avatar_id": "Ann", "quality": "high", "video_encoding": "H264", "version": "v2"}
    assert client.call("POST", "/v1/streaming.new", {**wish, **voice}, headers=KEY)[0] == 200
    (row,) = client.call("GET", "/v2/streaming.list", headers=KEY)[1]["data"]
    assert (row["avatar_id"], row["voice_name"]) == ("Ann", "mine")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "session_id is missing"),
        ({"session_id": None}, "session_id is missing"),
        ({"session_id": 5}, "session_id must be a string"),
        ({"session_id": "none"}, "session not found"),
    ],
)
@pytest.mark.parametrize("call", ["start", "task", "interrupt", "keep_alive", "stop"])
def test_which_session_is_meant_has_to_be_said(call, body, words):
    emulator = HeyGenEmulator(TwinSettings(), TokenFactory(os.urandom))
    client = TwinCalls(emulator.calls, emulator)
    status, answer = client.call("POST", f"/v1/streaming.{call}", body, headers=KEY)
    assert (status, answer["message"]) == (404 if "found" in words else 400, words)
