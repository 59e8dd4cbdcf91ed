"""Voices, as LiveAvatar's reference and its guides have them."""

import base64
import io
import itertools
import wave

import pytest

from ipyavatar.twin.liveavatar.integrations import Secrets
from ipyavatar.twin.liveavatar.voices import VOICE_ID, Voices
from tests.support.twin_calls import TwinCalls, let_in

SECRET = {
    "secret_type": "ELEVENLABS_API_KEY",
    "secret_value": "sk-theirs",
    "secret_name": "My voices",
}


@pytest.fixture
def client():
    ids = itertools.count(1)
    secrets = Secrets(lambda: f"secret-{next(ids)}")
    voices = Voices(lambda: f"voice-{next(ids)}", secrets)
    return TwinCalls([*secrets.calls(let_in), *voices.calls(let_in)])


def test_a_voice_is_found_by_its_id_and_own_voices_are_none(client):
    assert client.call("GET", f"/v1/voices/{VOICE_ID}")[1]["data"]["id"] == VOICE_ID
    assert client.call("GET", "/v1/voices/none")[0] == 404
    counts = {}
    for kind in ("public", "private"):
        counts[kind] = client.call("GET", "/v1/voices", voice_type=kind)[1]["data"]["count"]
    assert counts == {"public": 1, "private": 0}
    status, answer = client.call("GET", "/v1/voices", voice_type="all")
    assert (status, answer["detail"][0]["loc"]) == (422, ["query", "voice_type"])


def test_a_preview_is_sound_in_base64(client):
    status, answer = client.call("GET", f"/v1/voices/{VOICE_ID}/preview")
    assert (status, [*answer["data"]]) == (200, ["audio_base64"])
    with wave.open(io.BytesIO(base64.b64decode(answer["data"]["audio_base64"]))) as sound:
        assert (sound.getnchannels(), sound.getframerate(), sound.getnframes()) == (1, 16000, 8000)
        assert any(sound.readframes(8000))
    assert client.call("GET", "/v1/voices/none/preview")[0] == 404


@pytest.mark.parametrize("name", ["provider_voice_id", "voice_id"])
def test_a_voice_of_another_service_is_brought_by_a_secret(client, name):
    """The reference and the guides call it by another name each."""
    secret_id = client.call("POST", "/v1/secrets", SECRET)[1]["data"]["id"]
    wish = {"secret_id": secret_id, name: "eleven-1", "name": "Mine"}
    voice_id = client.call("POST", "/v1/voices/third_party", wish)[1]["data"]["voice_id"]
    listed = client.call("GET", "/v1/voices", voice_type="private")[1]["data"]["results"]
    assert [(one["id"], one["name"]) for one in listed] == [(voice_id, "Mine")]
    assert client.call("GET", f"/v1/voices/{voice_id}")[1]["data"]["name"] == "Mine"
    assert client.call("GET", f"/v1/voices/{voice_id}/preview")[0] == 200


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"provider_voice_id": "x"}, 422),
        ({"secret_id": "secret-1"}, 422),
        ({"secret_id": "none", "provider_voice_id": "x"}, 400),
        ({"secret_id": "secret-1", "provider_voice_id": 7}, 422),
    ],
)
def test_a_voice_that_cannot_be_brought(client, wish, status):
    client.call("POST", "/v1/secrets", SECRET)
    assert client.call("POST", "/v1/voices/third_party", wish)[0] == status
