"""One contract run three ways: fixtures on a mock transport, the twin in process and over HTTP."""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from ipyavatar.core.retry import NEVER, RetryPolicy
from ipyavatar.core.secret import Secret
from ipyavatar.providers.cloud.http import HttpClient
from ipyavatar.providers.heygen.client import HeyGenClient, Once
from ipyavatar.providers.kaltura.client import KalturaClient, KalturaSession
from ipyavatar.providers.liveavatar.client import LiveAvatarClient, LiveAvatarToken
from ipyavatar.providers.registry import service_specs
from ipyavatar.twin import TwinSettings
from ipyavatar.twin.fault_responses import TRANSPORT
from ipyavatar.twin.faults import Fault
from tests.support.faults import create_app

FIXTURES = Path(__file__).parents[1] / "contract" / "fixtures"
KEY = "fixture-key"
SESSION = "11111111-2222-4333-8444-555555555555"
UNKNOWN = "no-such-session"
SERVICES = {spec.name: spec for spec in service_specs()}
BACKENDS = ("mock", "twin", "twin over HTTP")

Client = HeyGenClient | LiveAvatarClient | KalturaClient


def exchanges(service: str) -> dict[str, dict[str, Any]]:
    """The fixtures of a service by name."""
    rows = json.loads((FIXTURES / f"{service}.json").read_text())
    return {row["name"]: row for row in rows}


class Replay(httpx.MockTransport):
    """Answers with one fixture, whatever is asked, and keeps the requests."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.requests: list[httpx.Request] = []

        def answer(request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            body = row["response_json"]
            return httpx.Response(row["status"], json=body)

        super().__init__(answer)


def client_of(
    service: str,
    base_url: str = "http://127.0.0.1",
    transport: httpx.AsyncBaseTransport | None = None,
    *,
    key: str = KEY,
    retry: RetryPolicy = NEVER,
    timeout_s: float = 5.0,
    sleep: Any = None,
) -> Client:
    """A client of `service` that does not try again, unless told."""
    more = {"sleep": sleep} if sleep else {}
    http = HttpClient(
        SERVICES[service],
        base_url,
        transport=transport,
        retry=retry,
        timeout_s=timeout_s,
        random=lambda: 0.5,
        **more,
    )
    if service == "heygen":
        return HeyGenClient(http, Secret(key), sunset_notice=Once())
    if service == "liveavatar":
        return LiveAvatarClient(http, Secret(key))
    return KalturaClient(http, Secret(key))


class ResettableProtocol(H11Protocol):
    """Hands the connection to the twin, as `ipyavatar serve` does, so that a fault can reset it."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        inner = self.app

        async def with_transport(scope: Any, receive: Any, send: Any) -> None:
            scope.setdefault("extensions", {})[TRANSPORT] = transport
            await inner(scope, receive, send)

        self.app = with_transport


class OneServer:
    """uvicorn on a thread; the app behind it can be changed while it runs."""

    def __init__(self) -> None:
        self.app: Any = None

        async def forward(scope: Any, receive: Any, send: Any) -> None:
            await self.app(scope, receive, send)

        config = uvicorn.Config(
            forward,
            port=0,
            http=ResettableProtocol,
            ws="websockets-sansio",
            lifespan="off",
            log_level="critical",
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(10)


@contextlib.contextmanager
def one_server() -> Iterator[OneServer]:
    server = OneServer()
    try:
        yield server
    finally:
        server.stop()


def settings_for(given: str) -> TwinSettings:
    faults = (Fault(given.removeprefix("fault:")),) if given.startswith("fault:") else ()
    return TwinSettings(
        api_key=KEY,
        concurrency=1,
        faults=faults,
        say_text="503" if given == "say-text-503" else "works",
        join_delay_s=60 if given == "starting" else 0,
    )


class Stage:
    """A client in front of a service in some state; `session` is what its calls are about."""

    def __init__(self, service: str, client: Client, session: Any, transport: Any) -> None:
        self.service = service
        self.client = client
        self.session = session
        self.transport = transport


@contextlib.asynccontextmanager
async def stage(
    backend: str,
    server: OneServer | None,
    service: str,
    row: dict[str, Any],
    *,
    key: str = KEY,
) -> AsyncIterator[Stage]:
    """Set up `row["given"]` on `backend`."""
    given = row["given"]
    if backend == "mock":
        transport: Any = Replay(row)
        client = client_of(service, transport=transport, key=key)
        session: Any = _fixture_session(service)
    else:
        app = create_app(settings_for(given))
        if backend == "twin":
            transport, url = httpx.ASGITransport(app), "http://127.0.0.1"
        else:
            assert server is not None
            server.app, transport, url = app, None, server.url
        client = client_of(service, url, transport, key=key)
        session = await _make(service, client_of(service, url, transport), given)
    try:
        yield Stage(service, client, session, transport)
    finally:
        await client.http.close()


def _fixture_session(service: str) -> Any:
    if service == "kaltura":
        return KalturaSession(session_id=SESSION, token=Secret("t-o-k-e-n"))
    if service == "liveavatar":
        return LiveAvatarToken(session_id=SESSION, session_token=Secret("t-o-k-e-n"))
    return SESSION


async def _make(service: str, client: Any, given: str) -> Any:
    try:
        return await _MAKERS[service](client, given)
    finally:
        await client.http.close()


async def _make_heygen(client: HeyGenClient, given: str) -> str:
    if given in ("nothing", "token") or given.startswith("fault:"):
        return UNKNOWN
    session = await client.new(avatar_id="Ann_Therapist_public")
    if given in ("starting", "live", "stopped"):
        await client.start(session.session_id)
    if given == "stopped":
        assert await client.stop(session.session_id)
    return session.session_id


async def _make_liveavatar(client: LiveAvatarClient, given: str) -> LiveAvatarToken:
    if given == "nothing" or given.startswith("fault:"):
        return LiveAvatarToken(session_id=UNKNOWN, session_token=Secret("none"))
    token = await client.create_token(sandbox=True, mode="LITE" if "LITE" in given else "FULL")
    if given == "full":
        await client.start(token)
        return await client.create_token(sandbox=True)
    if given in ("live", "stopped"):
        await client.start(token)
    if given == "stopped":
        assert await client.stop(token.session_id)
    return token


async def _make_kaltura(client: KalturaClient, given: str) -> KalturaSession:
    if given in ("nothing", "user-ks") or given.startswith("fault:"):
        return KalturaSession(session_id=UNKNOWN, token=Secret("none"))
    session = await client.create(avatar_id="64b1f0c2a1b2c3d4e5f60718")
    if given == "stopped":
        assert await client.end(session)
    return session


_MAKERS: dict[str, Any] = {
    "heygen": _make_heygen,
    "liveavatar": _make_liveavatar,
    "kaltura": _make_kaltura,
}


def same_request(row: dict[str, Any], request: httpx.Request) -> None:
    """Assert that `request` is the fixture's: method, path, scheme of authorisation, members."""
    assert request.method == row["method"]
    wanted_url = httpx.URL("http://host" + row["path"])
    assert request.url.path == wanted_url.path
    # Further parameters are allowed: the fixtures of some lists leave the paging out.
    assert set(wanted_url.params.multi_items()) <= set(request.url.params.multi_items())
    for name, value in row["request_headers"].items():
        sent = request.headers.get(name, "")
        if name == "Authorization":
            assert sent.split()[0] == value.split()[0]
        elif name == "Content-Type" and row["request_json"] is None and not request.content:
            continue  # a type of nothing
        else:
            assert sent.startswith(value), name
    wanted = row["request_json"]
    if wanted is None:
        return
    sent = json.loads(request.content)
    for name, value in wanted.items():
        if name not in NOT_OURS:
            assert _same(value, sent.get(name)), name


NOT_OURS = {"language"}
"""Members of bodies that others' SDKs send and we have no option for; and within members:"""
NOT_OURS_WITHIN = {"rate", "speed", "language", "context_id", "encoding"}


def _same(wanted: Any, sent: Any) -> bool:
    if not isinstance(wanted, dict) or not isinstance(sent, dict):
        return bool(wanted == sent)
    return all(wanted.get(name) == sent.get(name) for name in {*wanted, *sent} - NOT_OURS_WITHIN)


def multipart_fields(request: httpx.Request) -> dict[str, str]:
    """Field names of a multipart body, with the file's name and type, or the value."""
    boundary = re.search(r"boundary=(\S+)", request.headers["content-type"])
    assert boundary
    found = {}
    for part in request.content.split(b"--" + boundary[1].encode()):
        head, _, body = part.partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]+)"', head)
        if name:
            file = re.search(rb'filename="([^"]+)"', head)
            found[name[1].decode()] = (file[1] if file else body.strip()).decode()
    return found
