"""Contexts, as LiveAvatar's reference has them."""

import itertools
import uuid

import pytest

from ipyavatar.twin.liveavatar.contexts import CONTEXT_ID, MAX_TEXT, Contexts
from ipyavatar.twin.records import MAX_RECORDS
from tests.support.twin_calls import TwinCalls, let_in

TEXTS = {"name": "Physics", "prompt": "You teach physics."}


class Client(TwinCalls):
    def __init__(self):
        ids = itertools.count(1)
        super().__init__(Contexts(lambda: str(uuid.UUID(int=next(ids)))).calls(let_in))

    def new_context(self, **more):
        status, answer = self.call("POST", "/v1/contexts", {**TEXTS, **more})
        assert status == 200, answer
        return answer["data"]["id"]


@pytest.fixture
def client():
    return Client()


def test_a_context_is_made_found_changed_copied_and_deleted(client):
    links = [{"url": "https://a.example", "faq": None}]
    path = f"/v1/contexts/{client.new_context(opening_text='Hi.', links=links)}"
    status, answer = client.call("GET", path)
    made = answer["data"]
    assert (status, answer["code"], made["opening_text"]) == (200, 1000, "Hi.")
    assert made["links"] == [{"url": "https://a.example"}]
    client.now += 60
    status, answer = client.call("PATCH", path, {"prompt": "Shorter.", "opening_text": None})
    changed = client.call("GET", path)[1]["data"]
    assert (status, answer["data"]) == (200, changed)
    assert (changed["name"], changed["prompt"]) == ("Physics", "Shorter.")
    assert (changed["opening_text"], changed["created_at"]) == ("Hi.", made["created_at"])
    assert changed["updated_at"] > made["updated_at"]
    copy = client.call("POST", f"{path}/copy", {"name": "Copy"})[1]["data"]
    assert (copy["name"], copy["prompt"]) == ("Copy", "Shorter.")
    assert client.call("DELETE", path)[0] == 200
    assert client.call("GET", path)[0] == 404
    listed = client.call("GET", "/v1/contexts")[1]["data"]
    assert [one["id"] for one in listed["results"]] == [CONTEXT_ID, copy["id"]]


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("context_id", "status"), [(str(uuid.UUID(int=99)), 404), ("ctx-abc", 422), ("0", 422)]
)
def test_a_context_that_is_not_there(client, method, context_id, status):
    got, answer = client.call(method, f"/v1/contexts/{context_id}", {"name": "x"})
    assert got == status
    if status == 404:
        assert answer == {"code": 404, "data": None, "message": "Context not found"}
    else:
        assert answer["detail"][0]["loc"] == ["path", "context_id"]


@pytest.mark.parametrize(
    ("body", "member"),
    [
        ({}, "name"),
        ({"name": "x"}, "prompt"),
        ({"name": None, "prompt": "x"}, "name"),
        ({**TEXTS, "opening_text": 1}, "opening_text"),
        ({**TEXTS, "prompt": "x" * (MAX_TEXT + 1)}, "prompt"),
        ({**TEXTS, "links": {}}, "links"),
        ({**TEXTS, "links": ["https://a.example"]}, "links"),
        ({**TEXTS, "links": [{"faq": "x" * MAX_TEXT}]}, "links"),
    ],
)
def test_a_member_of_a_context_is_refused_by_name(client, body, member):
    status, answer = client.call("POST", "/v1/contexts", body)
    assert (status, answer["detail"][0]["loc"]) == (422, ["body", member])


def test_so_many_contexts_are_kept_and_no_more(client):
    for _ in range(MAX_RECORDS - 1):
        last = client.new_context()
    for path in ("/v1/contexts", f"/v1/contexts/{last}/copy"):
        assert client.call("POST", path, TEXTS)[0] == 400
    client.call("DELETE", f"/v1/contexts/{last}")
    assert client.new_context()
