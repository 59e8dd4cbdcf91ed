"""What is hardly HTTP any more is answered in words, and leaves no traceback in the twin."""

import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import httpx
import pytest

from tests.integration.test_twin_flood import Twin, running

LIST = "/v1/streaming.list"
NEW = b"POST /v1/streaming.new HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture(scope="module")
def served() -> Iterator[Twin]:
    with running("--api-key", "k") as twin:
        yield twin
        assert twin.serves()
        assert b"Traceback" not in b"\n".join(twin.lines())


def exchange(twin: Twin, *sent: bytes) -> bytes:
    """Everything that comes back, until the twin closes the connection."""
    with socket.create_connection((httpx.URL(twin.url).host, httpx.URL(twin.url).port), 10) as line:
        for piece in sent:
            line.sendall(piece)
            time.sleep(0.2)
        back = b""
        while more := line.recv(65_536):
            back += more
    return back


def status_and_message(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.rpartition(b"\r\n\r\n")
    told = json.loads(body)
    assert told["error"]["message"] == told["message"]
    return int(head.rpartition(b"HTTP/1.1 ")[2][:3]), told["message"]


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (b"GET / HTTP/1.1\r\nX-Api-Key: k\r\n\r\n", "Host"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", "Host"),
        (b"GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", "Host"),
        (NEW + b"Content-Length: -1\r\n\r\n", "Content-Length"),
        (b"hello\r\n\r\n", "request line"),
        (NEW + b"X-Api-Key: k\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "chunk"),
    ],
)
def test_what_is_wrong_with_a_request_is_said(served: Twin, request_: bytes, words: str) -> None:
    status, message = status_and_message(exchange(served, request_))
    assert status == 400
    assert words in message


def test_http_1_0_needs_no_host(served: Twin) -> None:
    """It is for the address it came to, which is in the addresses that it is answered, too."""
    bare = f"GET {LIST} HTTP/1.0\r\nX-Api-Key: k\r\n\r\n".encode()
    assert b"HTTP/1.1 200" in exchange(served, bare)
    version = b'{"version": "v2"}'
    new = f"POST /v1/streaming.new HTTP/1.0\r\nX-Api-Key: k\r\nContent-Length: {len(version)}\r\n"
    data = json.loads(exchange(served, new.encode() + b"\r\n" + version).rpartition(b"\r\n\r\n")[2])
    assert data["data"]["url"] == served.url.replace("http", "ws", 1)


def test_nonsense_behind_a_refusal_is_no_traceback(served: Twin) -> None:
    """The refusal was sent before the body, which turns out to be none."""
    answer = exchange(served, NEW + b"Transfer-Encoding: chunked\r\n\r\n", b"zz\r\nxx\r\n")
    assert status_and_message(answer)[0] == 401


def test_what_is_wrong_with_a_head_is_told_without_a_body(
    served: Twin, caplog: pytest.LogCaptureFixture
) -> None:
    head = b"HEAD / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert exchange(served, head + b"zz\r\n").startswith(b"HTTP/1.1 400")
    assert [record for record in caplog.records if record.exc_info] == []


def test_a_client_that_sends_all_before_it_looks_gets_its_415(served: Twin) -> None:
    headers = {"X-Api-Key": "k", "Content-Encoding": "gzip"}
    request = urllib.request.Request(f"{served.url}/v1/streaming.new", b"x" * 3_000_000, headers)
    with pytest.raises(urllib.error.HTTPError, match="415"):
        urllib.request.urlopen(request, timeout=20)
