"""HeyGen's knowledge bases, as its users' clients call them."""

import itertools

import pytest

from ipyavatar.twin.heygen.knowledge_bases import MAX_TEXT, KnowledgeBases
from tests.support.twin_calls import TwinCalls, let_in

PATH = "/v1/streaming/knowledge_base"
BASE = {"name": "School", "opening": "Hello.", "prompt": "You teach."}


@pytest.fixture
def client():
    ids = itertools.count(1)
    return TwinCalls(KnowledgeBases(lambda: f"kb-{next(ids)}").calls(let_in))


def test_a_knowledge_base_is_made_listed_changed_and_deleted(client):
    status, answer = client.call("POST", f"{PATH}/create", BASE)
    assert (status, answer["code"], answer["error"]) == (200, 100, None)
    base_id = answer["data"]["id"]
    client.call("POST", f"{PATH}/create", {"name": "Second"})
    changed = client.call("POST", f"{PATH}/{base_id}", {"prompt": "You ask."})[1]["data"]
    assert changed == {"id": base_id, **BASE, "prompt": "You ask."}
    listed = client.call("GET", f"{PATH}/list")[1]["data"]["list"]
    assert [one["name"] for one in listed] == ["Second", "School"]
    assert client.call("DELETE", f"{PATH}/{base_id}")[0] == 200
    status, answer = client.call("DELETE", f"{PATH}/{base_id}")
    assert (status, answer["message"]) == (404, "Knowledge base not found")


@pytest.mark.parametrize(
    "wish", [{}, {"name": 1}, {"name": "x", "prompt": ["y"]}, {"name": "x" * (MAX_TEXT + 1)}]
)
def test_a_knowledge_base_that_makes_no_sense_is_refused(client, wish):
    status, answer = client.call("POST", f"{PATH}/create", wish)
    assert (status, answer["code"]) == (400, answer["error"]["code"])
