"""What nobody changes, as LiveAvatar's reference has it."""

import pytest

from ipyavatar.twin.liveavatar.catalogue import AVATARS, catalogue_calls
from tests.support.twin_calls import TwinCalls, let_in


@pytest.fixture
def client():
    return TwinCalls(catalogue_calls(let_in))


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_an_avatar_of_others_cannot_be_changed(client, method):
    path = f"/v1/avatars/{AVATARS[0][0]}"
    assert client.call(method, path, {"name": "Mine"})[0] == 404
    assert client.call("GET", path)[1]["data"]["name"] == "Wayne"


def test_languages_and_voice_agents_are_lists_without_pages(client):
    languages = client.call("GET", "/v1/languages")[1]["data"]
    assert languages == [{"language": "English", "code": "en"}]
    assert client.call("GET", "/v1/voice_agents")[1]["data"] == []
    assert client.call("GET", "/v1/voice_agents/none")[0] == 404
