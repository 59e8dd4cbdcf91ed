"""Lists that come in pages, however odd the pages are."""

import asyncio

import httpx
import pytest

from ipyavatar.core.retry import NEVER
from ipyavatar.core.secret import Secret
from ipyavatar.providers.cloud.http import HttpClient
from ipyavatar.providers.cloud.pages import PAGES_MOST, listed, read_pages
from ipyavatar.providers.heygen.client import HeyGenClient
from ipyavatar.providers.heygen.profile import PROFILE as HEYGEN
from ipyavatar.providers.kaltura.client import KalturaClient
from ipyavatar.providers.kaltura.profile import PROFILE as KALTURA
from ipyavatar.providers.liveavatar.client import LiveAvatarClient
from ipyavatar.providers.liveavatar.profile import PROFILE as LIVEAVATAR

KEY = Secret("k")
CLIENTS = {"heygen": HeyGenClient, "liveavatar": LiveAvatarClient, "kaltura": KalturaClient}
PROFILES = {"heygen": HEYGEN, "liveavatar": LIVEAVATAR, "kaltura": KALTURA}


def read(pages, *, more=None):
    """What comes of pages of ids, and how many were asked for."""
    asked = []

    async def one(page):
        asked.append(page)
        there = pages(page)
        return there, bool(there) if more is None else more

    return asyncio.run(read_pages(one, str)), len(asked)


def test_entries_come_once_and_in_order():
    shifted = [["a", "b"], ["b", "c"], ["d"], []]
    assert read(lambda page: shifted[page]) == (("a", "b", "c", "d"), 4)


def test_a_service_that_does_not_heed_the_page_is_asked_twice():
    assert read(lambda page: ["a", "b"], more=True) == (("a", "b"), 2)


def test_a_list_without_an_end_has_one():
    found, asked = read(lambda page: [str(page)], more=True)
    assert (len(found), asked) == (PAGES_MOST, PAGES_MOST)


def test_null_is_an_empty_list_and_what_is_missing_is_none():
    assert listed({"data": None}, "data") == []
    assert listed({"data": [1]}, "data") == [1]
    assert listed({}, "data") is None
    assert listed(None, "data") is None


def ask(service, call, payload):
    """What a client makes of a list, and how often it asked."""
    asked = []

    def answer(request):
        asked.append(request)
        return httpx.Response(200, json=payload)

    async def go():
        transport = httpx.MockTransport(answer)
        http = HttpClient(PROFILES[service], "http://127.0.0.1", transport=transport, retry=NEVER)
        async with http:
            return await getattr(CLIENTS[service](http, KEY), call)()

    return asyncio.run(go()), len(asked)


@pytest.mark.parametrize(
    ("service", "call", "payload"),
    [
        ("heygen", "list_sessions", {"code": 100, "data": {"sessions": None}}),
        ("heygen", "list_avatars", {"code": 100, "data": None}),
        ("heygen", "list_voices", {"error": None, "data": {"voices": None}}),
        ("liveavatar", "list_sessions", {"code": 1000, "data": None}),
        ("liveavatar", "list_sessions", {"code": 1000, "data": {"results": None}}),
        ("liveavatar", "list_voices", {"code": 1000, "data": {"results": None, "next": None}}),
        ("kaltura", "list_voices", {"objects": None}),
    ],
)
def test_no_list_of_any_service_stumbles_over_null(service, call, payload):
    assert ask(service, call, payload) == ((), 1)


def test_each_client_stops_where_the_page_is_not_heeded():
    rows = [{"id": str(number), "itemId": str(number)} for number in range(100)]
    data = {"results": rows, "next": "http://there/?page=2"}
    for service, payload in (
        ("liveavatar", {"code": 1000, "data": data}),
        ("kaltura", {"objects": rows}),
    ):
        found, asked = ask(service, "list_voices", payload)
        assert (len(found), asked) == (100, 2)
