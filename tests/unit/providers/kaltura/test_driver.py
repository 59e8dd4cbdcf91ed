"""Kaltura's driver."""

import httpx

from ipyavatar.core.secret import Secret
from ipyavatar.core.speech import Utterance
from ipyavatar.protocol.grants import SessionGrant
from ipyavatar.providers.cloud.http import HttpClient
from ipyavatar.providers.cloud.service_events import ServiceEvent
from ipyavatar.providers.kaltura.client import KalturaClient
from ipyavatar.providers.kaltura.driver import LOCAL_VOICE_NOTICE, KalturaDriver
from ipyavatar.providers.kaltura.options import KalturaOptions
from ipyavatar.providers.kaltura.profile import PROFILE
from tests.support.fakes.credentials import credentials_of
from tests.support.fakes.room_channel import FakeRoomChannel
from tests.support.fakes.silent_voice import SilentVoice
from tests.support.fakes.speech_listener import RecordingSpeechListener
from tests.support.virtual_time import VirtualClock, run_virtual


def test_kaltura_has_no_room():
    async def go():
        transport = httpx.MockTransport(lambda _: httpx.Response(500))
        client = KalturaClient(
            HttpClient(PROFILE, "http://127.0.0.1", transport=transport), Secret("k")
        )
        options = KalturaOptions(credentials=credentials_of("kaltura"))
        driver = KalturaDriver(client, options, VirtualClock(), None)
        room = FakeRoomChannel()
        driver.set_room(room)
        driver.on_event(ServiceEvent("avatar_stopped", "anything"))
        await driver.close()
        return room.orders

    assert run_virtual(go()) == []


class Noting(RecordingSpeechListener):
    """Notes notices, too."""

    def __init__(self):
        super().__init__()
        self.notices = []

    def on_notice(self, kind, text):
        self.notices.append((kind, text))


def fallback(text):
    """Have `text` said by our voice, since Kaltura's does not answer."""

    async def go():
        def answer(request):
            return httpx.Response(503 if request.url.path.endswith("say-text") else 200, json={})

        clock = VirtualClock()
        client = KalturaClient(
            HttpClient(PROFILE, "http://127.0.0.1", transport=httpx.MockTransport(answer)),
            Secret("k"),
        )
        options = KalturaOptions(credentials=credentials_of("kaltura"))
        driver = KalturaDriver(client, options, clock, SilentVoice())
        driver.adopt(SessionGrant("kaltura", "s1", token=Secret("t")))
        listener = Noting()
        await driver.say(Utterance("s", text), listener)
        await driver.close()
        return [text for kind, text in listener.notices if kind == "voice"]

    return run_virtual(go())


def test_our_voice_in_place_of_kalturas_says_what_it_leaves_out():
    """The same sentence as the embedded avatar's warning."""
    first, second = fallback("Hello, привет!")
    assert first == LOCAL_VOICE_NOTICE
    assert second == "The voice reads English; this part is left out: 'привет'."
    assert fallback("Hello, naïve café!") == [LOCAL_VOICE_NOTICE]


def test_before_it_is_open_it_grants_nothing_and_raises_nothing():
    """A page may report at any time, also after an opening that failed."""
    http = HttpClient(PROFILE, "http://127.0.0.1", transport=httpx.MockTransport(lambda _: None))
    options = KalturaOptions(credentials=credentials_of("kaltura"))
    driver = KalturaDriver(KalturaClient(http, Secret("k")), options, VirtualClock(), None)
    assert driver.grant() == SessionGrant("kaltura", "")
    assert driver.grant().secrets() == ()
