"""LiveAvatar's keys."""

import os

import pytest

from ipyavatar.twin.liveavatar.emulator import LiveAvatarEmulator
from ipyavatar.twin.settings import TwinSettings
from ipyavatar.twin.tokens import TokenFactory
from tests.support.twin_calls import TwinCalls


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({}, "Unauthorized: the header X-API-KEY is missing"),
        ({"authorization": "Bearer right"}, "Unauthorized: the header X-API-KEY is missing"),
        ({"x-api-key": "wrong"}, "Unauthorized"),
    ],
)
def test_a_key_that_is_missing_is_not_called_wrong(headers, words):
    """As a bearer it is HeyGen streaming's."""
    settings = TwinSettings(api_key="right")
    emulator = LiveAvatarEmulator(settings, TokenFactory(os.urandom), lambda _: None)
    status, answer = TwinCalls(emulator.calls, emulator).call("GET", "/v1/voices", headers=headers)
    assert (status, answer["message"]) == (401, words)
