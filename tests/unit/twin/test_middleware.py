"""Which Host headers are served, and how many websockets."""

import asyncio
from urllib.parse import unquote

import pytest

from ipyavatar.twin.middleware import (
    AbsoluteTarget,
    HostCheck,
    OriginCheck,
    WebSocketLimit,
    is_host_allowed,
)
from ipyavatar.twin.origins import OriginPolicy


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8765", "localhost:1", "a.localhost", "[::1]:80", "10.0.0.7", "TWIN:1"],
)
def test_hosts_that_are_allowed(host: str) -> None:
    assert is_host_allowed(host, ["twin"])


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example",
     "127.0.0.1@evil.example", "[::1", "notlocalhost", "evil.example#localhost", "a b"],
)  # fmt: skip
def test_hosts_that_are_not_allowed(host: str) -> None:
    assert not is_host_allowed(host, ["twin"])


def reached(target: bytes, host: bytes = b"127.0.0.1") -> list[tuple[str, bytes]]:
    """Path and host that the app sees; none where the host is refused."""
    seen: list[tuple[str, bytes]] = []

    async def app(scope, receive, send) -> None:
        seen.append((scope["path"], dict(scope["headers"])[b"host"]))

    async def send(message) -> None:
        pass

    async def receive() -> dict[str, str]:
        return {"type": "http.request"}

    scope = {
        "type": "http",
        "path": unquote(target.decode()),
        "raw_path": target,
        "headers": [(b"host", host), (b"x", b"y")],
    }
    asyncio.run(AbsoluteTarget(HostCheck(app, []))(scope, receive, send))
    return seen


def test_a_target_in_absolute_form_is_served_by_its_own_host() -> None:
    """As a client sends it that takes us for its proxy; a foreign name stays a foreign one."""
    assert reached(b"http://127.0.0.1:1/v1/a%20b") == [("/v1/a b", b"127.0.0.1:1")]
    assert reached(b"HTTP://localhost", b"evil.example") == [("/", b"localhost")]
    assert reached(b"ws://[::1]:2/rtc") == [("/rtc", b"[::1]:2")]
    assert reached(b"http://evil.example/v1/a") == []
    assert reached(b"http://127.0.0.1@evil.example/v1/a") == []
    assert reached(b"http:///v1/a") == []
    assert reached(b"/http://x/v1") == [("/http://x/v1", b"127.0.0.1")]
    assert reached(b"http%3A//x/v1") == [("http://x/v1", b"127.0.0.1")]


def told(host: bytes | None, version: str = "1.1") -> tuple[int, str]:
    """The status and words of a refusal; 0 where it is served."""
    sent = [{"status": 0}]

    async def app(scope, receive, send) -> None:
        pass

    async def send(message) -> None:
        sent.append(message)

    headers = [] if host is None else [(b"host", host)]
    scope = {"type": "http", "http_version": version, "headers": headers, "server": ("::1", 80)}
    asyncio.run(AbsoluteTarget(HostCheck(app, []))({**scope, "raw_path": b"/"}, None, send))
    words = b"".join(message.get("body", b"") for message in sent).decode()
    return next(one["status"] for one in sent[::-1] if "status" in one), words


def test_a_host_that_is_refused_is_told_what_to_do() -> None:
    status, words = told(b"my-box.example:8765")
    assert status == 403
    assert "--allow-host my-box.example" in words
    assert "\x1b" not in told(b"evil\x1b[0m.example")[1]


def test_a_request_without_a_host_is_one_of_http_1_0_or_none() -> None:
    """That version knows no Host; every other one is told what is missing."""
    assert told(None, "1.0") == (0, "")
    for status, words in (told(None), told(b" "), told(b"", "1.0")):
        assert status == 400
        assert "Host" in words


def test_one_websocket_too_many_is_refused_until_one_has_ended() -> None:
    """It is told so with a status; calls over HTTP are not counted."""

    async def go() -> tuple[list[int], list[str]]:
        ends, served, statuses = asyncio.Event(), [], []

        async def app(scope, receive, send) -> None:
            served.append(scope["type"])
            if scope["type"] == "websocket":
                await ends.wait()

        async def receive() -> dict[str, str]:
            return {"type": "websocket.connect"}

        async def send(message) -> None:
            if "status" in message:
                statuses.append(message["status"])

        async def ask(kind: str) -> None:
            extensions = {"websocket.http.response": {}}
            scope = {"type": kind, "headers": [], "extensions": extensions}
            await limit(scope, receive, send)

        limit = WebSocketLimit(app, limit=2)
        opened = [asyncio.ensure_future(ask("websocket")) for _ in range(2)]
        await asyncio.sleep(0)
        await ask("websocket")
        await ask("http")
        ends.set()
        await asyncio.gather(*opened)
        await ask("websocket")
        return statuses, served

    statuses, served = asyncio.run(go())
    assert statuses == [503]
    assert served == ["websocket", "websocket", "http", "websocket"]


@pytest.mark.parametrize(
    ("path", "what"), [("/_twin/state", "the twin's controls"), ("/v1/x", "this twin")]
)
def test_a_page_that_is_refused_is_told_what_it_may_not_use(path: str, what: str) -> None:
    """A page of this machine may use the services, but not the controls."""
    sent = []

    async def send(message) -> None:
        sent.append(message.get("body", b"").decode())

    origin = b"http://localhost:1" if path.startswith("/_twin") else b"https://evil.example"
    headers = [(b"origin", origin), (b"host", b"127.0.0.1:2")]
    scope = {"type": "http", "path": path, "scheme": "http", "headers": headers}
    asyncio.run(OriginCheck(None, OriginPolicy(frozenset()))(scope, None, send))
    assert f"may not use {what};" in "".join(sent)
