"""A language model behind a chat address, against a server on this machine."""

import asyncio
import contextlib
import http.server
import json
import threading

import pytest

from ipyavatar.client.chat_model import ChatModel
from ipyavatar.errors import (
    AuthenticationError,
    BadAnswer,
    InvalidArgument,
    NoAnswer,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
)

KEY = "sk-very-secret-key-0123456789"


def events(*bits):
    lines = [json.dumps({"choices": [{"delta": {"content": bit}}]}) for bit in bits]
    return "".join(f"data: {line}\n\n" for line in [*lines, "[DONE]"]).encode()


class ChatServer(http.server.ThreadingHTTPServer):
    """Answers as it is told.

    Attributes:
        requests: `(path, authorization, body)` of what came.
    """

    def __init__(
        self, status=200, kind="text/event-stream", body=b"", *, cut=False, encoding="identity"
    ):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = status, kind, body, cut, encoding
        self.requests = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def do_GET(self):
        self.reply(200, "application/json", b'{"data": [{"id": "first"}]}')

    def do_POST(self):
        length = int(self.headers["content-length"])
        body = json.loads(self.rfile.read(length))
        self.server.requests.append((self.path, self.headers.get("authorization"), body))
        self.reply(*self.server.answer)

    def reply(self, status, kind, body, cut=False, encoding="identity"):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-encoding", encoding)
        self.send_header("content-length", str(len(body) + cut))  # one byte never comes
        self.end_headers()
        self.wfile.write(body)


@contextlib.contextmanager
def serving(**options):
    with ChatServer(**options) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()


def ask(model, text="Why?", history=()):
    async def go():
        return [bit async for bit in model(text, history)]

    return asyncio.run(go())


def test_an_answer_comes_bit_by_bit_and_the_history_goes_along():
    with serving(body=events("Be", None, "cause.")) as server:
        history = [{"role": "system", "content": "Be short."}]
        bits = ask(ChatModel(server.url + "/v1/", model="m", api_key=KEY), history=history)
        path, authorization, body = server.requests[0]
    assert bits == ["Be", "", "cause."]
    assert (path, authorization) == ("/v1/chat/completions", f"Bearer {KEY}")
    assert body["messages"] == [*history, {"role": "user", "content": "Why?"}]
    assert (body["model"], body["stream"]) == ("m", True)


def test_without_a_model_the_first_of_the_server_is_asked():
    """And the usual path is taken where the address has none."""
    with serving(body=events("x")) as server:
        ask(ChatModel(server.url))
        path, authorization, body = server.requests[0]
    assert (path, authorization, body["model"]) == ("/v1/chat/completions", None, "first")


@pytest.mark.parametrize("empty", ["null", "{}", '""', "false"])
def test_a_place_for_errors_with_nothing_in_it_is_none(empty):
    body = b'data: {"error": %b, "choices": [{"delta": {"content": "Hi"}}]}\n\n' % empty.encode()
    with serving(body=body) as server:
        assert ask(ChatModel(server.url, model="m")) == ["Hi"]


def test_a_server_that_does_not_stream_is_understood():
    body = b'{"choices": [{"message": {"content": "Because."}}]}'
    with serving(kind="application/json", body=body) as server:
        assert ask(ChatModel(server.url, model="m")) == ["Because."]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"status": 401, "body": f'{{"error": "bad key {KEY}"}}'.encode()}, AuthenticationError),
        ({"status": 429}, RateLimited),
        ({"status": 503, "body": b"<html>"}, ServiceUnavailable),
        ({"status": 404, "body": b"no such model"}, ServiceError),
        ({"kind": "text/html", "body": b"<html>"}, BadAnswer),
        ({"body": b"data: {half\n\n"}, BadAnswer),
        ({"body": b'data: {"error": {"message": "overloaded"}}\n\n'}, ServiceError),
        ({"body": b'data: {"object": "error", "message": "overloaded"}\n\n'}, ServiceError),
        ({"kind": "application/json", "body": b'{"error": "no credits"}'}, ServiceError),
        ({"kind": "application/json", "body": b"{}"}, BadAnswer),
        ({"body": b"data: " + b"x" * 3_000_000}, BadAnswer),
        ({"status": 302}, ServiceError),
        ({"body": b"<html>"}, BadAnswer),
        ({"body": b""}, BadAnswer),
        ({"cut": True, "body": events("Hello").removesuffix(b"data: [DONE]\n\n")}, NoAnswer),
        ({"cut": True, "kind": "application/json", "body": b'{"cho'}, NoAnswer),
        ({"cut": True, "status": 500, "body": b"{"}, NoAnswer),
        ({"encoding": "gzip", "body": events("Hello")}, NoAnswer),
    ],
)
def test_what_goes_wrong_is_an_error_of_ours_without_the_key(options, error):
    with serving(**options) as server, pytest.raises(error) as failed:
        ask(ChatModel(server.url, model="m", api_key=KEY))
    assert KEY not in str(failed.value)
    assert failed.value.fix


def test_a_mark_of_encoding_is_no_part_of_the_answer():
    with serving(body=b"\xef\xbb\xbf" + events("Be", "cause.")) as server:
        assert ask(ChatModel(server.url, model="m")) == ["Be", "cause."]


def test_a_server_that_has_moved_is_not_followed_and_that_is_said():
    with serving(status=307) as server, pytest.raises(ServiceError) as failed:
        ask(ChatModel(server.url, model="m", api_key=KEY))
    assert failed.value.what.endswith("(HTTP 307).")
    assert "where it is now" in failed.value.fix


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 2", b"SSH-2.0-OpenSSH\r\n\r\n"])
def test_who_takes_the_call_and_does_not_answer_is_not_called_unreachable(said):
    """The question was sent."""

    async def hang_up(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        writer.close()

    async def go():
        async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
            model = ChatModel(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", model="m")
            return [bit async for bit in model("Why?")]

    with pytest.raises(NoAnswer, match="hung up before it answered") as failed:
        asyncio.run(go())
    assert failed.value.sent


def test_signs_that_end_lines_elsewhere_are_part_of_the_text():
    chunk = '{"choices": [{"delta": {"content": "one\u2028two\x85three"}}]}'
    with serving(body=f"data: {chunk}\r\n\r\n".encode(), kind="Text/Event-Stream") as server:
        assert "".join(ask(ChatModel(server.url, model="m"))) == "one\u2028two\x85three"


def test_halves_of_characters_are_not_sent():
    with serving(body=events("x")) as server:
        ask(ChatModel(server.url, model="m"), "a\ud800", [{"role": "system", "content": "\ud83d"}])
        messages = server.requests[0][2]["messages"]
    assert [one["content"] for one in messages] == [" ", "a "]


def test_a_server_that_is_not_there_is_named():
    with ChatServer() as server:
        url = server.url
    with pytest.raises(NoAnswer, match="refuses connections") as caught:
        ask(ChatModel(url, model="m"))
    assert caught.value.fix == "Start what is to listen there, or correct its address."


def test_the_key_shows_nowhere_and_an_address_is_checked():
    model = ChatModel("http://127.0.0.1:1/v1", api_key=KEY)
    assert KEY not in repr(model)
    assert KEY not in repr(vars(model))
    with pytest.raises(InvalidArgument):
        ChatModel("http://127.0.0.1:1/v1", model=7)
    for wrong in ("", "ftp://x", "http://user:pass@x/v1", 7):
        with pytest.raises(InvalidArgument) as refused:
            ChatModel(wrong)
        assert "pass@" not in str(refused.value)
