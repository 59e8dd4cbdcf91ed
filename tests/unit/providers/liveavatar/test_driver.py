"""LiveAvatar's driver with somebody in the room: what it sends, what it follows."""

import asyncio
import json

import httpx
import pytest

from ipyavatar.core.retry import NEVER
from ipyavatar.core.secret import Secret
from ipyavatar.core.speech import Utterance
from ipyavatar.errors import SpeechFailed
from ipyavatar.providers.cloud.driver import estimate_seconds
from ipyavatar.providers.cloud.http import HttpClient
from ipyavatar.providers.cloud.service_events import COMMAND_TOPIC, ServiceEvent, read_event
from ipyavatar.providers.cloud.speech_tracker import BEGIN_S, EVENTS_S
from ipyavatar.providers.liveavatar.client import LiveAvatarClient
from ipyavatar.providers.liveavatar.driver import LiveAvatarDriver
from ipyavatar.providers.liveavatar.options import LiveAvatarOptions
from ipyavatar.providers.liveavatar.profile import PROFILE
from tests.support.fakes.credentials import credentials_of
from tests.support.fakes.room_channel import FakeRoomChannel
from tests.support.fakes.speech_listener import RecordingSpeechListener
from tests.support.virtual_time import VirtualClock, run_virtual

KEY = Secret("key")


def now():
    return asyncio.get_running_loop().time()


async def say_at(driver, at, *packets):
    """The service says this, at this time."""
    await VirtualClock().sleep_until(at)
    for packet in packets:
        driver.on_event(read_event(json.dumps(packet)))


def liveavatar(play, room, *, lite=False):
    async def go():
        http = HttpClient(
            PROFILE,
            "http://127.0.0.1",
            transport=httpx.MockTransport(lambda _: httpx.Response(500)),
            retry=NEVER,
        )
        client = LiveAvatarClient(http, KEY)
        own = LiveAvatarOptions(credentials=credentials_of("liveavatar"), lite=lite)
        ids = iter(f"id-{n}" for n in range(100))
        driver = LiveAvatarDriver(client, own, VirtualClock(), None, new_id=lambda: next(ids))
        if room is not None:
            driver.set_room(room)
        try:
            return await play(driver)
        finally:
            await driver.close()

    return run_virtual(go())


def response(kind, source, **more):
    return {"event_type": f"avatar.{kind}", "event_id": "e", "source_event_id": source, **more}


@pytest.mark.parametrize(
    ("mode", "order"), [("repeat", "avatar.speak_text"), ("talk", "avatar.speak_response")]
)
def test_full_speaks_through_the_room(mode, order):
    """The order, then events that carry its id; text is shown where it is an answer."""
    room = FakeRoomChannel()

    async def play(driver):
        listener = RecordingSpeechListener()
        script = [
            say_at(driver, 0.4, response("speak_started", "id-0")),
            say_at(driver, 0.4, response("transcription.chunk", "id-0", text="I am told.")),
            say_at(driver, 0.4, response("transcription", "id-0", text="I am told.")),
            say_at(driver, 2.0, response("speak_ended", "id-0")),
        ]
        telling = [asyncio.ensure_future(part) for part in script]
        await driver.say(Utterance("a", "Are you there?", mode), listener)
        await asyncio.gather(*telling)
        return listener.sounds, listener.captions[-1], now()

    shown = "I am told." if mode == "talk" else "Are you there?"
    assert liveavatar(play, room) == ([0.4], (0.4, shown), 2.0)
    command = {"event_id": "id-0", "event_type": order, "text": "Are you there?"}
    assert room.orders == [(COMMAND_TOPIC, command)]


def test_full_with_nothing_told():
    """Heard after a second; over after as long as it may take, first with patience."""

    async def play(driver):
        listener = RecordingSpeechListener()
        await driver.say(Utterance("a", "Thirty characters, no more, ok."), listener)
        return listener.sounds, now()

    sounds, end = liveavatar(play, FakeRoomChannel())
    assert sounds == [1.0]
    assert end == pytest.approx(
        1.5 * estimate_seconds("Thirty characters, no more, ok.") + EVENTS_S
    )
    _, deaf = liveavatar(play, FakeRoomChannel(hears=False))
    assert deaf == pytest.approx(end - EVENTS_S + BEGIN_S["repeat"])


def test_full_cuts_long_texts():
    text = "A sentence of some length, to be said. " * 60
    room = FakeRoomChannel()

    async def play(driver):
        def take(order):
            done = (
                response("speak_started", order["event_id"]),
                response("speak_ended", order["event_id"]),
            )
            for packet in done:
                driver.on_event(read_event(json.dumps(packet)))

        room.takes = take
        await driver.say(Utterance("a", text), RecordingSpeechListener())
        return now()

    assert liveavatar(play, room) == 0.0
    texts = [order["text"] for _, order in room.orders]
    assert len(texts) == 3
    assert all(len(piece) <= PROFILE.text_limit for piece in texts)
    assert " ".join(texts) == text.strip()
    assert len({order["event_id"] for _, order in room.orders}) == 3


def test_full_interrupts_through_the_room():
    room = FakeRoomChannel()

    async def play(driver):
        speaking = asyncio.ensure_future(
            driver.say(Utterance("a", "Words. " * 50), RecordingSpeechListener())
        )
        await say_at(driver, 1.0, response("speak_started", "id-0"))
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
        await driver.interrupt()
        return now()

    assert liveavatar(play, room) == 1.0
    assert room.orders[1] == (
        COMMAND_TOPIC,
        {"event_id": "id-1", "event_type": "avatar.interrupt"},
    )


def test_full_without_a_room_says_what_to_do():
    async def play(driver):
        with pytest.raises(SpeechFailed, match=r'pip install "ipyavatar\[livekit\]"'):
            await driver.say(Utterance("a", "Words."), RecordingSpeechListener())
        with pytest.raises(SpeechFailed, match="page"):
            await driver.interrupt()

    liveavatar(play, None)


def test_lite_does_not_use_the_room():
    room = FakeRoomChannel()

    async def play(driver):
        await driver.interrupt()
        driver.on_event(ServiceEvent("avatar_stopped", "avatar.speak_ended"))

    liveavatar(play, room, lite=True)
    assert room.orders == []


@pytest.mark.parametrize(("told", "limit_s"), [(600, 600.0), (0, None), (-1, None), ("?", None)])
def test_a_limit_of_zero_or_less_is_none(told, limit_s):
    """Some services tell so that there is none; kept to, it would end the session at once."""

    async def go():
        def answer(request):
            data = {"session_id": "s", "session_token": "t", "max_session_duration": told}
            room = {"livekit_url": "wss://room", "livekit_client_token": "t"}
            return httpx.Response(200, json={"code": 1000, "data": {**data, **room}})

        transport = httpx.MockTransport(answer)
        http = HttpClient(PROFILE, "http://127.0.0.1", transport=transport, retry=NEVER)
        own = LiveAvatarOptions(credentials=credentials_of("liveavatar"), lite=False, avatar_id="a")
        driver = LiveAvatarDriver(LiveAvatarClient(http, KEY), own, VirtualClock(), None)
        await driver.create(lambda _: None)
        await driver.close()
        return driver.grant().limit_s

    assert run_virtual(go()) == limit_s
