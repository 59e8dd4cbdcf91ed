"""Embeds, as LiveAvatar's reference and HeyGen's guide for agents have them."""

import pytest

from ipyavatar.twin.liveavatar.embeds import embed_calls
from tests.support.twin_calls import TwinCalls, let_in

FACE = {"avatar_id": "dd73ea75-1218-4ef3-92ce-606d5f7fbc0a"}


@pytest.fixture
def client():
    return TwinCalls(embed_calls(lambda: "one", let_in))


@pytest.mark.parametrize("path", ["/v1/embeddings", "/v2/embeddings"])
@pytest.mark.parametrize(
    ("wish", "ratio"),
    [
        ({"context_id": "a", "voice_id": "b"}, "16/9"),
        ({"type": "WIDGET", "orientation": "vertical", "is_sandbox": "true"}, "9/16"),
        ({"voice_agent": {"id": "a"}, "max_session_duration": 60, "type": None}, "16/9"),
    ],
)
def test_an_embed_is_an_address_and_a_frame_with_it(client, path, wish, ratio):
    status, answer = client.call("POST", path, {**FACE, **wish})
    assert status == 200
    url, script = answer["data"]["url"], answer["data"]["script"]
    assert f'src="{url}"' in script
    assert 'allow="microphone"' in script
    assert f"aspect-ratio: {ratio};" in script


@pytest.mark.parametrize(
    ("wish", "status", "named"),
    [
        ({"avatar_id": None}, 422, "avatar_id"),
        ({"avatar_id": 7}, 422, "avatar_id"),
        ({"avatar_id": "no_such_face"}, 404, ""),
        ({"type": "POPUP"}, 422, "type"),
        ({"orientation": ["vertical"]}, 422, "orientation"),
        ({"default_language": "english"}, 422, "default_language"),
        ({"is_sandbox": "maybe"}, 422, "is_sandbox"),
        ({"max_session_duration": "long"}, 422, "max_session_duration"),
        ({"voice_agent": {"id": "a"}, "context_id": "b"}, 422, "voice_agent"),
        ({"voice_agent": "a"}, 422, "voice_agent.id"),
    ],
)
def test_what_is_not_documented_is_refused_by_name(client, wish, status, named):
    told, answer = client.call("POST", "/v2/embeddings", {**FACE, **wish})
    assert told == status
    assert named in str(answer)
