"""Kaltura's driver."""

import httpx

from ipyavatar.core.secret import Secret
from ipyavatar.providers.cloud.http import HttpClient
from ipyavatar.providers.cloud.service_events import ServiceEvent
from ipyavatar.providers.kaltura.client import KalturaClient
from ipyavatar.providers.kaltura.driver import KalturaDriver
from ipyavatar.providers.kaltura.spec import SPEC, KalturaOptions
from tests.support.fakes.credentials import credentials_of
from tests.support.fakes.room_channel import FakeRoomChannel
from tests.support.virtual_time import VirtualClock, run_virtual


def test_kaltura_has_no_room():
    async def go():
        transport = httpx.MockTransport(lambda _: httpx.Response(500))
        client = KalturaClient(
            HttpClient(SPEC, "http://127.0.0.1", transport=transport), Secret("k")
        )
        options = KalturaOptions(credentials=credentials_of("kaltura"))
        driver = KalturaDriver(client, options, VirtualClock(), None)
        room = FakeRoomChannel()
        driver.set_room(room)
        driver.on_event(ServiceEvent("avatar_stopped", "anything"))
        await driver.close()
        return room.orders

    assert run_virtual(go()) == []
