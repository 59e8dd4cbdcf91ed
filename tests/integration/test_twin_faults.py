"""Faults that the twin is told to have, in each service's own language."""

import asyncio
import json
from typing import Any

import pytest

from ipyavatar.twin.faults import Fault
from tests.support.twin_in_process import (
    CREATE,
    KEY,
    World,
    create,
    heygen_error,
    play,
)

# ---- faults -------------------------------------------------------------------------------------


ENVELOPES = [
    ("heygen", "401", heygen_error(400112, "Unauthorized")),
    ("heygen", "402", heygen_error(10015, "Insufficient credit")),
    ("heygen", "429", heygen_error(10007, "Concurrent limit reached")),
    ("heygen", "500", heygen_error(500, "Internal server error")),
    ("liveavatar", "503", {"code": 503, "data": None, "message": "Service unavailable"}),
    ("liveavatar", "429", {"code": 429, "data": None, "message": "Too Many Requests"}),
    ("liveavatar", "402", {"code": 402, "data": None, "message": "Insufficient credits"}),
    ("kaltura", "402", {"success": False, "error": "Quota exceeded"}),
    ("kaltura", "500", {"success": False, "error": "Internal server error"}),
    ("kaltura", "401", {"success": False, "error": "Invalid Kaltura Session"}),
]


@pytest.mark.parametrize(("service", "kind", "body"), ENVELOPES)
def test_a_status_fault_speaks_the_services_language_and_has_no_effect(
    service: str, kind: Any, body: Any
) -> None:
    async def story(world: World) -> None:
        answer = await create(world, service)
        assert (answer.status_code, answer.json()) == (int(kind), body)
        assert answer.headers.get("retry-after") == ("1" if "Too Many" in answer.text else None)
        assert (await world.state())["sessions"] == []
        assert (await create(world, service)).status_code == 200

    play(story, faults=(Fault(kind, service=service, times=1),))


@pytest.mark.parametrize("service", CREATE)
def test_an_error_inside_a_200(service: str) -> None:
    async def story(world: World) -> None:
        answer = await create(world, service)
        assert answer.status_code == 200
        assert "data" not in answer.json() or answer.json()["data"] is None
        assert (await world.state())["open"] == 0

    play(story, faults=(Fault("ok-error", times=1),))


def test_answers_that_cannot_be_read() -> None:
    async def story(world: World) -> None:
        page = await create(world, "heygen")
        assert (page.status_code, page.headers["content-type"][:9]) == (502, "text/html")
        half = await create(world, "heygen")
        with pytest.raises(json.JSONDecodeError):
            half.json()
        assert half.status_code == 200
        assert (await world.state())["open"] == 1  # it was made, though nobody can read its id

    play(story, faults=(Fault("html", times=1), Fault("half-json", times=1)))


@pytest.mark.parametrize(("effect", "made"), [(None, 0), (True, 1)])
def test_a_reset_may_or_may_not_have_been_carried_out(effect: Any, made: int) -> None:
    async def story(world: World) -> None:
        with pytest.raises(ConnectionResetError):
            await create(world, "kaltura")
        state = await world.state()
        assert (state["open"], state["calls"][0]["status"]) == (made, 0)

    play(story, faults=(Fault("reset", times=1, effect=effect),))


def test_a_slow_answer_waits_and_is_right() -> None:
    async def story(world: World) -> None:
        assert (await create(world, "heygen")).status_code == 200
        assert world.slept == [7.5]

    play(story, faults=(Fault("slow", seconds=7.5, times=1),))


def test_a_hanging_call_ends_when_the_server_does() -> None:
    async def story(world: World) -> None:
        call = asyncio.ensure_future(create(world, "heygen"))
        while not (await world.state())["calls"]:
            await asyncio.sleep(0)
        assert not call.done()
        world.twin.closing.set()
        with pytest.raises(ConnectionResetError):
            await call

    play(story, faults=(Fault("hang", times=1),))


def test_a_session_can_be_made_to_go() -> None:
    async def story(world: World) -> None:
        session = await world.heygen()
        await world.client.post("/_twin/faults", json={"kind": "gone", "call": "keep_alive"})
        gone = await world.verb("keep_alive", session)
        assert gone.json()["code"] == 10005
        assert (await world.state())["sessions"][0]["end_reason"] == "gone"

    play(story)


def test_faults_by_http() -> None:
    async def story(world: World) -> None:
        url = "/_twin/faults"
        added = await world.client.post(url, json=[{"kind": 500, "times": 3}, {"kind": "429"}])
        assert added.status_code == 201
        first, second = added.json()
        assert (first["kind"], first["left"], second["left"]) == ("500", 3, None)
        await create(world, "heygen")
        assert (await world.client.get(url)).json()[0]["left"] == 2
        assert (await world.client.delete(f"{url}/{first['id']}")).json() == {"removed": 1}
        assert (await create(world, "heygen")).status_code == 429
        assert (await world.client.delete(url)).json() == {"removed": 1}
        assert (await create(world, "heygen")).status_code == 200
        wrong = await world.client.post(url, json={"kind": "500", "call": "tsak"})
        assert wrong.status_code == 400
        assert "Did you mean 'task'" in wrong.json()["error"]
        for number in ({"times": 0}, {"times": 10**12}, {"skip": -1}, {"seconds": 1e300}):
            refused = await world.client.post(url, json={"kind": "slow", **number})
            assert (refused.status_code, "out of range" in refused.text) == (400, True)
        many = await world.client.post(url, json=[{"kind": "500"}] * 1001)
        assert many.status_code == 400
        assert (await world.client.get(url)).json() == []
        form = await world.client.post(url, content=b'{"kind": "500"}')
        assert form.status_code == 415

    play(story)


def test_the_clock_by_http() -> None:
    async def story(world: World) -> None:
        await world.heygen()
        moved = await world.client.post("/_twin/clock", json={"advance_s": 500})
        assert moved.json()["now"] == 1_700_000_500
        assert (await world.state())["open"] == 0
        for wrong in ({}, {"advance_s": -1}, {"advance_s": "x"}, [1], {"advance_s": 1e300}):
            assert (await world.client.post("/_twin/clock", json=wrong)).status_code == 400
        # However far ahead it is set, dates still have names.
        for _ in range(3):
            await world.client.post("/_twin/clock", json={"advance_s": 9e9})
        for path in ("/v1/sessions", "/v1/streaming.list", "/v2/streaming.list"):
            assert (await world.client.get(path, headers=KEY)).status_code == 200
        assert (await world.heygen()) in (await world.state())["sessions"][0]["id"]

    play(story)
