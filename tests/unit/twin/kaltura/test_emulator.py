"""What is wrong with a call of Kaltura's is said as it is."""

import os

import pytest

from ipyavatar.twin.kaltura.emulator import KalturaEmulator, _seconds
from ipyavatar.twin.settings import TwinSettings
from ipyavatar.twin.tokens import TokenFactory
from tests.support.twin_calls import TwinCalls

BASE = "/v1/avatar-session"


@pytest.fixture
def client():
    emulator = KalturaEmulator(TwinSettings(), TokenFactory(os.urandom))
    return TwinCalls(emulator.calls, emulator)


def create(client, visual):
    body = {"visualConfig": visual}
    return client.call("POST", f"{BASE}/create", body, headers={"authorization": "KS any"})


def test_a_face_that_is_no_text_is_not_missing(client):
    assert create(client, {"id": 5})[1]["error"] == "visualConfig.id must be a string"
    assert create(client, {"id": None})[1]["error"] == "visualConfig.id is required"


def test_a_text_that_is_none_is_not_missing(client):
    created = create(client, {"id": "a"})[1]
    token = {"authorization": f"Bearer {created['token']}"}
    path = f"{BASE}/{created['sessionId']}/say-text"
    for text, words in ((5, "Text must be a string"), (" ", "Text is required")):
        assert client.call("POST", path, {"text": text}, headers=token)[1]["error"] == words


@pytest.mark.parametrize(
    ("text", "seconds"),
    [(b"1.5", 1.5), (b" 2 ", 2.0), (b".5", 0.5), (b"1e1", 10.0)]
    + [
        (wrong, None)
        for wrong in (b"1_0", b"1,5", b"nan", b"-1", b"0", b"1e999", b"", b"inf", b"1" * 41)
    ],
)
def test_a_length_is_a_decimal_number(text, seconds):
    assert _seconds(text) == seconds
