"""One WebSocket: what it takes, what it refuses, and that nothing of it grows."""

import asyncio

import pytest

from ipyavatar.media.socket_connection import (
    CLOSE_S,
    INTRODUCE_S,
    MAX_INTRODUCTION_BYTES,
    MAX_WAITING_BYTES,
    SocketConnection,
)
from tests.support.fakes.socket_client import SocketClient
from tests.support.virtual_time import run_virtual


class Door:
    """Lets everybody in, and listens."""

    def __init__(self, admits=True):
        self.admits = admits
        self.introduced = []
        self.heard = []
        self.inside = set()

    def make(self):
        return SocketConnection(self)

    def admit(self, connection):
        if self.admits:
            self.inside.add(connection)
        return self.admits

    def introduce(self, connection, text):
        self.introduced.append(text)
        connection.on_text = self.heard.append

    def forget(self, connection):
        self.inside.discard(connection)


def with_client(play, door=None, **options):
    """Run `play(door, client)` on virtual time."""

    async def go():
        at = door or Door()
        return await play(at, SocketClient(at.make, **options))

    return run_virtual(go())


def test_the_first_text_introduces_and_the_rest_is_heard():
    """In the order of their coming, whole and in pieces."""

    async def play(door, client):
        client.shake_hands()
        assert client.status == 101
        client.say("who I am")
        client.say("one")
        client.send(lambda: client.protocol.send_text(b"tw", fin=False))
        client.send(lambda: client.protocol.send_continuation(b"o", fin=True))
        assert client.connection.send_text('{"a": 1}')
        return door, client

    door, client = with_client(play)
    assert door.introduced == ["who I am"]
    assert door.heard == ["one", "two"]
    assert client.texts == [{"a": 1}]


@pytest.mark.parametrize("begins", ["nothing", "half a request", "a handshake"])
def test_who_does_not_introduce_itself_is_turned_away(begins):
    """Half-open, half asked, or open and silent."""

    async def play(door, client):
        if begins == "half a request":
            client.raw(b"GET / HTTP/1.1\r\nHost: ")
        elif begins == "a handshake":
            client.shake_hands()
        await asyncio.sleep(INTRODUCE_S - 0.1)
        assert not client.closed
        await asyncio.sleep(0.2)
        return door, client

    door, client = with_client(play)
    assert client.closed
    assert door.inside == set()


def test_one_that_has_introduced_itself_may_be_silent():
    """A hub ends the server of a user who does nothing: at rest nothing is said."""

    async def play(door, client):
        client.shake_hands()
        client.say("who I am")
        await asyncio.sleep(3600)
        return client

    assert not with_client(play).closed


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00" * 100 + b"\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 10_000 + b"\r\n",
        b"a" * 1_000_000,
    ],
    ids=["zeros", "a page", "a form", "ten thousand headers", "a megabyte"],
)
def test_what_is_no_websocket_is_closed(garbage):
    """At once, and nothing is raised."""

    async def play(door, client):
        client.raw(garbage)
        await asyncio.sleep(CLOSE_S + 0.1)
        return client

    assert with_client(play).closed


FRAMES_OF_GARBAGE = {
    "unmasked": b"\x81\x02hi",
    "reserved bits": b"\xf1\x80\x00\x00\x00\x00",
    "an unknown opcode": b"\x83\x80\x00\x00\x00\x00",
    "a length without end": b"\x81\xff\x7f" + b"\xff" * 7 + b"\x00" * 4,
    "bytes": b"\x82\x80\x00\x00\x00\x00",
    "no text": b"\x81\x82\x00\x00\x00\x00\xff\xfe",
}


@pytest.mark.parametrize("garbage", FRAMES_OF_GARBAGE.values(), ids=FRAMES_OF_GARBAGE)
def test_frames_of_garbage_end_their_connection_alone(garbage):
    """Also of one that was let in; what follows is nobody's."""

    async def play(door, client):
        client.shake_hands()
        client.say("who I am")
        client.raw(garbage)
        client.raw(b"\x81\x82\x00\x00\x00\x00hi")
        await asyncio.sleep(CLOSE_S + 0.1)
        return door, client

    door, client = with_client(play)
    assert client.closed
    assert door.inside == set()
    assert door.heard == []


ENDS = {
    "refused": lambda client: client.raw(FRAMES_OF_GARBAGE["bytes"]),
    "closed": lambda client: client.connection.close(),
}
LATE = {
    "pings": b"\x89\x80\x00\x00\x00\x00",
    "texts": b"\x81\x81\x00\x00\x00\x00x",
    "bytes": FRAMES_OF_GARBAGE["bytes"],
}


@pytest.mark.parametrize("late", LATE.values(), ids=LATE)
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_what_comes_after_our_close_gives_no_more_time(end, late):
    """It is cut off when it would have been."""

    async def play(door, client):
        client.shake_hands()
        end(client)
        for _ in range(4):
            client.raw(late)
            await asyncio.sleep(CLOSE_S * 0.3)
        return door, client

    door, client = with_client(play)
    assert client.closed
    assert door.inside == set()


def test_who_says_no_more_and_reads_nothing_is_cut_off():
    """What waits for it keeps nothing open."""

    async def play(door, client):
        client.shake_hands()
        client.say("who I am")
        client.reads = False
        client.connection.send_bytes(b"x" * 1000)
        client.connection.eof_received()
        assert not client.closed
        await asyncio.sleep(CLOSE_S + 0.1)
        return door, client

    door, client = with_client(play)
    assert client.closed
    assert door.inside == set()


def test_an_introduction_is_short():
    """Who is not known gets little memory."""

    async def play(door, client):
        client.shake_hands()
        client.say("x" * (MAX_INTRODUCTION_BYTES + 1))
        await asyncio.sleep(CLOSE_S + 0.1)
        return door, client

    door, client = with_client(play)
    assert door.introduced == []
    assert client.closed


def test_a_message_without_an_end_does_not_grow():
    """A million empty pieces are one empty text."""

    async def play(door, client):
        client.shake_hands()
        client.say("who I am")
        client.send(lambda: client.protocol.send_text(b"a", fin=False))
        for _ in range(1000):
            client.send(lambda: client.protocol.send_continuation(b"", fin=False))
        client.send(lambda: client.protocol.send_continuation(b"b", fin=True))
        return door

    assert with_client(play).heard == ["ab"]


def test_who_reads_nothing_is_cut_off():
    """What waits for it is bounded."""

    async def play(door, client):
        client.shake_hands()
        client.say("who I am")
        client.reads = False
        sent = 0
        while client.connection.send_bytes(b"x" * 100_000):
            sent += 1
        return door, client, sent

    door, client, sent = with_client(play)
    assert client.closed
    assert sent <= MAX_WAITING_BYTES / 100_000 + 1
    assert door.inside == set()


def test_one_too_many_is_gone_before_it_has_said_a_word():
    """Nothing of it is kept."""

    async def play(door, client):
        return client

    assert with_client(play, Door(admits=False)).closed


def test_the_end_is_told_once_by_whomever_it_came():
    """And nothing is sent after it."""

    async def play(door, client):
        ended = []
        client.shake_hands()
        client.say("who I am")
        client.connection.on_closed = lambda: ended.append(1)
        client.hang_up()
        client.connection.close()
        assert not client.connection.send_text("{}")
        return ended

    assert with_client(play) == [1]


def test_a_listener_that_raises_ends_nothing():
    """Its fault is logged, and the next text is heard."""

    async def play(door, client):
        heard = []

        def hear(text):
            heard.append(text)
            raise RuntimeError("a fault in it")

        client.shake_hands()
        client.say("who I am")
        client.connection.on_text = hear
        client.say("one")
        client.say("two")
        return heard, client

    heard, client = with_client(play)
    assert heard == ["one", "two"]
    assert not client.closed
