"""The wire fixtures, replayed against the twin in process."""

import asyncio
import base64
import json
import re
from typing import Any

import httpx
import pytest

from tests.support.faults import create_app
from tests.support.services import FIXTURES, KEY, SESSION, settings_for

HEYGEN_NEW = {
    "avatar_id": "Ann_Therapist_public",
    "version": "v2",
    "voice": {"voice_id": "voice-1"},
}
KEPT = {
    "secret": "00000000-0000-4000-8000-000000000001",
    "model": "00000000-0000-4000-8000-000000000002",
    "memory": "00000000-0000-4000-8000-000000000003",
    "base": "00000000-0000-4000-8000-000000000004",
}
"""What clients keep beside sessions, by the ids that the fixtures have for them."""
SAME_VALUE = {"code", "success", "status", "state"}
JSON = {"Content-Type": "application/json"}


def exchanges(service: str) -> list[dict[str, Any]]:
    return json.loads((FIXTURES / f"{service}.json").read_text())


ALL = [
    pytest.param(service, row, id=f"{service}: {row['name']}")
    for service in ("heygen", "liveavatar", "kaltura")
    for row in exchanges(service)
    if row["given"] != "never"
]


class Scene:
    """Brings a service into the state a fixture needs, and remembers ids and tokens."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.session = ""
        self.token = ""
        self.ks = KEY
        self.kept: dict[str, str] = {}

    async def set(self, service: str, given: str) -> None:
        if given in ("nothing", "say-text-503") or given.startswith("fault:"):
            given = "live" if given == "say-text-503" else "nothing"
        if given != "nothing":
            await getattr(self, service)(given)

    async def post(self, path: str, body: Any = None, **headers: str) -> Any:
        answer = await self.client.post(path, json=body, headers={"X-Api-Key": KEY, **headers})
        assert answer.status_code < 300, answer.text
        return answer.json()

    async def keep(self, kind: str, path: str, **wish: str) -> None:
        self.kept[KEPT[kind]] = (await self.post(path, wish))["data"]["id"]

    async def heygen(self, given: str) -> None:
        if given == "kept":
            await self.keep("base", "/v1/streaming/knowledge_base/create", name="School")
            return
        self.token = (await self.post("/v1/streaming.create_token"))["data"]["token"]
        if given == "token":
            return
        self.session = (await self.post("/v1/streaming.new", HEYGEN_NEW))["data"]["session_id"]
        me = {"session_id": self.session}
        if given in ("live", "starting", "stopped"):
            await self.post("/v1/streaming.start", me)
        if given == "stopped":
            await self.post("/v1/streaming.stop", me)

    async def liveavatar(self, given: str) -> None:
        if given == "kept":
            secret = {"secret_name": "Mine", "secret_value": "none", "secret_type": "LLM_API_KEY"}
            await self.keep("secret", "/v1/secrets", **secret)
            model = {"model_name": "gpt-4o-mini", "secret_id": self.kept[KEPT["secret"]]}
            await self.keep("model", "/v1/llm-configurations", **model)
            await self.liveavatar("live")
            me = {"session_id": self.session}
            await self.keep("memory", "/v1/memory", memory_type="session", **me)
            return
        mode = "LITE" if given.endswith("LITE") else "FULL"
        wish = {"mode": mode, "avatar_id": "a"}
        if given == "full":
            other = (await self.post("/v1/sessions/token", wish))["data"]["session_token"]
            await self.post("/v1/sessions/start", Authorization=f"Bearer {other}")
        data = (await self.post("/v1/sessions/token", wish))["data"]
        self.session, self.token = data["session_id"], data["session_token"]
        if given in ("live", "stopped"):
            await self.post("/v1/sessions/start", Authorization=f"Bearer {self.token}")
        if given == "stopped":
            await self.post("/v1/sessions/stop", Authorization=f"Bearer {self.token}")

    async def kaltura(self, given: str) -> None:
        if given == "user-ks":
            form = {"partnerId": "1", "secret": KEY, "type": "0"}
            mint = "/api_v3/service/session/action/start"
            self.ks = (await self.client.post(mint, data=form)).json()
            return
        made = await self.post(
            "/v1/avatar-session/create", {"visualConfig": {"id": "v"}}, Authorization=f"KS {KEY}"
        )
        self.session, self.token = made["sessionId"], made["token"]
        if given == "stopped":
            end = f"/v1/avatar-session/{self.session}/end"
            await self.post(end, {}, Authorization=f"Bearer {self.token}")

    def real(self, value: Any) -> Any:
        """The fixture's value with the ids and tokens of this run."""
        text = json.dumps(value).replace(SESSION, self.session or SESSION)
        for constant, record_id in self.kept.items():
            text = text.replace(constant, record_id)
        text = re.sub(r"Bearer (?!wrong)[^\"]+", f"Bearer {self.token}", text)
        return json.loads(re.sub(r"KS djJ8[^\"]+", f"KS {self.ks}", text))


async def replay(client: httpx.AsyncClient, service: str, row: dict[str, Any]) -> None:
    scene = Scene(client)
    await scene.set(service, row["given"])
    headers, body = scene.real(row["request_headers"]), scene.real(row["request_json"])
    sent: dict[str, Any] = {"headers": headers}
    if body is not None:
        sent["json"] = body
    if form := row.get("request_form"):
        sent["data"] = form
    if parts := row.get("request_multipart"):
        headers.pop("Content-Type")
        audio = parts["audio"]
        sent["data"] = {name: text for name, text in parts.items() if name != "audio"}
        sent["files"] = {"audio": (audio["filename"], b"RIFF\r\n--\x00\xff", audio["type"])}
    answer = await client.request(row["method"], scene.real(row["path"]), **sent)
    assert answer.status_code == row["status"], answer.text
    if row["response_json"] is not None:
        compare(row["response_json"], answer.json(), exact_text=row["status"] >= 400)


def compare(wanted: Any, got: Any, *, exact_text: bool, name: str = "") -> None:
    """Same members, same types, and the same value where a client would look at it."""
    if isinstance(wanted, dict):
        assert isinstance(got, dict), name
        for key, value in wanted.items():
            assert key in got, f"{name}.{key} is missing"
            compare(value, got[key], exact_text=exact_text, name=f"{name}.{key}")
    elif isinstance(wanted, list):
        assert isinstance(got, list), name
        assert bool(got) == bool(wanted), name
        for value in wanted[:1]:
            compare(value, got[0], exact_text=exact_text, name=f"{name}[0]")
    elif name.rpartition(".")[2] in SAME_VALUE or (exact_text and isinstance(wanted, str)):
        assert got == wanted, name
    elif isinstance(wanted, bool) or wanted is None or isinstance(wanted, str):
        assert type(got) is type(wanted), name
    else:
        assert type(got) in (int, float), name


@pytest.mark.parametrize(("service", "row"), ALL)
def test_twin_answers_as_the_fixture_says(service: str, row: dict[str, Any]) -> None:
    async def go() -> None:
        app = create_app(settings_for(row["given"]), clock=lambda: 1_700_000_000.0)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            await replay(client, service, row)

    asyncio.run(go())


def test_fixture_names_are_unique_and_every_call_of_the_twin_is_covered() -> None:
    known = create_app().state.twin.known_calls()
    for service in ("heygen", "liveavatar", "kaltura"):
        rows = exchanges(service)
        assert len({row["name"] for row in rows}) == len(rows)
        covered = {row["call"] for row in rows}
        not_rest = {"ks_end", "lite_ws", "livekit_ws", "chat_ws", "whep"}
        assert set(known[service]) - covered <= not_rest


def test_tokens_of_the_fixtures_hold_what_clients_read_from_them() -> None:
    token = exchanges("liveavatar")[0]["response_json"]["data"]["session_token"]
    middle = token.split(".")[1]
    inside = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    assert inside["start_session_data"] == {"mode": "FULL"}
