"""Who may come in at the twin, and that nothing secret is shown."""

from typing import Any

import pytest

from tests.support.twin_in_process import (
    CREATE,
    KEY,
    LITE,
    NEW,
    World,
    play,
)

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
