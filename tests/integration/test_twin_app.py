"""The twin in process: limits of sessions, clients that go, and what must not grow."""

import json
from typing import Any

import httpx
import pytest

from ipyavatar.twin.session import Rules, TwinSession
from tests.support.twin_in_process import (
    KEY,
    KS,
    LITE,
    NEW,
    World,
    heygen_error,
    play,
)

# ---- limits -------------------------------------------------------------------------------------


def test_a_stop_frees_a_place_and_so_does_idling() -> None:
    async def story(world: World) -> None:
        first, second = await world.heygen(), await world.heygen()
        full = await world.post("/v1/streaming.new", NEW)
        assert (full.status_code, full.json()["code"]) == (429, 10007)
        await world.verb("stop", first)
        third = await world.heygen()
        world.twin.advance_clock(119)
        await world.verb("keep_alive", third)
        world.twin.advance_clock(1)
        closed = await world.verb("task", second, text="Hello")
        assert closed.json() == heygen_error(10005, "session state wrong: closed")
        rows = {row["id"]: row for row in (await world.state())["sessions"]}
        assert rows[second]["end_reason"] == "idle"
        assert rows[second]["ended_at"] == rows[second]["created_at"] + 120
        assert rows[third]["state"] == "connected"

    play(story, concurrency=2)


def test_the_idle_limit_asked_for_is_kept_and_the_option_replaces_it() -> None:
    async def limit(world: World) -> None:
        await world.post("/v1/streaming.new", {**NEW, "activity_idle_timeout": 3599})
        limits.append((await world.state())["sessions"][0]["idle_s"])

    limits: list[float] = []
    play(limit)
    play(limit, idle_timeout_s=2.0)
    assert limits == [3599, 2]


def test_the_duration_limit_ends_a_session_however_alive_it_is_kept() -> None:
    async def story(world: World) -> None:
        token = (await world.post("/v1/sessions/token", {**LITE, "is_sandbox": True})).json()
        bearer = {"Authorization": f"Bearer {token['data']['session_token']}"}
        started = await world.post("/v1/sessions/start", **bearer)
        assert started.json()["data"]["max_session_duration"] == 60
        for _ in range(6):
            world.twin.advance_clock(9.9)
            assert (await world.post("/v1/sessions/keep-alive", **bearer)).status_code == 200
        world.twin.advance_clock(1)
        assert (await world.post("/v1/sessions/keep-alive", **bearer)).status_code == 404
        listed = await world.client.get("/v1/sessions?type=historic", headers=KEY)
        row = listed.json()["data"]["results"][0]
        assert (row["end_reason"], row["duration"]) == ("MAX_DURATION_REACHED", 60)
        assert row["credits_consumed"] == 0

    play(story)


def test_every_answer_of_heygen_has_an_error_member() -> None:
    """Null when all is well: clients in the documentation test for it."""

    async def story(world: World) -> None:
        made = await world.post("/v1/streaming.new", NEW)
        session = made.json()["data"]["session_id"]
        early = await world.verb("task", session, text="Hello")
        assert "call streaming.start first" in early.json()["error"]["message"]
        well = [made, await world.post("/v1/streaming.create_token")]
        well += [await world.verb(verb, session) for verb in ("start", "keep_alive", "interrupt")]
        well += [await world.client.get("/v1/streaming.list", headers=KEY)]
        well += [await world.verb("stop", session)]
        for answer in well:
            body = answer.json()
            assert (answer.status_code, body["code"], body["error"]) == (200, 100, None)

    play(story)


def test_heygens_key_may_come_as_a_bearer() -> None:
    async def story(world: World) -> None:
        def bearer(key: str) -> dict[str, str]:
            return {"Authorization": f"Bearer {key}"}

        async def call(path: str, body: Any, key: str) -> httpx.Response:
            return await world.client.post(path, json=body, headers=bearer(key))

        made = await call("/v1/streaming.new", NEW, "the-key")
        body = {"session_id": made.json()["data"]["session_id"]}
        assert (await call("/v1/streaming.start", body, "the-key")).status_code == 200
        assert (await call("/v1/streaming.keep_alive", body, "the-key")).status_code == 200
        assert (await call("/v1/streaming.keep_alive", body, "another")).status_code == 401
        listed = await world.client.get("/v1/streaming.list", headers=bearer("the-key"))
        assert listed.status_code == 200

    play(story, api_key="the-key")


def test_null_is_absent_in_every_body() -> None:
    """Clients send null for what they do not set."""
    nothing = {"quality": None, "video_encoding": None, "activity_idle_timeout": None}

    async def story(world: World) -> None:
        new = {**NEW, **nothing, "voice": {"voice_id": None, "rate": None}}
        assert (await world.post("/v1/streaming.new", new)).status_code == 200
        lite = {**LITE, "max_session_duration": None, "avatar_persona": None}
        token = (await world.post("/v1/sessions/token", lite)).json()["data"]["session_token"]
        bearer = {"Authorization": f"Bearer {token}"}
        assert (await world.post("/v1/sessions/start", **bearer)).status_code == 201
        stopped = await world.post("/v1/sessions/stop", {"reason": None}, **bearer)
        assert stopped.status_code == 200

    play(story)


def test_a_session_that_is_never_idle_is_refused_with_the_reason() -> None:
    """Taken and ignored it would end under a client that relies on it."""

    async def story(world: World) -> None:
        for asked, status in ((False, 200), (None, 200), (True, 400), ("true", 400), (1, 400)):
            answer = await world.post("/v1/streaming.new", {**NEW, "disable_idle_timeout": asked})
            assert answer.status_code == status
        assert answer.json()["error"]["message"] == (
            "disable_idle_timeout is deprecated and must be false: use activity_idle_timeout"
        )

    play(story)


def test_a_fraction_where_a_whole_number_is_documented_is_refused_by_name() -> None:
    async def story(world: World) -> None:
        for idle_s in (30.5, 120.0, True, "120"):
            asked = {**NEW, "activity_idle_timeout": idle_s}
            refused = await world.post("/v1/streaming.new", asked)
            assert refused.status_code == 400
            assert refused.json()["message"] == "activity_idle_timeout must be an integer"
        refused = await world.post("/v1/sessions/token", {**LITE, "max_session_duration": 60.5})
        assert refused.status_code == 422
        assert refused.json()["detail"][0]["type"] == "int_type"
        asked = {**LITE, "max_session_duration": 60.0}
        assert (await world.post("/v1/sessions/token", asked)).status_code == 200
        assert [s["service"] for s in (await world.state())["sessions"]] == ["liveavatar"]

    play(story)


def test_more_than_the_tier_allows_is_refused_by_name() -> None:
    async def story(world: World) -> None:
        asked = {**LITE, "max_session_duration": 601}
        refused = await world.post("/v1/sessions/token", asked)
        assert refused.status_code == 422
        assert refused.json()["detail"][0]["loc"] == ["body", "max_session_duration"]
        asked = {**LITE, "max_session_duration": 600}
        assert (await world.post("/v1/sessions/token", asked)).status_code == 200

    play(story, max_duration_s=600.0)


def test_a_session_token_is_good_for_one_session_only() -> None:
    async def story(world: World) -> None:
        token = (await world.post("/v1/streaming.create_token")).json()["data"]["token"]
        client = {"Authorization": f"Bearer {token}"}

        async def call(verb: str, body: Any) -> httpx.Response:
            return await world.client.post(f"/v1/streaming.{verb}", json=body, headers=client)

        mine = (await call("new", NEW)).json()["data"]["session_id"]
        assert (await call("start", {"session_id": mine})).status_code == 200
        other = await world.heygen()
        assert (await call("new", NEW)).status_code == 401
        assert (await call("stop", {"session_id": other})).status_code == 401
        assert (await call("stop", {"session_id": mine})).status_code == 200

    play(story)


def test_a_kaltura_token_opens_its_own_session_only_and_for_a_day() -> None:
    async def story(world: World) -> None:
        made = [
            (await world.post("/v1/avatar-session", {"visualConfig": {"id": "v"}}, **KS)).json()
            for _ in range(2)
        ]
        bearer = {"Authorization": f"Bearer {made[0]['token']}"}

        async def keep_alive(one: dict[str, str]) -> int:
            path = f"/v1/avatar-session/{one['sessionId']}/keep-alive"
            return (await world.post(path, {}, **bearer)).status_code

        assert [await keep_alive(one) for one in made] == [200, 401]
        world.twin.advance_clock(24 * 3600)
        assert await keep_alive(made[0]) == 401

    play(story, idle_timeout_s=1e6, max_duration_s=1e6)


ENDED = [(None, 404, 410), (404, 404, 404), (410, 410, 410)]


@pytest.mark.parametrize(("chosen", "end", "others"), ENDED)
def test_an_ended_kaltura_session_is_gone_the_way_it_is_set(
    chosen: Any, end: int, others: int
) -> None:
    async def story(world: World) -> None:
        create = {"visualConfig": {"id": "v"}}
        made = (await world.post("/v1/avatar-session/create", create, **KS)).json()
        path = f"/v1/avatar-session/{made['sessionId']}"
        bearer = {"Authorization": f"Bearer {made['token']}"}
        for verb, status in [("end", 200), ("end", end), ("interrupt", others)]:
            assert (await world.post(f"{path}/{verb}", {}, **bearer)).status_code == status

    play(story, ended_status=chosen)


def test_speeches_are_said_one_after_the_other_and_interrupted() -> None:
    async def story(world: World) -> None:
        session = await world.heygen()
        first = await world.verb("task", session, text="x" * 30)
        assert first.json()["data"]["duration_ms"] == 2000
        await world.verb("task", session, text="y" * 60)
        world.twin.advance_clock(3)
        await world.verb("interrupt", session)
        speeches = (await world.state())["sessions"][0]["speeches"]
        assert [(s["state"], s["ends_at"] - s["starts_at"]) for s in speeches] == [
            ("said", 2.0),
            ("interrupted", 1.0),
        ]

    play(story)


# ---- clients that go ----------------------------------------------------------------------------


def test_a_client_that_goes_in_the_middle_of_its_call_makes_no_session_and_no_error() -> None:
    async def story(world: World) -> None:
        app = world.client._transport.app
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/streaming.new",
            "raw_path": b"/v1/streaming.new",
            "query_string": b"",
            "headers": [(b"host", b"127.0.0.1"), (b"x-api-key", b"k"), (b"content-length", b"99")],
            "http_version": "1.1",
            "scheme": "http",
            "server": ("127.0.0.1", 80),
            "client": ("127.0.0.1", 9),
            "root_path": "",
        }
        coming = iter([{"type": "http.request", "body": b"{", "more_body": True}])

        async def receive() -> Any:
            return next(coming, {"type": "http.disconnect"})

        async def send(_message: Any) -> None:
            pass

        await app(scope, receive, send)
        state = await world.state()
        assert state["open"] == 0
        assert [call["status"] for call in state["calls"]][-1] == 0

    play(story)


# ---- nothing grows ------------------------------------------------------------------------------


def test_sessions_that_are_never_started_are_bounded() -> None:
    """A token makes a session, and does not count against the concurrency limit."""

    async def story(world: World) -> None:
        registry, rules = world.twin.services["liveavatar"].sessions, Rules(idle_s=300, max_s=600)
        for number in range(998):
            one = TwinSession(str(number), "liveavatar", "LITE", rules, world.twin.now())
            registry.add(one)
        answers = [(await world.post("/v1/sessions/token", LITE)).status_code for _ in range(3)]
        assert answers == [200, 200, 429]
        world.twin.advance_clock(301)
        assert (await world.post("/v1/sessions/token", LITE)).status_code == 200

    play(story)


def test_what_waits_to_be_said_is_bounded() -> None:
    """A client that never waits is told that it is too fast."""

    async def story(world: World) -> None:
        session = await world.heygen()
        found = world.twin.services["heygen"].sessions.get(session, world.twin.now())
        for number in range(998):
            found.speak(world.twin.now(), str(number), 1.0)
        answers = [(await world.verb("task", session, text="x")).status_code for _ in range(3)]
        assert answers == [200, 200, 429]
        world.twin.advance_clock(5)
        assert (await world.verb("task", session, text="x")).status_code == 200

    play(story)


def test_long_bodies_and_names_are_not_remembered() -> None:
    """The request log and ended sessions keep the beginnings of what clients send."""

    async def story(world: World) -> None:
        long = "x" * 1_000_000
        made = await world.post("/v1/sessions/token", {**LITE, "avatar_id": long})
        assert made.status_code == 200
        session = await world.heygen()
        await world.verb("task", session, text="y" * 900)
        await world.verb("stop", session)
        services = world.twin.services
        (one,) = services["liveavatar"].sessions.open(world.twin.now())
        assert len(one.info["avatar_id"]) == 200
        (ended,) = services["heygen"].sessions.closed(world.twin.now())
        assert len(ended.speeches[0].text) == 200
        assert len(json.dumps(await world.state())) < 20_000

    play(story)
