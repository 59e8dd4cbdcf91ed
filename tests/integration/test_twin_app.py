"""The twin in process: limits, faults, who may come in, and that nothing secret is shown."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from ipyavatar.twin import TwinSettings
from ipyavatar.twin.faults import Fault
from ipyavatar.twin.session import Rules, TwinSession
from tests.support.faults import create_app

NEW = {"avatar_id": "a", "version": "v2"}
LITE = {"mode": "LITE", "avatar_id": "a"}
KEY = {"X-Api-Key": "k"}
KS = {"Authorization": "KS k"}


class World:
    """A twin, a client in the same process, and a clock that only moves when told."""

    def __init__(self, client: httpx.AsyncClient, twin: Any, slept: list[float]) -> None:
        self.client, self.twin, self.slept = client, twin, slept

    async def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return await self.client.post(path, json=body, headers={**KEY, **headers})

    async def heygen(self) -> str:
        made = (await self.post("/v1/streaming.new", NEW)).json()["data"]["session_id"]
        await self.post("/v1/streaming.start", {"session_id": made})
        return made

    async def verb(self, verb: str, session: str, **more: str) -> httpx.Response:
        return await self.post(f"/v1/streaming.{verb}", {"session_id": session, **more})

    async def state(self) -> Any:
        return (await self.client.get("/_twin/state")).json()

    async def state_with_key(self) -> Any:
        return (await self.client.get("/_twin/state", headers=KEY)).json()


def play(story: Callable[[World], Awaitable[None]], **settings: Any) -> None:
    async def go() -> None:
        slept: list[float] = []

        async def sleep(seconds: float) -> None:
            slept.append(seconds)

        app = create_app(TwinSettings(**settings), clock=lambda: 1_700_000_000.0, sleep=sleep)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            await asyncio.wait_for(story(World(client, app.state.twin, slept)), 20)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, left

    asyncio.run(go())


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


# ---- faults -------------------------------------------------------------------------------------


def heygen_error(code: int, message: str) -> dict[str, Any]:
    """Said twice: some clients look at `error`."""
    said = {"code": code, "message": message}
    return {**said, "error": said}


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
CREATE = {
    "heygen": ("/v1/streaming.new", NEW, KEY),
    "liveavatar": ("/v1/sessions/token", LITE, KEY),
    "kaltura": ("/v1/avatar-session/create", {"visualConfig": {"id": "v"}}, KS),
}


async def create(world: World, service: str) -> httpx.Response:
    path, body, headers = CREATE[service]
    return await world.post(path, body, **headers)


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


# ---- who may come in ----------------------------------------------------------------------------

PREFLIGHTS = [
    # As Chromium sends them for the two JS SDKs (facts: heygen.md 2.1 and 9.1).
    ("/v1/streaming.new", "POST", "authorization,content-type"),
    ("/v1/sessions/start", "POST", "authorization,content-type"),
    ("/v1/streaming.create_token", "POST", "x-api-key"),
]


@pytest.mark.parametrize(("path", "method", "asked"), PREFLIGHTS)
def test_preflights_of_the_sdks(path: str, method: str, asked: str) -> None:
    async def story(world: World) -> None:
        origin = "http://localhost:8888"
        ask = {
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": asked,
            "Access-Control-Request-Private-Network": "true",
        }
        allowed = (await world.client.options(path, headers=ask)).headers
        assert allowed["access-control-allow-origin"] == origin
        assert allowed["access-control-allow-credentials"] == "true"
        assert allowed["access-control-allow-private-network"] == "true"
        assert method in allowed["access-control-allow-methods"]
        names = allowed["access-control-allow-headers"].lower().replace(" ", "").split(",")
        assert set(asked.split(",")) <= set(names)
        # A failure must be readable too, or the SDK sees only "failed to fetch".
        refused = await world.client.post(path, headers={"Origin": origin})
        assert refused.status_code == 401
        assert refused.headers["access-control-allow-origin"] == origin

    play(story)


FOREIGN = {"Origin": "https://evil.example"}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:8888"])
def test_other_pages_cannot_touch_the_controls(origin: str) -> None:
    """The controls are for programs and the twin's own page, with and without a key."""

    async def story(world: World) -> None:
        for path in ("/_twin/state", "/_twin/faults"):
            answer = await world.client.get(path, headers={**KEY, "Origin": origin})
            assert answer.status_code == 403
            assert "access-control-allow-origin" not in answer.headers
        own = {**KEY, "Origin": "http://127.0.0.1"}
        assert (await world.client.get("/_twin/state", headers=own)).status_code == 200

    play(story)
    play(story, api_key=KEY["X-Api-Key"])


def test_foreign_pages_can_do_nothing_and_are_told_the_option(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What a foreign page asks for is not done, which a refusal to read alone would not prevent."""

    async def story(world: World) -> None:
        for path, body, headers in CREATE.values():
            answer = await world.post(path, body, **{**headers, **FOREIGN})
            assert answer.status_code == 403
            assert "--allow-origin https://evil.example" in answer.text
            assert "access-control-allow-origin" not in answer.headers
        asked = {**FOREIGN, "Access-Control-Request-Method": "POST"}
        assert (await world.client.options("/v1/streaming.new", headers=asked)).status_code == 403
        offer = {**FOREIGN, "Content-Type": "application/sdp"}
        assert (await world.client.post("/rtc/v1/whep/", headers=offer)).status_code == 403
        state = await world.state()
        assert (state["open"], state["calls"]) == (0, [])

    play(story)
    assert "start it with --allow-origin https://evil.example" in caplog.text


def test_a_page_that_is_named_may_all() -> None:
    """`--allow-origin` opens services and controls; the key is asked for as ever."""

    async def story(world: World) -> None:
        path, body, headers = CREATE["heygen"]
        answer = await world.post(path, body, **{**headers, **FOREIGN})
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == FOREIGN["Origin"]
        assert (await world.client.get("/_twin/state", headers=FOREIGN)).status_code == 401
        both = {**KEY, **FOREIGN}
        assert (await world.client.get("/_twin/state", headers=both)).status_code == 200

    play(story, allowed_origins=(FOREIGN["Origin"],), api_key=KEY["X-Api-Key"])


def test_a_key_is_checked_before_the_body_is_read() -> None:
    """Nothing is read of who may not call, for every call that has a body and a key."""

    async def story(world: World) -> None:
        read: list[str] = []

        async def body(path: str) -> Any:
            read.append(path)
            yield b"{}"

        calls = [
            (service.name, call)
            for service in world.twin.services.values()
            for call in service.calls
            if call.method == "POST" and call.name not in ("ks", "ks_end")
        ]
        assert len(calls) > 20
        for _, call in calls:
            path = call.path.replace("{session_id}", "x")
            answer = await world.client.post(path, content=body(path), headers={"X-Api-Key": "no"})
            assert answer.status_code == 401, path
        assert all(call["status"] == 401 for call in (await world.state_with_key())["calls"])
        # The transport of the tests sends bodies when asked: nobody asked.
        assert read == []

    play(story, api_key=KEY["X-Api-Key"])


def test_a_twin_with_a_key_wants_it_for_its_controls_but_not_for_its_page() -> None:
    async def story(world: World) -> None:
        calls = [
            ("GET", "/_twin/state"),
            ("GET", "/_twin/faults"),
            ("POST", "/_twin/faults"),
            ("DELETE", "/_twin/faults"),
            ("DELETE", "/_twin/faults/1"),
            ("POST", "/_twin/clock"),
            ("POST", "/_twin/token"),
        ]
        for method, path in calls:
            for headers in ({}, {"X-Api-Key": "other"}):
                answer = await world.client.request(method, path, headers=headers, json={})
                assert answer.status_code == 401, path
            answer = await world.client.request(method, path, headers=KEY, json={})
            assert answer.status_code != 401, path
        assert (await world.client.get("/")).status_code == 200
        assert (await world.client.get("/_twin/heygen-shim.js")).status_code == 200

    play(story, api_key=KEY["X-Api-Key"])


def test_a_foreign_host_name_is_refused_everywhere() -> None:
    async def story(world: World) -> None:
        for path in ("/", "/_twin/state", "/v1/streaming.list", "/nowhere"):
            headers = {**KEY, "Host": "rebound.example"}
            assert (await world.client.get(path, headers=headers)).status_code == 403
        allowed = await world.client.get("/", headers={"Host": "twin.test"})
        assert allowed.status_code == 200

    play(story, allowed_hosts=("twin.test",))


@pytest.mark.parametrize("size", [10_000_000, 10_000_001])
def test_a_body_over_ten_megabytes_is_refused(size: int) -> None:
    async def story(world: World) -> None:
        body = b'{"version":"v2"}'.ljust(size)
        answer = await world.client.post("/v1/streaming.new", content=body, headers=KEY)
        assert answer.status_code == (413 if size > 10_000_000 else 200)

    play(story)


@pytest.mark.parametrize(
    ("service", "status"), [("heygen", 400), ("liveavatar", 422), ("kaltura", 400)]
)
def test_a_body_that_is_no_json(service: str, status: int) -> None:
    async def story(world: World) -> None:
        path, _, headers = CREATE[service]
        for body in (b"{", b"[]", b"\xff\xfe"):
            answer = await world.client.post(path, content=body, headers={**KEY, **headers})
            assert answer.status_code == status
            assert "JSON" in answer.text

    play(story)


# ---- nothing secret is shown --------------------------------------------------------------------


def test_no_key_and_no_token_in_state_page_or_repr() -> None:
    async def story(world: World) -> None:
        key = {"X-Api-Key": "hunter2", "Authorization": ""}
        secrets = {"hunter2"}
        token = (await world.post("/v1/streaming.create_token", **key)).json()["data"]["token"]
        made = (await world.post("/v1/streaming.new", NEW, **key)).json()["data"]
        la = (await world.post("/v1/sessions/token", LITE, **key)).json()["data"]
        bearer = {"Authorization": f"Bearer {la['session_token']}"}
        start = (await world.post("/v1/sessions/start", **bearer)).json()["data"]
        form = {"secret": "hunter2", "type": "2", "partnerId": "1"}
        mint = "/api_v3/service/session/action/start"
        ks = (await world.client.post(mint, data=form)).json()
        create = {"visualConfig": {"id": "v"}, "clientId": "hunter2"}
        kaltura = (
            await world.post("/v1/avatar-session/create", create, Authorization=f"KS {ks}")
        ).json()
        me = {"Authorization": f"Bearer {kaltura['token']}"}
        await world.post(f"/v1/avatar-session/{kaltura['token']}/end", {}, **me)
        told = {"session_id": made["session_id"], "text": "hunter2", "key": "hunter2"}
        await world.post("/v1/streaming.start", told, **key)
        assert (await world.post("/v1/streaming.task", told, **key)).status_code == 200
        secrets |= {token, made["access_token"], made["livekit_agent_token"]}
        secrets |= {la["session_token"], start["livekit_client_token"], ks, kaltura["token"]}
        state = (await world.client.get("/_twin/state", headers=key)).text
        page = (await world.client.get("/")).text
        shown = state + page + repr(world.twin.settings) + repr(world.twin.services)
        assert '"calls_total":9' in state
        assert not [secret for secret in secrets if secret in shown]

    play(story, api_key="hunter2")


def test_the_page_loads_nothing_from_elsewhere() -> None:
    async def story(world: World) -> None:
        for path in ("/", "/_twin/page.css", "/_twin/page.js", "/_twin/portrait.svg"):
            answer = await world.client.get(path)
            assert answer.status_code == 200
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert "innerHTML" not in answer.text
            assert "//" not in answer.text.replace("http://www.w3.org/2000/svg", "").replace(
                "// ", ""
            )
        assert (await world.client.head("/")).status_code == 200

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
