"""HeyGen's driver with somebody in the room: what it sends, what it follows."""

import asyncio
import json

import httpx
import pytest

from ipyavatar.core.retry import NEVER
from ipyavatar.core.scripts import estimate_seconds
from ipyavatar.core.secret import Secret
from ipyavatar.core.speech import Utterance
from ipyavatar.errors import BadAnswer, RequestRefused, SpeechFailed
from ipyavatar.protocol.grants import SessionGrant
from ipyavatar.protocol.page import Candidate
from ipyavatar.providers.cloud.http import HttpClient
from ipyavatar.providers.cloud.service_events import ServiceEvent, read_event
from ipyavatar.providers.cloud.speech_tracker import ANSWER_LENGTH_S, BEGIN_S, EVENTS_S
from ipyavatar.providers.heygen.client import HeyGenClient
from ipyavatar.providers.heygen.driver import HeyGenDriver
from ipyavatar.providers.heygen.options import HeyGenOptions
from ipyavatar.providers.heygen.profile import PROFILE
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


def heygen(play, room, *, seconds=4.0, lag=0.0, answer=None):
    """Run `play(driver)`; tasks take `seconds`, and their answers come after `lag`.

    `answer` is what they are answered in place of their id and length.
    """

    async def go():
        tasks = []

        async def respond(request):
            if not request.url.path.endswith("task"):
                return httpx.Response(200, json={"code": 100, "message": "success", "data": None})
            tasks.append(json.loads(request.content)["text"])
            await asyncio.sleep(lag)
            data = {"task_id": f"task-{len(tasks)}", "duration_ms": seconds * 1000}
            data = data if answer is None else answer
            return httpx.Response(200, json={"code": 100, "message": "success", "data": data})

        http = HttpClient(
            PROFILE,
            "http://127.0.0.1",
            transport=httpx.MockTransport(respond),
            retry=NEVER,
            random=lambda: 0.5,
        )
        options = HeyGenOptions(credentials=credentials_of("heygen"))
        driver = HeyGenDriver(HeyGenClient(http, KEY), options, VirtualClock())
        driver.adopt(SessionGrant("heygen", "session"))
        if room is not None:
            driver.set_room(room)
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
        listener = RecordingSpeechListener()
        telling = asyncio.ensure_future(say_at(driver, 0.5, start("task-1")))
        ending = asyncio.ensure_future(say_at(driver, 3.6, stop("task-1")))
        await driver.say(Utterance("a", "Some words."), listener)
        await asyncio.gather(telling, ending)
        return listener.sounds, now()

    assert heygen(play, FakeRoomChannel()) == ([0.5], 3.6)


def test_heygen_tells_before_it_answers():
    """Events of the task, and of another one, come while the call is still under way."""

    async def play(driver):
        listener = RecordingSpeechListener()
        early = asyncio.ensure_future(say_at(driver, 0.2, start("task-1"), stop("task-0")))
        ending = asyncio.ensure_future(say_at(driver, 3.0, stop("task-1")))
        await driver.say(Utterance("a", "Some words."), listener)
        await asyncio.gather(early, ending)
        return listener.sounds, now()

    assert heygen(play, FakeRoomChannel(), lag=1.0) == ([1.0], 3.0)


def test_heygen_piece_by_piece():
    """The end of the first piece, told twice, does not end the second."""
    text = "A sentence of some length, to be said. " * 40  # two tasks

    async def play(driver):
        script = [
            say_at(driver, 0.5, start("task-1")),
            say_at(driver, 3.0, stop("task-1")),
            say_at(driver, 3.1, stop("task-1")),
            say_at(driver, 3.5, start("task-2")),
            say_at(driver, 7.0, stop("task-2")),
        ]
        telling = [asyncio.ensure_future(part) for part in script]
        await driver.say(Utterance("a", text), RecordingSpeechListener())
        await asyncio.gather(*telling)
        return now()

    assert heygen(play, FakeRoomChannel()) == 7.0


def test_a_busy_kernel_is_waited_for_once():
    """Nothing is told of three speeches: the first one waits a little longer than the others."""

    async def play(driver):
        ends = []
        for _ in range(3):
            began = now()
            await driver.say(Utterance("a", "Some words."), RecordingSpeechListener())
            ends.append(now() - began)
        began = now()
        telling = asyncio.ensure_future(
            say_at(driver, began + 0.5, start("task-4"), stop("task-4"))
        )
        await driver.say(Utterance("a", "Some words."), RecordingSpeechListener())
        await telling
        began = now()
        await driver.say(Utterance("a", "Some words."), RecordingSpeechListener())
        return ends, now() - began

    once, then = 4.0 + EVENTS_S, 4.0 + BEGIN_S["repeat"]
    assert heygen(play, FakeRoomChannel()) == ([once, then, then], once)


@pytest.mark.parametrize(
    "answer", [{"task_id": None}, {"task_id": 7}, {"task_id": [7]}, {}, [], "ok", True, 1]
)
def test_a_task_without_an_id_is_said_all_the_same(answer):
    """What is told meanwhile is told of it; a failure would have it said twice."""

    async def play(driver):
        listener = RecordingSpeechListener()
        told = "7" if answer == {"task_id": 7} else "some-id"
        telling = asyncio.ensure_future(say_at(driver, 0.5, start(told)))
        ending = asyncio.ensure_future(say_at(driver, 2.0, stop(told)))
        await driver.say(Utterance("a", "Some words."), listener)
        await asyncio.gather(telling, ending)
        return listener.sounds, now()

    assert heygen(play, FakeRoomChannel(), answer=answer) == ([0.5], 2.0)


@pytest.mark.parametrize("seconds", [0.0, -0.001, 3_600_000.0])
def test_a_length_that_makes_no_sense_is_not_told(seconds):
    """Zero is no speech that is over, and what is told in another unit is not waited for."""

    async def play(driver):
        await driver.say(Utterance("a", "Some words."), RecordingSpeechListener())
        return now()

    assert heygen(play, None, seconds=seconds) == estimate_seconds("Some words.")


@pytest.mark.parametrize("room", [None, FakeRoomChannel(hears=False)], ids=["no room", "deaf"])
def test_heygen_with_nobody_in_the_room(room):
    async def play(driver):
        listener = RecordingSpeechListener()
        await driver.say(Utterance("a", "Some words."), listener)
        return listener.sounds, listener.captions, now()

    assert heygen(play, room) == ([0.0], [(0.0, "Some words.")], 4.0)


def test_for_an_answer_one_of_us_is_in_the_room():
    """Only there is told how long it is; the question is a short one."""

    async def play(driver):
        telling = [
            asyncio.ensure_future(say_at(driver, 1.0, start("task-1"))),
            asyncio.ensure_future(say_at(driver, 8.0, stop("task-1", 7000))),
        ]
        await driver.say(Utterance("a", "Why?", "talk"), RecordingSpeechListener())
        end = now()
        await asyncio.gather(*telling)
        return end

    assert heygen(play, FakeRoomChannel(hears=False, can_hear=True), seconds=0.5) == 8.0


def test_an_answer_whose_end_nobody_can_hear_is_given_time_and_that_is_told_once():
    async def play(driver):
        listener, notices = RecordingSpeechListener(), []
        listener.on_notice = lambda kind, text: notices.append(text)
        for _ in range(2):
            await driver.say(Utterance("a", "Why?", "talk"), listener)
        return notices, now()

    (notice,), end = heygen(play, FakeRoomChannel(hears=False), seconds=0.5)
    assert "Nobody can be there. Show the avatar." in notice
    assert end == 2 * ANSWER_LENGTH_S


def test_events_between_speeches_are_forgotten():
    async def play(driver):
        driver.on_event(ServiceEvent("avatar_started", "avatar_start_talking"))
        driver.on_event(ServiceEvent("avatar_stopped", "avatar_stop_talking", task_id="task-1"))
        await driver.say(Utterance("a", "Some words."), RecordingSpeechListener())
        return now()

    assert heygen(play, FakeRoomChannel()) == 4.0 + EVENTS_S


def test_heygen_interrupted():
    """At once; and the late end of what was cut off does not end the next speech."""

    async def play(driver):
        speaking = asyncio.ensure_future(
            driver.say(Utterance("a", "Some words."), RecordingSpeechListener())
        )
        await say_at(driver, 1.0, start("task-1"))
        await asyncio.sleep(0)
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
        cut = now()
        await driver.interrupt()
        late = asyncio.ensure_future(say_at(driver, 1.5, stop("task-1"), start("task-2")))
        ending = asyncio.ensure_future(say_at(driver, 5.0, stop("task-2")))
        await driver.say(Utterance("b", "Other words."), RecordingSpeechListener())
        await asyncio.gather(late, ending)
        return cut, now()

    assert heygen(play, FakeRoomChannel()) == (1.0, 5.0)


# ---- what the service offers ---------------------------------------------------------------------

ROOM = {"url": "wss://room", "access_token": "t"}
OFFER = {"sdp": {"type": "offer", "sdp": "v=0 theirs"}}
TURN = {"urls": ["turn:a", "turn:b"], "username": "u", "credential": "c"}


def opened(transport, data, play=None, **start):
    """Open a session whose `new` is answered with `data`; the driver, and what was called."""

    async def go():
        calls = []

        async def answer(request):
            call = request.url.path.removeprefix("/v1/streaming.")
            calls.append((call, json.loads(request.content)))
            if call == "new":
                body = {"code": 100, "data": {"session_id": "s", **data}}
                return httpx.Response(200, json=body)
            if call == "start" and start:
                return httpx.Response(start["status"], json={"code": start["code"]})
            return httpx.Response(200, json={"code": 100, "data": {"task_id": "t"}})

        http = HttpClient(
            PROFILE, "http://127.0.0.1", transport=httpx.MockTransport(answer), retry=NEVER
        )
        options = HeyGenOptions(credentials=credentials_of("heygen"), transport=transport)
        driver = HeyGenDriver(HeyGenClient(http, KEY), options, VirtualClock())
        try:
            await driver.create(lambda _: None)
            if play is not None:
                await play(driver)
        finally:
            await driver.close()
        return driver.grant(), calls

    return run_virtual(go())


@pytest.mark.parametrize(
    ("wanted", "offered", "played"),
    [
        ("livekit", ROOM, "livekit"),
        ("livekit", ROOM | OFFER, "livekit"),
        ("livekit", OFFER, "webrtc"),
        ("livekit", OFFER | {"url": None, "access_token": None}, "webrtc"),
        ("webrtc", ROOM | OFFER, "webrtc"),
        ("webrtc", OFFER, "webrtc"),
        ("webrtc", ROOM, "livekit"),
        ("webrtc", ROOM | {"sdp": None}, "livekit"),
        ("webrtc", ROOM | {"sdp": {"type": "", "sdp": ""}}, "livekit"),
        ("webrtc", ROOM | {"sdp": ""}, "livekit"),
    ],
)
def test_what_is_wanted_is_played_where_the_service_offers_it_and_else_what_it_offers(
    wanted, offered, played
):
    """A room is started at once; an offer by its answer."""
    grant, calls = opened(wanted, offered)
    assert grant.stream.kind == played
    names = [name for name, _ in calls]
    assert names == (["new", "start"] if played == "livekit" else ["new"])
    assert calls[0][1].get("version") == ("v2" if wanted == "livekit" else None)


@pytest.mark.parametrize(
    ("told", "limit_s"), [(600, 600.0), ("600", 600.0), (0, None), (-1, None), ({}, None)]
)
def test_a_limit_of_zero_or_less_is_none(told, limit_s):
    """Some services tell so that there is none; kept to, it would end the session at once."""
    grant, _ = opened("livekit", ROOM | {"session_duration_limit": told})
    assert grant.limit_s == limit_s


def test_a_session_without_a_picture_is_no_session():
    with pytest.raises(BadAnswer, match="neither a room nor an offer"):
        opened("webrtc", {})


@pytest.mark.parametrize(
    ("answer", "servers"),
    [
        ({"ice_servers2": [TURN, {"urls": "stun:a"}]}, [("turn:a", "turn:b"), ("stun:a",)]),
        ({"ice_servers2": None, "ice_servers": [TURN]}, [("turn:a", "turn:b")]),
        ({"ice_servers2": ["turn:a"], "ice_servers": [TURN]}, [("turn:a", "turn:b")]),
        ({"ice_servers": "nonsense"}, []),
        ({}, []),
    ],
)
def test_the_ice_servers_go_to_the_page_in_whichever_member_they_come(answer, servers):
    grant, _ = opened("webrtc", OFFER | answer)
    stream = grant.stream
    assert [server.urls for server in stream.ice_servers] == servers
    assert "'c'" not in repr(stream)
    assert "theirs" not in repr(stream)


def test_a_page_answers_and_names_its_candidates():
    async def play(driver):
        assert not driver.offer_answered
        await driver.accept_offer("v=0 ours")
        await driver.add_candidate(Candidate("p", "p.1", "candidate:1", "0", 0))
        assert driver.offer_answered

    _, calls = opened("webrtc", OFFER, play)
    assert calls[1:] == [
        ("start", {"session_id": "s", "sdp": {"type": "answer", "sdp": "v=0 ours"}}),
        (
            "ice",
            {
                "session_id": "s",
                "candidate": {"candidate": "candidate:1", "sdpMid": "0", "sdpMLineIndex": 0},
            },
        ),
    ]


def test_an_answer_that_the_service_has_already_is_fine():
    """Its first confirmation was lost."""

    async def play(driver):
        await driver.accept_offer("v=0 ours")
        assert driver.offer_answered

    opened("webrtc", OFFER, play, status=400, code="10003")


def test_an_answer_that_is_refused_leaves_the_session_unstarted():
    async def play(driver):
        with pytest.raises(RequestRefused):
            await driver.accept_offer("nonsense")
        assert not driver.offer_answered

    opened("webrtc", OFFER, play, status=400, code="40012")


def test_before_a_page_has_answered_nothing_can_be_said_and_the_reason_is_told():
    async def play(driver):
        with pytest.raises(SpeechFailed, match="page") as caught:
            await driver.say(Utterance("a", "Some words."), RecordingSpeechListener())
        assert 'transport="livekit"' in caught.value.fix
        await driver.accept_offer("v=0 ours")
        await driver.say(Utterance("b", "Some words."), RecordingSpeechListener())

    _, calls = opened("webrtc", OFFER, play)
    assert [name for name, _ in calls] == ["new", "start", "task"]


def test_a_session_that_is_taken_over_can_speak():
    """A page is connected to it, past us."""

    async def play(driver):
        other = HeyGenDriver(driver._client, driver._options, VirtualClock())
        other.adopt(driver.grant())
        assert other.offer_answered
        await other.say(Utterance("b", "Some words."), RecordingSpeechListener())

    _, calls = opened("webrtc", OFFER, play)
    assert calls[-1][0] == "task"
