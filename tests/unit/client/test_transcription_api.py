"""Speech recognition behind an address, against a server on this machine."""

import asyncio
import contextlib
import http.server
import io
import json
import threading
import wave

import numpy as np
import pytest

from ipyavatar.client.transcription_api import TranscriptionApi
from ipyavatar.errors import (
    AuthenticationError,
    BadAnswer,
    InvalidArgument,
    NoAnswer,
    RateLimited,
    RequestRefused,
    ServiceUnavailable,
)

KEY = "sk-very-secret-key-0123456789"
SOUND = np.linspace(-1, 1, 1600, dtype=np.float32)


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.requests.append((self.path, self.headers, body))
        status, data = self.server.answer
        self.send_response(status)
        self.send_header("content-length", str(len(data) + self.server.cut))
        self.end_headers()
        self.wfile.write(data)


@contextlib.contextmanager
def serving(status=200, body=b'{"text": "Hello there.", "usage": {}}', *, cut=0):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.answer, server.requests, server.cut = (status, body), [], cut
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def ask(api, **more):
    return asyncio.run(api(SOUND, **more))


def part(body, name):
    """What stands in a part of a multipart body."""
    rest = body.split(f'name="{name}"'.encode())[1]
    return rest.split(b"\r\n\r\n", 1)[1].split(b"\r\n--")[0]


@pytest.mark.parametrize("path", ["", "/v1", "/v1/", "/v1/audio/transcriptions"])
def test_the_sound_goes_there_as_a_file(path):
    """With the key, the model and the language; the text comes back."""
    with serving() as server:
        api = TranscriptionApi(server.url + path, model="m", api_key=KEY)
        assert ask(api, language="de") == "Hello there."
        ((path, headers, body),) = server.requests
    assert path == "/v1/audio/transcriptions"
    assert headers["authorization"] == f"Bearer {KEY}"
    assert (part(body, "model"), part(body, "language")) == (b"m", b"de")
    with wave.open(io.BytesIO(part(body, "file"))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16_000)
        assert file.getnframes() == len(SOUND)


def test_without_a_key_none_is_sent(monkeypatch):
    monkeypatch.delenv("IPYAVATAR_TRANSCRIPTION_KEY", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)  # is for OpenAI's address
    with serving() as server:
        ask(TranscriptionApi(server.url))
        ((_, headers, body),) = server.requests
    assert "authorization" not in headers
    assert b'name="language"' not in body


def test_the_key_may_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("IPYAVATAR_TRANSCRIPTION_KEY", KEY)
    with serving() as server:
        ask(TranscriptionApi(server.url))
        assert server.requests[0][1]["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, b"no " + KEY.encode(), AuthenticationError),
        (403, b"", AuthenticationError),
        (404, b"<html>", RequestRefused),
        (429, b"slow", RateLimited),
        (500, b"oops", ServiceUnavailable),
        (302, b"", RequestRefused),
        (200, b"<html>", BadAnswer),
        (200, b'{"text": 7}', BadAnswer),
        (200, b'{"error": "x"}', BadAnswer),
        (200, b"", BadAnswer),
        (200, b"x" * 2_000_000, BadAnswer),
        (200, b"[" * 100_000, BadAnswer),
    ],
)
def test_what_is_no_transcription_is_an_error_without_the_key(status, body, kind):
    with serving(status, body) as server:
        api = TranscriptionApi(server.url, api_key=KEY)
        with pytest.raises(kind) as caught:
            ask(api)
    assert KEY not in f"{caught.value!s} {caught.value!r}"
    assert len(str(caught.value)) < 2000


def test_where_nobody_is_there_it_says_so():
    with serving() as server:
        url = server.url
    with pytest.raises(NoAnswer, match="cannot be reached") as caught:
        ask(TranscriptionApi(url))
    assert caught.value.fix == "Start what is to listen there, or correct its address."


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b'{"text": "Hi", "segments": [{"avg_logprob": NaN, "end": -Infinity}]}'),
        (201, b'{"text": "Hi"}'),
    ],
)
def test_a_text_is_not_lost_by_what_stands_beside_it(status, body):
    """Servers of Whisper write numbers that JSON does not have."""
    with serving(status, body) as server:
        assert ask(TranscriptionApi(server.url)) == "Hi"


def test_an_answer_that_breaks_off_is_not_called_out_of_reach():
    with serving(cut=10) as server, pytest.raises(NoAnswer, match="broke off") as caught:
        ask(TranscriptionApi(server.url))
    assert caught.value.sent


@pytest.mark.parametrize("more", [{"model": ""}, {"model": 7}, {"api_key": 7}, {"api_key": "a b"}])
def test_what_cannot_work_is_refused_at_once(more):
    with pytest.raises(InvalidArgument):
        TranscriptionApi("http://127.0.0.1:1", **more)


def test_it_does_not_show_its_key():
    api = TranscriptionApi("http://127.0.0.1:1", api_key=KEY)
    assert KEY not in f"{api!r} {vars(api)}"
    assert json.dumps(repr(api))
