"""Which bodies of a session token the twin refuses, and by which name."""

import pytest

from ipyavatar.twin.emulator import ErrorReply
from ipyavatar.twin.liveavatar.token_body import check_token_body


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"avatar_id": 5}, "avatar_id"),
        ({"is_sandbox": 1.5}, "is_sandbox"),
        ({"is_sandbox": "yes"}, "is_sandbox"),
        ({"is_sandbox": 2}, "is_sandbox"),
        ({"is_sandbox": []}, "is_sandbox"),
        ({"avatar_persona": 1.5}, "avatar_persona"),
        ({"avatar_persona": ["v"]}, "avatar_persona"),
        ({"avatar_persona": {"voice_id": 30.5}}, "avatar_persona.voice_id"),
        ({"avatar_persona": {"context_id": {}}}, "avatar_persona.context_id"),
        ({"avatar_persona": {"language": True}}, "avatar_persona.language"),
        ({"video_settings": "high"}, "video_settings"),
        ({"video_settings": {"quality": 720}}, "video_settings.quality"),
        ({"video_settings": {"encoding": []}}, "video_settings.encoding"),
        ({"interactivity_type": 5}, "interactivity_type"),
        ({"interactivity_type": "conversational"}, "interactivity_type"),
        ({"video_settings": {"quality": "ultra"}}, "video_settings.quality"),
        ({"video_settings": {"quality": "high", "encoding": "AV1"}}, "video_settings.encoding"),
    ],
)
def test_what_is_not_documented_is_refused_by_name(body, name):
    with pytest.raises(ErrorReply) as caught:
        check_token_body(body)
    (detail,) = caught.value.reply.payload["detail"]
    assert caught.value.reply.status == 422
    assert detail["loc"] == ["body", name]


@pytest.mark.parametrize("truth", [True, False, 1, 0, "true", "false"])
def test_what_is_documented_and_what_nobody_knows_is_taken(truth):
    persona = {"voice_id": "v", "language": "en", "new_in_2027": 5}
    check_token_body({"is_sandbox": truth, "avatar_persona": persona, "video_quality": 5})
    check_token_body({})
    check_token_body({"interactivity_type": "PUSH_TO_TALK", "video_settings": {"quality": None}})
    check_token_body({"video_settings": {"quality": "very_high", "encoding": "VP8"}})
