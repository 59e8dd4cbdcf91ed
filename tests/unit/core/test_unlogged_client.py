"""What our HTTP client does is not logged, whoever logs and to the last connection's end."""

import ast
import asyncio
import contextlib
import logging
import pathlib

import httpx
import pytest

import ipyavatar
from ipyavatar.core.unlogged_client import UnloggedClient

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nword"
SOURCES = pathlib.Path(ipyavatar.__file__).parent


@contextlib.asynccontextmanager
async def server():
    """Answers on loopback, and keeps its connections; gives an address with a token."""

    async def serve(reader, writer):
        tasks.append(asyncio.current_task())
        while await reader.readline():
            await reader.readuntil(b"\r\n\r\n")
            writer.write(ANSWER)
        writer.close()
        await writer.wait_closed()

    tasks: list[asyncio.Task] = []
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/a-token"
        await asyncio.gather(*tasks)


async def ask_whole(client, url):
    await client.get(url)


async def read_a_part(client, url):
    async with client.stream("GET", url) as answer:
        async for part in answer.aiter_bytes(1):
            logging.getLogger("httpx").debug("of the reader: %s", part.decode())
            break


async def leave_unread(client, url):
    answer = await client.send(client.build_request("GET", url), stream=True)
    await answer.aclose()


async def live(kind, use):
    async with server() as url, kind(trust_env=False) as client:
        await use(client, url)


@pytest.mark.parametrize("use", [ask_whole, read_a_part, leave_unread])
@pytest.mark.parametrize("kind", [httpx.AsyncClient, UnloggedClient])
def test_nothing_is_logged_of_a_whole_life(caplog, use, kind):
    caplog.set_level(logging.DEBUG)
    asyncio.run(live(kind, use))
    logged = [r.getMessage() for r in caplog.records if r.name.startswith("http")]
    of_the_reader = [text for text in logged if text.startswith("of the reader")]
    assert len(of_the_reader) == (1 if use is read_a_part else 0)
    assert (len(logged) > len(of_the_reader)) == (kind is httpx.AsyncClient)


def test_a_connection_that_is_still_open_is_closed_in_silence(caplog):
    async def leave_it_open(kind):
        async with server() as url:
            client = kind(trust_env=False)
            await client.get(url)
            caplog.set_level(logging.DEBUG)
            await client.aclose()
            caplog.set_level(logging.WARNING)
        return "close.complete" in caplog.text

    assert not asyncio.run(leave_it_open(UnloggedClient))
    assert asyncio.run(leave_it_open(httpx.AsyncClient))


def test_calls_of_the_user_s_own_are_logged_as_ever(caplog):
    asyncio.run(live(UnloggedClient, ask_whole))
    caplog.set_level(logging.DEBUG)
    asyncio.run(live(httpx.AsyncClient, ask_whole))
    assert "a-token" in caplog.text


def clients_in(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {
            *(f"httpx.{name}" for name in ("AsyncClient", "Client", "get", "post", "stream")),
            "httpx.request",
        }:
            yield node.lineno


def test_the_package_has_no_other_client():
    assert list(clients_in(ast.parse("httpx.get('http://a')"))) == [1]
    found = [
        f"{path.relative_to(SOURCES)}:{line}"
        for path in SOURCES.rglob("*.py")
        for line in clients_in(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not found
