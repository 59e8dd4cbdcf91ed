"""Pages with foreign SDKs, served from one origin; the offline twin as a process beside them."""

from __future__ import annotations

import contextlib
import functools
import http.server
import itertools
import json
import pathlib
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import wave
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ipyavatar.engine.pcm import to_int16
from tests.support.faults import assert_faults_fired
from tests.support.patience import patient

if TYPE_CHECKING:
    from playwright.sync_api import Page

SDK = pathlib.Path(__file__).parents[1] / "sdk"
BUILD = SDK / "build"
KEY = "any-key"

CUT_MS = 1000
"""What was said is cut off in the page after this: the browser holds back up to half of it."""

Headers = dict[str, str]


class TwinProcess:
    """The twin, with live media loaded."""

    def __init__(self, process: subprocess.Popen[str], url: str, tls_port: int | None) -> None:
        self.process = process
        self.url = url
        self.tls_port = tls_port
        # HeyGen's SDK uses the host name, and browsers map names, not addresses.
        self.named_url = url.replace("127.0.0.1", "localhost")

    def call(self, method: str, path: str, body: Any = None, headers: Headers | None = None) -> Any:
        """One call with the key: status and JSON (or text) of the answer."""
        status, _, data = self.raw(
            method,
            path,
            b"" if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json", "X-Api-Key": KEY, **(headers or {})},
        )
        return status, json.loads(data or b"null")

    def raw(
        self, method: str, path: str, body: bytes, headers: Headers
    ) -> tuple[int, Headers, bytes]:
        request = urllib.request.Request(self.url + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read()

    def heygen(self, **more: Any) -> dict[str, Any]:
        """A started HeyGen session."""
        body = {"version": "v2", "avatar_id": "ava", "quality": "low", "video_encoding": "H264"}
        status, answer = self.call("POST", "/v1/streaming.new", {**body, **more})
        assert status == 200, answer
        data: dict[str, Any] = answer["data"]
        self.call("POST", "/v1/streaming.start", {"session_id": data["session_id"]})
        return data

    def say(self, session_id: str, text: str, kind: str = "repeat") -> None:
        body = {"session_id": session_id, "text": text, "task_type": kind}
        status, answer = self.call("POST", "/v1/streaming.task", body)
        assert status == 200, answer

    def stop(self, session_id: str) -> None:
        self.call("POST", "/v1/streaming.stop", {"session_id": session_id})

    def stop_all(self) -> None:
        """End every session that a test has left."""
        with contextlib.suppress(OSError):
            self.call("POST", "/_twin/clock", {"advance_s": 1e6})

    def viewer(self, session_id: str, identity: str) -> str:
        """The token of one more viewer."""
        _, answer = self.call("POST", "/_twin/token", {"room": session_id, "identity": identity})
        token: str = answer["token"]
        return token

    def state(self) -> Any:
        return self.call("GET", "/_twin/state")[1]


def open_sessions(twin: TwinProcess) -> list[str]:
    """The sessions that are open there."""
    return [session["id"] for session in twin.state()["sessions"] if session["ended_at"] is None]


@contextlib.contextmanager
def twin_process(*options: str, tls_port: int | None = None) -> Iterator[TwinProcess]:
    command = [sys.executable, "-m", "ipyavatar.twin", "--port", "0", "--warm", *options]
    if tls_port is not None:
        command += ["--tls-port", str(tls_port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"the twin did not start: {process.wait(5)}"
        twin = TwinProcess(process, json.loads(line)["url"], tls_port)
        yield twin
        if process.poll() is None:
            key = dict(itertools.pairwise(options)).get("--api-key", KEY)
            state = twin.call("GET", "/_twin/state", headers={"X-Api-Key": key})[1]
            assert_faults_fired(state)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        name, _, query = self.path.lstrip("/").partition("?")
        if not name.endswith(".html"):
            super().do_GET()
            return
        sdk = name.removesuffix(".html")
        scripts = ["/probe.js", *([query] if query else []), *([f"/{sdk}.js"] * (sdk != "plain"))]
        tags = "".join(f'<script src="{script}"></script>' for script in scripts)
        page = f'<!doctype html><meta charset="utf-8"><body>{tags}'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(page)

    def translate_path(self, path: str) -> str:
        name = path.lstrip("/")
        return str(SDK / "pages" / name if name == "probe.js" else BUILD / name)


@contextlib.contextmanager
def site() -> Iterator[str]:
    """`/NAME.html` has the probe and the SDK `NAME`; `?URL` puts one more script between them."""
    if not (BUILD / "heygen.js").exists():
        raise RuntimeError("The SDKs are not built: cd tests/sdk && npm ci && npm run build")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Probed:
    """What a page with the probe plays."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def js(self, expression: str, argument: Any = None) -> Any:
        return self.page.evaluate(expression, argument)

    def now(self) -> float:
        return float(self.js("performance.now()"))

    def until(self, expression: str, seconds: float = 15) -> None:
        try:
            wait_ms = patient(seconds) * 1000
            self.page.wait_for_function(expression, timeout=wait_ms, polling=20)
        except Exception as error:
            told = self.js("[probe.events.map(e => e.name), probe.errors]")
            raise AssertionError(f"not within {seconds} s: {expression}; {told}") from error

    def plays(self, width: int, height: int) -> None:
        """Pictures of this size come, and there is something to see in them."""
        self.until(f"probe.picture()?.width === {width} && probe.picture().height === {height}")
        frames = self.js("probe.frames")
        self.until(f"probe.frames >= {frames} + 5")
        assert self.js("probe.picture()")["contrast"] > 15

    def audible(self, since: float, seconds: float = 15) -> float:
        """Milliseconds from `since` until it is heard."""
        self.until(f"probe.loud({since}).length > 5", seconds)
        return float(self.js(f"probe.loud({since})[0]")) - since

    def falls_silent(self, since: float, within_ms: float = CUT_MS) -> float:
        """Milliseconds from `since` until the last sound; must be fewer, and stay so for 1.2 s."""
        self.page.wait_for_timeout(within_ms + 1200)
        loud = self.js(f"probe.loud({since})")
        last = (loud[-1] - since) if loud else 0.0
        assert last < within_ms, f"still loud {last:.0f} ms later"
        return float(last)

    def names(self) -> list[str]:
        found: list[str] = self.js("probe.events.map(e => e.name)")
        return found

    def first(self, name: str, seconds: float = 15) -> Any:
        self.until(f"probe.named('{name}').length > 0", seconds)
        return self.js(f"probe.named('{name}')[0]")


def speech_wav(path: pathlib.Path, *, rate: int = 48_000) -> None:
    """A file that sounds like somebody who speaks for 2 s and pauses for 2: a buzz in syllables."""
    times = np.arange(rate * 2) / rate
    buzz = sum(np.sin(2 * np.pi * 140 * n * times) / n for n in range(1, 12))
    syllables = np.clip(np.sin(2 * np.pi * 2.5 * times) + 0.8, 0, 1)
    sound = np.concatenate([0.25 * buzz * syllables, np.zeros(rate * 2)])
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(to_int16(sound).tobytes())


def wait_until(condition: Any, seconds: float, what: str) -> None:
    begin = time.monotonic()
    while not condition():
        assert time.monotonic() - begin < patient(seconds), f"not within {seconds} s: {what}"
        time.sleep(0.05)
