"""Which bodies of `streaming.new` the twin refuses, and by which name."""

import pytest

from ipyavatar.twin.heygen.new_body import find_parameter_error


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"avatar_id": 5}, "avatar_id"),
        ({"avatar_name": ["Ann"]}, "avatar_name"),
        ({"voice": "mine"}, "voice"),
        ({"voice": [1]}, "voice"),
        ({"voice": {"voice_id": 7}}, "voice.voice_id"),
        ({"voice": {"rate": "fast"}}, "voice.rate"),
        ({"voice": {"rate": True}}, "voice.rate"),
        ({"voice": {"elevenlabs_settings": "x"}}, "voice.elevenlabs_settings"),
        ({"stt_settings": {"confidence": "0.5"}}, "stt_settings.confidence"),
        ({"ia_is_livekit_transport": "true"}, "ia_is_livekit_transport"),
        ({"activity_idle_timeout": "120"}, "activity_idle_timeout"),
        ({"livekit_settings": {"url": "ws://mine"}}, "livekit_settings"),
    ],
)
def test_what_cannot_be_is_refused_by_name(body, name):
    assert find_parameter_error(body).startswith(f"{name} ")


def test_what_clients_send_is_taken():
    """The SDK's own body, what older ones leave out, and what nobody knows yet."""
    sdk = {
        "avatar_name": "Ann", "quality": "low", "language": "en", "version": "v2",
        "voice": {"voice_id": "v", "rate": 1, "emotion": "excited", "elevenlabs_settings": {}},
        "video_encoding": "H264", "source": "sdk", "disable_idle_timeout": False,
        "stt_settings": {"provider": "deepgram", "confidence": 0.55},
        "ia_is_livekit_transport": False, "silence_response": True, "activity_idle_timeout": 120,
    }  # fmt: skip
    for body in (sdk, {}, {"knowledge_base": "x" * 9000, "new_in_2027": [1]}):
        assert find_parameter_error(body) == ""
