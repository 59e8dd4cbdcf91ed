"""What cannot work is refused before it costs a call."""

import asyncio

import httpx
import pytest

from ipyavatar.core.secret import Secret
from ipyavatar.errors import InvalidArgument
from ipyavatar.providers.cloud.http import HttpClient
from ipyavatar.providers.heygen.client import HeyGenClient
from ipyavatar.providers.kaltura.client import KalturaClient
from ipyavatar.providers.liveavatar.client import LiveAvatarClient
from ipyavatar.providers.registry import service_spec


def test_early_errors_cost_no_call():
    """What cannot work is refused before anything is sent."""
    sent = []
    transport = httpx.MockTransport(sent.append)

    def http(name):
        return HttpClient(service_spec(name), "http://127.0.0.1", transport=transport)

    heygen = HeyGenClient(http("heygen"), Secret("k"))
    live = LiveAvatarClient(http("liveavatar"), Secret("k"))
    kaltura = KalturaClient(http("kaltura"), Secret("k"))
    for call in (
        heygen.new(idle_timeout_s=29),
        heygen.task("s", "  \n"),
        heygen.task("s", "x" * 901),
        heygen.task("s", "x", task_type="sing"),
        live.create_token(),
        live.create_token(sandbox=True, mode="MEDIUM"),
        live.create_token(sandbox=True, quality="best"),
        kaltura.create(avatar_id=""),
        kaltura.mint_ks(),
    ):
        with pytest.raises(InvalidArgument):
            asyncio.run(call)
    assert sent == []
    with pytest.raises(InvalidArgument, match="KALTURA_KS"):
        KalturaClient(http("kaltura"), None)
