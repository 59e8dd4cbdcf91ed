"""HeyGen's and LiveAvatar's drivers with somebody in the room: what they send, what they follow."""

import asyncio
import json

import httpx
import pytest

from ipyavatar.core.retry import NEVER
from ipyavatar.core.secret import Secret
from ipyavatar.core.speech import Utterance
from ipyavatar.errors import SpeechFailed
from ipyavatar.protocol.grants import SessionGrant
from ipyavatar.providers.cloud.driver import estimate_seconds
from ipyavatar.providers.cloud.http import HttpClient
from ipyavatar.providers.cloud.options import ServiceOptions
from ipyavatar.providers.cloud.service_events import (
    COMMAND_TOPIC,
    ServiceEvent,
    read_event,
    read_packet,
)
from ipyavatar.providers.cloud.spec import HEYGEN, LIVEAVATAR
from ipyavatar.providers.cloud.speech_tracker import BEGIN_S, PATIENCE_S
from ipyavatar.providers.heygen.client import HeyGenClient
from ipyavatar.providers.heygen.driver import HeyGenDriver
from ipyavatar.providers.kaltura.client import KalturaClient
from ipyavatar.providers.kaltura.driver import KalturaDriver
from ipyavatar.providers.liveavatar.client import LiveAvatarClient
from ipyavatar.providers.liveavatar.driver import LiveAvatarDriver
from tests.support.virtual_time import VirtualClock, run_virtual

KEY = Secret("key")


def now():
    return asyncio.get_running_loop().time()


class Listener:
    def __init__(self):
        self.sounds, self.captions = [], []

    def on_first_sound(self):
        self.sounds.append(now())

    def on_caption(self, text, words):
        self.captions.append((now(), text))

    def on_notice(self, kind, text):
        raise AssertionError(text)


class Room:
    """Takes the orders, and does with them what the test wants."""

    def __init__(self, hears=True, takes=None):
        self.hears = hears
        self.orders = []
        self._takes = takes or (lambda order: None)

    async def send(self, topic, payload):
        order = json.loads(payload)
        self.orders.append((topic, order))
        self._takes(order)


def wire(facts, answer):
    transport = httpx.MockTransport(answer)
    return HttpClient(
        facts, "http://127.0.0.1", transport=transport, retry=NEVER, random=lambda: 0.5
    )


async def told(driver, at, *packets):
    """The service tells this, at this time."""
    await VirtualClock().sleep_until(at)
    for packet in packets:
        driver.heard(read_event(json.dumps(packet)))


# ---- HeyGen ----------------------------------------------------------------------------------


def heygen(play, room, *, seconds=4.0, lag=0.0):
    """Run `play(driver)`; tasks take `seconds`, and their answers come after `lag`."""

    async def go():
        tasks = []

        async def answer(request):
            if not request.url.path.endswith("task"):
                return httpx.Response(200, json={"code": 100, "message": "success", "data": None})
            tasks.append(json.loads(request.content)["text"])
            await asyncio.sleep(lag)
            data = {"task_id": f"task-{len(tasks)}", "duration_ms": seconds * 1000}
            return httpx.Response(200, json={"code": 100, "message": "success", "data": data})

        driver = HeyGenDriver(
            HeyGenClient(wire(HEYGEN, answer), KEY), ServiceOptions(api_key=KEY), VirtualClock()
        )
        driver.adopt(SessionGrant("heygen", "session"))
        if room is not None:
            driver.enter(room)
        try:
            return await play(driver)
        finally:
            await driver.close()

    return run_virtual(go())


def start(task):
    return {"type": "avatar_start_talking", "task_id": task}


def stop(task, ms=3000):
    return {"type": "avatar_stop_talking", "task_id": task, "duration_ms": ms}


def test_heygen_follows_its_task():
    async def play(driver):
        listener = Listener()
        telling = asyncio.ensure_future(told(driver, 0.5, start("task-1")))
        ending = asyncio.ensure_future(told(driver, 3.6, stop("task-1")))
        await driver.say(Utterance("a", "Some words."), listener)
        await asyncio.gather(telling, ending)
        return listener.sounds, now()

    assert heygen(play, Room()) == ([0.5], 3.6)


def test_heygen_tells_before_it_answers():
    """Events of the task, and of another one, come while the call is still under way."""

    async def play(driver):
        listener = Listener()
        early = asyncio.ensure_future(told(driver, 0.2, start("task-1"), stop("task-0")))
        ending = asyncio.ensure_future(told(driver, 3.0, stop("task-1")))
        await driver.say(Utterance("a", "Some words."), listener)
        await asyncio.gather(early, ending)
        return listener.sounds, now()

    assert heygen(play, Room(), lag=1.0) == ([1.0], 3.0)


def test_heygen_piece_by_piece():
    """The end of the first piece, told twice, does not end the second."""
    text = "A sentence of some length, to be said. " * 40  # two tasks

    async def play(driver):
        script = [
            told(driver, 0.5, start("task-1")),
            told(driver, 3.0, stop("task-1")),
            told(driver, 3.1, stop("task-1")),
            told(driver, 3.5, start("task-2")),
            told(driver, 7.0, stop("task-2")),
        ]
        telling = [asyncio.ensure_future(part) for part in script]
        await driver.say(Utterance("a", text), Listener())
        await asyncio.gather(*telling)
        return now()

    assert heygen(play, Room()) == 7.0


def test_a_busy_kernel_is_waited_for_once():
    """Nothing is told of three speeches: the first one waits a little longer than the others."""

    async def play(driver):
        ends = []
        for _ in range(3):
            began = now()
            await driver.say(Utterance("a", "Some words."), Listener())
            ends.append(now() - began)
        began = now()
        telling = asyncio.ensure_future(told(driver, began + 0.5, start("task-4"), stop("task-4")))
        await driver.say(Utterance("a", "Some words."), Listener())
        await telling
        began = now()
        await driver.say(Utterance("a", "Some words."), Listener())
        return ends, now() - began

    once, then = 4.0 + PATIENCE_S, 4.0 + BEGIN_S["repeat"]
    assert heygen(play, Room()) == ([once, then, then], once)


@pytest.mark.parametrize("room", [None, Room(hears=False)], ids=["no room", "deaf"])
def test_heygen_with_nobody_in_the_room(room):
    async def play(driver):
        listener = Listener()
        await driver.say(Utterance("a", "Some words."), listener)
        return listener.sounds, listener.captions, now()

    assert heygen(play, room) == ([0.0], [(0.0, "Some words.")], 4.0)


def test_events_between_speeches_are_forgotten():
    async def play(driver):
        driver.heard(ServiceEvent("avatar_started", "avatar_start_talking"))
        driver.heard(ServiceEvent("avatar_stopped", "avatar_stop_talking", task_id="task-1"))
        await driver.say(Utterance("a", "Some words."), Listener())
        return now()

    assert heygen(play, Room()) == 4.0 + PATIENCE_S


def test_heygen_interrupted():
    """At once; and the late end of what was cut off does not end the next speech."""

    async def play(driver):
        speaking = asyncio.ensure_future(driver.say(Utterance("a", "Some words."), Listener()))
        await told(driver, 1.0, start("task-1"))
        await asyncio.sleep(0)
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
        cut = now()
        await driver.interrupt()
        late = asyncio.ensure_future(told(driver, 1.5, stop("task-1"), start("task-2")))
        ending = asyncio.ensure_future(told(driver, 5.0, stop("task-2")))
        await driver.say(Utterance("b", "Other words."), Listener())
        await asyncio.gather(late, ending)
        return cut, now()

    assert heygen(play, Room()) == (1.0, 5.0)


# ---- LiveAvatar ------------------------------------------------------------------------------


def liveavatar(play, room, **options):
    async def go():
        client = LiveAvatarClient(wire(LIVEAVATAR, lambda _: httpx.Response(500)), KEY)
        ids = iter(f"id-{n}" for n in range(100))
        driver = LiveAvatarDriver(
            client, ServiceOptions(api_key=KEY, **options), VirtualClock(), None, lambda: next(ids)
        )
        if room is not None:
            driver.enter(room)
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
    room = Room()

    async def play(driver):
        listener = Listener()
        script = [
            told(driver, 0.4, response("speak_started", "id-0")),
            told(driver, 0.4, response("transcription.chunk", "id-0", text="I am told.")),
            told(driver, 0.4, response("transcription", "id-0", text="I am told.")),
            told(driver, 2.0, response("speak_ended", "id-0")),
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
        listener = Listener()
        await driver.say(Utterance("a", "Thirty characters, no more, ok."), listener)
        return listener.sounds, now()

    sounds, end = liveavatar(play, Room())
    assert sounds == [1.0]
    assert end == pytest.approx(
        1.5 * estimate_seconds("Thirty characters, no more, ok.") + PATIENCE_S
    )
    _, deaf = liveavatar(play, Room(hears=False))
    assert deaf == pytest.approx(end - PATIENCE_S + BEGIN_S["repeat"])


def test_full_cuts_long_texts():
    text = "A sentence of some length, to be said. " * 60
    room = Room()

    async def play(driver):
        def take(order):
            done = (
                response("speak_started", order["event_id"]),
                response("speak_ended", order["event_id"]),
            )
            for packet in done:
                driver.heard(read_event(json.dumps(packet)))

        room._takes = take
        await driver.say(Utterance("a", text), Listener())
        return now()

    assert liveavatar(play, room) == 0.0
    texts = [order["text"] for _, order in room.orders]
    assert len(texts) == 3
    assert all(len(piece) <= LIVEAVATAR.text_limit for piece in texts)
    assert " ".join(texts) == text.strip()
    assert len({order["event_id"] for _, order in room.orders}) == 3


def test_full_interrupts_through_the_room():
    room = Room()

    async def play(driver):
        speaking = asyncio.ensure_future(driver.say(Utterance("a", "Words. " * 50), Listener()))
        await told(driver, 1.0, response("speak_started", "id-0"))
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
            await driver.say(Utterance("a", "Words."), Listener())
        with pytest.raises(SpeechFailed, match="page"):
            await driver.interrupt()

    liveavatar(play, None)


def test_lite_does_not_use_the_room():
    room = Room()

    async def play(driver):
        await driver.interrupt()
        driver.heard(ServiceEvent("avatar_stopped", "avatar.speak_ended"))

    liveavatar(play, room, lite=True)
    assert room.orders == []


# ---- Kaltura, and packets --------------------------------------------------------------------


def test_kaltura_has_no_room():
    async def go():
        client = KalturaClient(wire(HEYGEN, lambda _: httpx.Response(500)), KEY)
        driver = KalturaDriver(client, ServiceOptions(api_key=KEY), VirtualClock(), None)
        room = Room()
        driver.enter(room)
        driver.heard(ServiceEvent("avatar_stopped", "anything"))
        await driver.close()
        return room.orders

    assert run_virtual(go()) == []


def test_packets_of_other_topics_are_nobodys():
    packet = json.dumps({"event_type": "avatar.speak_ended", "source_event_id": ""})
    event = read_packet("agent-response", packet)
    assert event == ServiceEvent("avatar_stopped", "avatar.speak_ended")  # "" names no speech
    assert read_packet("", packet) == event
    assert read_packet("lk.transcription", packet) is None
    assert read_packet("agent-control", packet) is None
    assert read_packet("", b"\xff\x00") is None
