"""Whatever goes wrong, each answer is JSON in which a client finds what it looks for."""

import asyncio

import httpx
import pytest

from ipyavatar.twin import TwinSettings
from ipyavatar.twin.settings import MAX_BODY_BYTES
from tests.support.faults import create_app

KEY = {"X-Api-Key": "k"}
NEW = "/v1/streaming.new"


def ask(method, path, **sent):
    """The answer of a twin with a key."""

    async def go():
        transport = httpx.ASGITransport(create_app(TwinSettings(api_key="k")))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.request(method, path, **sent)

    return asyncio.run(go())


@pytest.mark.parametrize(
    ("status", "method", "path", "sent"),
    [
        (400, "POST", NEW, {"headers": KEY, "content": b"{"}),
        (400, "POST", NEW, {"headers": KEY, "json": {"quality": "4k"}}),
        (401, "POST", NEW, {}),
        (401, "GET", "/v2/streaming.list", {}),
        (403, "GET", "/v1/streaming.list", {"headers": {"Host": "rebound.example"}}),
        (403, "GET", "/v1/streaming.list", {"headers": {"Origin": "https://evil.example"}}),
        (404, "POST", "/v1/streaming.stop", {"headers": KEY, "json": {"session_id": "none"}}),
        (404, "POST", "/v1/streaming.nothing", {"headers": KEY}),
        (404, "GET", "/v9/anything", {}),
        (405, "GET", NEW, {"headers": KEY}),
        (405, "PUT", "/v1/contexts", {"headers": KEY}),
        (
            415,
            "POST",
            NEW,
            {"headers": {**KEY, "Content-Encoding": "gzip"}, "content": b"\x1f\x8b"},
        ),
        (415, "POST", NEW, {"headers": {**KEY, "Content-Encoding": "br, zstd"}, "content": b"{}"}),
        (413, "POST", NEW, {"headers": KEY, "content": b" " * (MAX_BODY_BYTES + 1)}),
    ],
)
def test_every_error_has_an_error_member(status, method, path, sent):
    answer = ask(method, path, **sent)
    body = answer.json()
    assert answer.status_code == status
    assert body["error"]["message"] == body["message"] != ""
    assert body["error"]["code"] == body["code"]
    assert ("allow" in answer.headers) == (status == 405)


def test_a_compressed_body_is_refused_by_name_where_one_may_send_a_body():
    """It is not called a broken one; a stranger is told less."""
    gzip = {"Content-Encoding": "gzip"}
    answer = ask("POST", NEW, headers={**KEY, **gzip}, content=b"{}")
    assert "Content-Encoding: gzip" in answer.json()["message"]
    assert answer.headers["accept-encoding"] == "identity"
    assert ask("POST", NEW, headers=gzip, content=b"{}").status_code == 401
    assert ask("POST", NEW, headers={**KEY, "Content-Encoding": "identity"}, json={}).is_success


@pytest.mark.parametrize("path", ["/v2/streaming.list", "/v2/user/remaining_quota"])
def test_what_version_2_of_the_api_answers_has_the_same_envelope(path):
    body = ask("GET", path, headers=KEY).json()
    assert (body["code"], body["message"], body["error"]) == (100, "success", None)


@pytest.mark.parametrize("body", [b"null", b"  null ", b"{}", b""])
def test_a_body_that_is_null_is_an_empty_one(body):
    answer = ask("POST", NEW, headers=KEY, content=body)
    stop = ask("POST", "/v1/streaming.stop", headers=KEY, content=body)
    assert stop.json()["message"] == "session_id is missing"
    assert answer.status_code == 400 or answer.json()["data"]["session_id"]
