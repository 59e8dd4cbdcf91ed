"""Kaltura's relay server, and its keys."""

import asyncio
import itertools

import httpx
import pytest

from ipyavatar.core.retry import NEVER
from ipyavatar.core.secret import Secret
from ipyavatar.providers.cloud.http import HttpClient
from ipyavatar.providers.kaltura.client import KalturaClient, Turn
from ipyavatar.providers.kaltura.profile import PROFILE


def test_bare_turn_host_becomes_four_urls():
    assert Turn("turn.example").ice_urls == (
        "turn:turn.example:80?transport=udp",
        "turn:turn.example:443?transport=udp",
        "turn:turn.example:80?transport=tcp",
        "turns:turn.example:443?transport=tcp",
    )
    assert Turn("turn:host:3478").ice_urls == ("turn:host:3478",)


@pytest.mark.parametrize("key_first", [True, False])
def test_a_ks_that_has_run_out_is_made_anew_wherever_that_is_told(key_first):
    """Also where the documented path is not there, before or behind the check of the key."""
    made = itertools.count(1)

    def answer(request):
        if "session/action/start" in request.url.path:
            return httpx.Response(200, json=f"ks-{next(made)}")
        fresh = request.headers["authorization"] == "KS ks-1"
        bare = not request.url.path.endswith("/create")
        if not fresh and (bare or key_first):
            return httpx.Response(401, json={"success": False, "error": "Invalid KS"})
        if not bare:
            return httpx.Response(404, json={"success": False, "error": "Not found"})
        return httpx.Response(200, json={"success": True, "sessionId": "s", "token": "t"})

    async def go():
        transport = httpx.MockTransport(answer)
        http = HttpClient(PROFILE, "http://127.0.0.1", transport=transport, retry=NEVER)
        client = KalturaClient(http, Secret("old"), admin=("1", Secret("a")))
        return (await client.create(avatar_id="a")).session_id

    assert asyncio.run(go()) == "s"
