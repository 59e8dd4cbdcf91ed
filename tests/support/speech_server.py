"""An OpenAI-compatible speech address on loopback, in a thread: a tone, chunk by chunk."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

RATE = 24_000
CHUNK_S = 0.1


class SpeechServer:
    """What was asked for, and how it answers.

    Attributes:
        url: Its address.
        asked: The bodies of all requests.
        keys: The keys they came with.
        status: HTTP status of the next answers.
        seconds: Length of a sentence.
        pause_s: Between two chunks of sound.
        chunk_sent_at: `time.monotonic()` when the first chunk of the last answer was sent.
    """

    def __init__(self) -> None:
        self.asked: list[dict[str, object]] = []
        self.keys: list[str | None] = []
        self.status = 200
        self.seconds = 0.5
        self.pause_s = 0.0
        self.chunk_sent_at = 0.0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.asked.append(json.loads(body))
                outer.keys.append(self.headers.get("Authorization"))
                self.send_response(outer.status)
                self.send_header("Content-Type", "audio/pcm")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                tone = 0.3 * np.sin(2 * np.pi * 220 * np.arange(round(CHUNK_S * RATE)) / RATE)
                data = (tone * 32767).astype("<i2").tobytes()
                for number in range(round(outer.seconds / CHUNK_S)):
                    if number == 0:
                        outer.chunk_sent_at = time.monotonic()
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
                    self.wfile.flush()
                    time.sleep(outer.pause_s)
                self.wfile.write(b"0\r\n\r\n")

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1/audio/speech"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextlib.contextmanager
def speech_server() -> Iterator[SpeechServer]:
    server = SpeechServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()
