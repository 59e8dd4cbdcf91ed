"""The twin under more clients than it can serve: they cost little, and others are served."""

import contextlib
import json
import resource
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

import httpx
import psutil
import pytest

from tests.support.loopback import http
from tests.support.processes import until

CLIENTS = 1_100
"""More than the twin has descriptors for, which is what it is given."""
DESCRIPTORS = 1_024

END_S = 12.0
"""Of a twin that is told to end, on a machine that has much else to do; by itself it takes one."""

POST = b"POST /v1/streaming.new HTTP/1.1\r\nHost: 127.0.0.1\r\n"
UPGRADE = (
    b"GET /rtc?access_token=x HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
    b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
)
HALVES = {
    "nothing": b"",
    "headers-without-end": POST + b"X-Api-Key: k\r\nX-",
    "body-that-never-comes": POST + b"X-Api-Key: k\r\nContent-Length: 1000000\r\n\r\n{",
    "body-without-key": POST + b"Content-Length: 1000000\r\n\r\n{",
    "upgrade-without-end": UPGRADE,
    "upgrade-refused": UPGRADE + b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    "garbage": b"\x16\x03\x01\x00\xff" * 20 + b"\r\n\r\n",
    "headers-without-limit": POST + b"X: " + b"x" * 100_000,
}


class Twin:
    def __init__(self, process: subprocess.Popen, url: str, errors) -> None:
        self.process, self.url, self.errors = process, url, errors
        self.cpu = psutil.Process(process.pid)

    def cpu_s(self) -> float:
        times = self.cpu.cpu_times()
        return times.user + times.system

    def serves(self, timeout: float = 20.0) -> bool:
        answer = http.get(
            f"{self.url}/v1/streaming.list", headers={"X-Api-Key": "k"}, timeout=timeout
        )
        return answer.status_code == 200

    def end(self) -> float:
        """SIGTERM; returns the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0
        return time.monotonic() - began

    def lines(self) -> list[bytes]:
        self.errors.seek(0)
        return self.errors.read().splitlines()


@contextlib.contextmanager
def running(*options: str) -> Iterator[Twin]:
    command = [sys.executable, "-m", "ipyavatar.twin", "--port", "0", *options]
    with tempfile.TemporaryFile() as errors:
        with descriptors(DESCRIPTORS):
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
        try:
            yield Twin(process, json.loads(process.stdout.readline())["url"], errors)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


@contextlib.contextmanager
def descriptors(count: int) -> Iterator[None]:
    """This process, and what it starts, may have so many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        pytest.skip(f"this machine lets a process have {hard} descriptors, and {count} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextlib.contextmanager
def clients(port: int, says: bytes, count: int = CLIENTS) -> Iterator[list[socket.socket]]:
    """That many, each of which says this and waits."""
    with descriptors(CLIENTS + 500), contextlib.ExitStack() as stack:
        found = []
        for _ in range(count):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), 10))
            with contextlib.suppress(ConnectionError):
                client.sendall(says)
            found.append(client)
        yield found


def port_of(url: str) -> int:
    port = httpx.URL(url).port
    assert port
    return port


@pytest.mark.parametrize("half", HALVES)
def test_eleven_hundred_halves_cost_little_and_others_are_served(half):
    """CPU stays low, standard error short, others are served, and SIGTERM ends it."""
    with running() as twin, clients(port_of(twin.url), HALVES[half]):
        assert twin.serves()
        before, began = twin.cpu_s(), time.monotonic()
        while time.monotonic() - began < 3.0:
            assert twin.serves()
            time.sleep(0.1)
        used = (twin.cpu_s() - before) / (time.monotonic() - began)
        took = twin.end()
        lines = twin.lines()
    print(f"{half}: {used:.0%} of a core, {len(lines)} lines, ended in {took:.1f} s")
    assert used < 0.3
    assert len(lines) < 10, lines[:10]
    assert took < END_S


def test_a_byte_at_a_time_does_not_keep_a_place():
    """Whoever trickles its headers is given up in time, however often it says something."""
    with running() as twin, clients(port_of(twin.url), POST, 50) as slow:
        waiting = set(slow)

        def all_given_up() -> bool:
            for client in tuple(waiting):
                client.setblocking(False)
                try:
                    client.send(b"X")
                    if client.recv(4096) == b"":
                        waiting.discard(client)
                except BlockingIOError:
                    pass
                except ConnectionError:
                    waiting.discard(client)
            time.sleep(0.2)
            return not waiting

        assert until(all_given_up, 20, "slow clients are given up") > 5
        assert twin.serves()
        assert twin.end() < END_S


def test_one_that_never_reads_its_answers_is_given_up():
    """A client that asks again and again without reading does not hold its place."""
    with running() as twin:
        ask = b"GET /_twin/state HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect(("127.0.0.1", port_of(twin.url)))
            deaf.settimeout(0.2)

            def given_up() -> bool:
                try:
                    deaf.sendall(ask * 50)
                except TimeoutError:
                    return False
                except ConnectionError:
                    return True
                return False

            until(given_up, 45, "the deaf one is given up")
        assert twin.serves()
        assert twin.end() < END_S


def test_a_websocket_that_is_never_read_is_given_up():
    """A client that asks and does not read holds no memory, and its place for a while only."""
    with running() as twin:
        key = {"X-Api-Key": "k"}
        asked = {"mode": "LITE", "avatar_id": "a"}
        made = http.post(f"{twin.url}/v1/sessions/token", json=asked, headers=key).json()["data"]
        bearer = {"Authorization": f"Bearer {made['session_token']}"}
        started = http.post(f"{twin.url}/v1/sessions/start", headers=bearer).json()["data"]
        upgrade = UPGRADE.replace(b"/rtc?access_token=x", httpx.URL(started["ws_url"]).raw_path)
        before = twin.cpu.memory_info().rss
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect(("127.0.0.1", port_of(twin.url)))
            deaf.sendall(upgrade + b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
            assert deaf.recv(12) == b"HTTP/1.1 101"
            deaf.settimeout(0.2)
            # A masked text frame of two bytes, which is answered with an error.
            frames = b"\x81\x82\x00\x00\x00\x00{}" * 1000

            def given_up() -> bool:
                try:
                    deaf.sendall(frames)
                except TimeoutError:
                    return False
                except ConnectionError:
                    return True
                return False

            took = until(given_up, 60, "the deaf one is given up")
        assert took > 5
        assert twin.cpu.memory_info().rss - before < 20e6
        assert twin.serves()
        assert twin.end() < END_S


def test_places_held_by_whole_requests_are_bounded_and_cost_nothing():
    """Calls that the twin is working for keep their place, and newcomers get what is left."""
    say = b"GET /v1/streaming.list HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Api-Key: k\r\n\r\n"
    with running() as twin:
        fault = {"kind": "hang", "call": "list"}
        http.post(f"{twin.url}/_twin/faults", json=fault).raise_for_status()
        with clients(port_of(twin.url), say):
            before, began = twin.cpu_s(), time.monotonic()
            time.sleep(2)
            used = (twin.cpu_s() - before) / (time.monotonic() - began)
        http.delete(f"{twin.url}/_twin/faults", timeout=20).raise_for_status()
        assert twin.serves(20)
        took, lines = twin.end(), twin.lines()
    print(f"{used:.0%} of a core, {len(lines)} lines, ended in {took:.1f} s")
    assert used < 0.3
    assert len(lines) < 10, lines[:10]
    assert took < END_S


@pytest.mark.skipif(sys.platform != "linux", reason="needs prlimit")
def test_without_descriptors_it_waits_and_goes_on():
    """A connection that cannot be accepted is one line, no busy core, and served afterwards."""
    with running() as twin:
        pid, files = twin.process.pid, twin.cpu.num_fds()
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (files, DESCRIPTORS))
        with socket.create_connection(("127.0.0.1", port_of(twin.url))) as client:
            until(twin.lines, 10, "it says that it cannot accept")
            before, began = twin.cpu_s(), time.monotonic()
            time.sleep(2)
            used = (twin.cpu_s() - before) / (time.monotonic() - began)
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
            client.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 200")
        took, lines = twin.end(), twin.lines()
    assert used < 0.3
    assert len(lines) == 1
    assert b"Too many open files" in lines[0]
    assert took < END_S


def test_tls_handshakes_that_never_come_are_bounded(unused_port):
    """Silent connections to the TLS port cost no more than those to the other one."""
    with running("--tls-port", str(unused_port)) as twin, clients(unused_port, b""):
        assert twin.serves()
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        answer = httpx.get(f"https://127.0.0.1:{unused_port}/", verify=context, timeout=10)
        assert answer.status_code == 200
        assert twin.end() < END_S
        assert len(twin.lines()) < 10


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]
