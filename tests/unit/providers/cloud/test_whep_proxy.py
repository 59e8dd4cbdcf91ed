"""WHEP: what each answer means, and that what was opened is closed."""

import asyncio

import httpx
import pytest

from ipyavatar.core.secret import Secret
from ipyavatar.errors import MediaError
from ipyavatar.providers.cloud.whep_proxy import ViewerGone, WhepProxy

URL = Secret("https://srs.example/rtc/v1/whep/?app=app&stream=s-e-c-r-e-t")


class Server:
    """Answers every offer the same way, and keeps what it was asked."""

    def __init__(self, status=201, text="v=0\r\n", location="/rtc/v1/whep/view/1"):
        self.asked = []
        self.answer = (status, text, {"location": location} if location else {})

    def __call__(self):
        return httpx.MockTransport(self._handle)

    def _handle(self, request):
        self.asked.append((request.method, str(request.url)))
        if request.method == "DELETE":
            return httpx.Response(200)
        assert request.headers["content-type"] == "application/sdp"
        assert "authorization" not in request.headers
        status, text, headers = self.answer
        if status == 0:
            raise httpx.ConnectError("no route", request=request)
        return httpx.Response(status, text=text, headers=headers)


def offer(server, *peers):
    async def go():
        relay = WhepProxy(server)
        for peer in peers:
            await relay.offer(URL, peer, "v=0")
        await relay.close()
        await relay.close()

    asyncio.run(go())


def test_what_was_opened_is_closed_before_the_next_and_at_the_end():
    """There is room for one viewer."""
    server = Server()
    offer(server, "a", "b")
    place = "https://srs.example/rtc/v1/whep/view/1"
    methods = [method for method, _ in server.asked]
    assert methods == ["POST", "DELETE", "POST", "DELETE"]
    assert server.asked[1][1] == place


@pytest.mark.parametrize(
    "location",
    [
        "https://elsewhere.example/x",
        "http://srs.example/x",
        "",
        "http://[",
        "//[::1",
        "https://x:y",
    ],
)
def test_a_location_on_another_server_is_not_called(location):
    """Nobody makes us call a stranger."""
    server = Server(location=location)
    offer(server, "a")
    assert [method for method, _ in server.asked] == ["POST"]


@pytest.mark.parametrize(
    ("status", "text", "said"),
    [
        (404, "", "no such stream"),
        (410, "", "no such stream"),
        (409, "busy", "one page"),
        (415, "", "does not take this browser"),
        (400, "", "does not take this browser"),
        (503, "", "overloaded"),
        (429, "", "overloaded"),
        (302, "", "HTTP 302"),
        (200, "v=0", "HTTP 200"),
        (201, "<html>", "not with a stream"),
        (201, "", "not with a stream"),
        (201, "v=0" + "x" * 300_000, "not with a stream"),
        (0, "", "cannot be reached"),
    ],
)
def test_every_refusal_is_told_in_words_without_the_address(status, text, said):
    """A 404 is a kind of its own: the session may be over."""
    with pytest.raises(MediaError, match=said) as refused:
        offer(Server(status, text), "a")
    assert isinstance(refused.value, ViewerGone) == (status in (404, 410))
    assert "s-e-c-r-e-t" not in repr(refused.value) + str(refused.value.__cause__)


def test_an_answer_without_an_end_is_read_no_further_than_it_can_be_used():
    """A stream's server that does not stop sending must not fill the memory."""
    sent = []

    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self):
            while True:
                sent.append(1)
                yield b"v=0" + b"x" * 10_000

    def server():
        return httpx.MockTransport(lambda _: httpx.Response(201, stream=Endless()))

    with pytest.raises(MediaError, match="not with a stream"):
        offer(server, "a")
    assert len(sent) < 50
