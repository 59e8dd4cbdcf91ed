"""Secrets and language models of others, as LiveAvatar's reference and its guides have them."""

import itertools
import json

import pytest

from ipyavatar.twin.liveavatar.integrations import LlmConfigurations, Secrets
from ipyavatar.twin.records import MAX_RECORDS
from tests.support.twin_calls import TwinCalls, let_in

SECRET = {"secret_type": "OPENAI_API_KEY", "secret_value": "sk-theirs", "secret_name": "My key"}
MODEL = {"display_name": "Mine", "model_name": "gpt-4o-mini"}
MODELS = "/v1/llm-configurations"


@pytest.fixture
def client():
    ids = itertools.count(1)
    secrets = Secrets(lambda: f"id-{next(ids)}")
    models = LlmConfigurations(lambda: f"id-{next(ids)}", secrets)
    return TwinCalls([*secrets.calls(let_in), *models.calls(let_in)])


@pytest.fixture
def secret_id(client):
    return client.call("POST", "/v1/secrets", SECRET)[1]["data"]["id"]


def test_a_secret_is_told_by_its_id_and_its_name_and_never_by_its_value(client, secret_id):
    other = {**SECRET, "secret_type": "LLM_API_KEY", "secret_name": "Second"}
    status, made = client.call("POST", "/v1/secrets", other)
    assert (status, [*made["data"]]) == (200, ["id", "secret_name"])
    listed = client.call("GET", "/v1/secrets")[1]
    assert [one["secret_name"] for one in listed["data"]] == ["Second", "My key"]
    assert "sk-theirs" not in json.dumps(listed)
    assert client.call("DELETE", f"/v1/secrets/{secret_id}")[0] == 200
    assert client.call("DELETE", f"/v1/secrets/{secret_id}")[0] == 404


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"secret_name": None}, "secret_name"),
        ({"secret_value": ""}, "secret_value"),
        ({"secret_type": "a key"}, "secret_type"),
        ({"secret_name": "x" * 256}, "secret_name"),
        ({"secret_value": 5}, "secret_value"),
    ],
)
def test_a_member_of_a_secret_is_refused_by_name(client, change, name):
    status, answer = client.call("POST", "/v1/secrets", {**SECRET, **change})
    assert (status, answer["detail"][0]["loc"]) == (422, ["body", name])


def test_so_many_secrets_are_kept_and_no_more(client):
    for _ in range(MAX_RECORDS):
        assert client.call("POST", "/v1/secrets", SECRET)[0] == 200
    assert client.call("POST", "/v1/secrets", SECRET)[0] == 400


def test_a_language_model_is_made_found_changed_and_deleted(client, secret_id):
    made = client.call("POST", MODELS, {**MODEL, "secret_id": secret_id})[1]["data"]
    assert made["base_url"] == "https://api.openai.com"
    path = f"{MODELS}/{made['id']}"
    client.now += 60
    changed = client.call("PATCH", path, {"base_url": "https://mine.example"})[1]["data"]
    assert (changed["base_url"], changed["model_name"]) == ("https://mine.example", "gpt-4o-mini")
    assert changed["updated_at"] > changed["created_at"] == made["created_at"]
    assert client.call("GET", path)[1]["data"] == changed
    assert client.call("GET", MODELS)[1]["data"] == [changed]
    assert client.call("DELETE", path)[0] == 200
    assert client.call("GET", path)[0] == 404


@pytest.mark.parametrize(
    ("path", "wish"),
    [
        ("/v1/llm_configurations", MODEL),
        (MODELS, {"model": "gpt-4o-mini"}),
    ],
)
def test_the_guides_write_it_in_other_ways(client, secret_id, path, wish):
    status, answer = client.call("POST", path, {**wish, "secret_id": secret_id})
    assert (status, answer["data"]["model_name"]) == (200, "gpt-4o-mini")
    assert answer["data"]["display_name"]
    assert "model" not in answer["data"]


@pytest.mark.parametrize(
    ("wish", "status"), [(MODEL, 422), ({**MODEL, "secret_id": "none"}, 400), ({}, 422)]
)
def test_a_language_model_wants_a_secret_that_there_is(client, wish, status):
    assert client.call("POST", MODELS, wish)[0] == status


def test_the_models_of_the_service_are_told_by_their_makers(client):
    assert client.call("GET", "/v1/llm-models")[1]["data"] == {"openai": ["gpt-4o-mini"]}
