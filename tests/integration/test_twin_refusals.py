"""Websockets that come to nothing leave no line in the log, whatever serves the twin."""

import asyncio
import contextlib
import logging
import socket
import threading

import httpx
import pytest
import uvicorn
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from ipyavatar.twin import TwinSettings
from tests.integration.test_twin_process import lite_session, new, twin
from tests.support.faults import create_app
from tests.support.loopback import http
from tests.support.processes import until

NOWHERE = ("/nowhere", "/", "/v1/sessions", "/rtc/validate")
REFUSED = (
    "/rtc",
    "/rtc?access_token=a.b.c",
    "/rtc/v1?access_token=x",
    "/v1/lite/x",
    "/v2-alpha/interactive-avatar/session/x",
    "/v1/ws/streaming.chat?session_id=x",
)
UPGRADE = (
    "GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


async def status_of(port: int, path: str, host: str = "127.0.0.1", **more) -> int:
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"ws://{host}:{port}{path}", host="127.0.0.1", port=port, proxy=None, **more)
    return refused.value.response.status_code


async def be_refused(port: int) -> set[int]:
    """In every way there is; the statuses."""
    found = {await status_of(port, path) for path in (*NOWHERE, *REFUSED)}
    return found | {await status_of(port, path, "rebound.example") for path in REFUSED}


def address(url: str) -> tuple[str, int]:
    where = httpx.URL(url)
    return where.host, where.port


def test_a_refused_websocket_is_quiet():
    """`twin` asserts that nothing is on standard error."""
    with twin("--no-rtc-v1") as (url, _):
        assert asyncio.run(be_refused(address(url)[1])) == {401, 403, 404}


def test_more_websockets_than_are_served_are_quiet():
    async def go(port: int, ws_url: str) -> int:
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(200):
                await stack.enter_async_context(connect(ws_url, proxy=None))
            return await status_of(port, "/rtc")

    with twin() as (url, _):
        ws_url, _ = lite_session(url)
        assert asyncio.run(go(address(url)[1], ws_url)) == 503


@pytest.mark.parametrize("ready", [True, False], ids=["refused", "accepted"])
def test_a_client_that_goes_in_the_middle_of_the_handshake_is_quiet(ready):
    """Some go before an answer, some while it is written, some by a reset."""
    with twin() as (url, _):
        paths = [*REFUSED, *NOWHERE] if ready else [httpx.URL(lite_session(url)[0]).path]
        for number in range(200):
            with socket.create_connection(address(url)) as client:
                client.sendall(UPGRADE.format(paths[number % len(paths)]).encode())
                if number % 3 == 0:  # the end of it is a reset
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes([1, *[0] * 7]))
                elif number % 3 == 1:
                    client.shutdown(socket.SHUT_WR)
        assert http.get(f"{url}/_twin/state").status_code == 200


def test_a_client_that_goes_while_live_media_load_is_quiet():
    """The first client of a room waits a second for them."""
    with twin() as (url, _):
        path = f"/rtc?access_token={new(url).json()['data']['access_token']}"
        with socket.create_connection(address(url)) as client:
            client.sendall(UPGRADE.format(path).encode())
        until(lambda: http.get(f"{url}/_twin/state").json()["rooms"] != {}, 30, "they are there")


def test_it_is_quiet_in_a_server_of_others(caplog):
    """Who mounts the twin in a server of their own does not have ours."""
    app = create_app(TwinSettings())
    config = uvicorn.Config(app, port=0, ws="websockets-sansio", lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    with caplog.at_level(logging.WARNING):
        thread.start()
        until(lambda: server.started, 10, "it serves")
        port = server.servers[0].sockets[0].getsockname()[1]
        assert asyncio.run(be_refused(port)) == {401, 403, 404}
        server.should_exit = True
        thread.join(10)
    assert [r.getMessage() for r in caplog.records if r.name.startswith("uvicorn")] == []


def test_why_a_websocket_is_refused_is_said():
    """Of a session that is over, nobody is told that the key is wrong."""

    async def go(port: int, *paths: str) -> list[tuple[int, str]]:
        said = []
        for path in paths:
            with pytest.raises(InvalidStatus) as refused:
                await connect(f"ws://127.0.0.1:{port}{path}", proxy=None)
            answer = refused.value.response
            said.append((answer.status_code, answer.body.decode()))
        return said

    with twin() as (url, _):
        over, bearer = lite_session(url)
        http.post(f"{url}/v1/sessions/stop", headers=bearer).raise_for_status()
        session = new(url).json()["data"]["session_id"]
        fault = {"kind": "503", "call": "chat_ws", "skip": 2, "times": 1}
        http.post(f"{url}/_twin/faults", json=fault).raise_for_status()
        chat = "/v1/ws/streaming.chat?session_token=x&session_id="
        paths = [httpx.URL(over).path, "/v1/lite/x", f"{chat}x", *[f"{chat}{session}"] * 2]
        assert asyncio.run(go(address(url)[1], *paths)) == [
            (404, "Session is not active"),
            (404, "Session not found"),
            (404, "session not found"),
            (401, "Unauthorized"),
            (503, "refused by a fault"),
        ]
