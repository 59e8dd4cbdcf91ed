"""Who is let in past the kernel, and who is not."""

import asyncio

import pytest

from ipyavatar.errors import MediaError
from ipyavatar.media.socket_connection import CLOSE_S
from ipyavatar.media.socket_server import INVITED_S, MOST_TRIES, MOST_UNKNOWN, SocketServer
from tests.support.fakes.socket_client import SocketClient
from tests.support.virtual_time import VirtualClock, run_virtual

PAGE = "https://hub.example"


class Port:
    """Stands for what listens."""

    sockets = ()

    def __init__(self):
        self.sockets = [self]
        self.make = None
        self.open = True
        self.free = True
        self.listening = 0
        self.opened = asyncio.Event()
        self.opened.set()

    def getsockname(self):
        return "127.0.0.1", 40_000

    def close(self):
        self.open = False

    async def listen(self, make):
        if not self.free:
            raise OSError(24, "Too many open files")
        await self.opened.wait()
        self.make = make
        self.listening += 1
        return self


class House:
    """A server, its port, and who was let in."""

    def __init__(self):
        self.port = Port()
        self.server = SocketServer(VirtualClock(), self.port.listen)
        self.inside = []

    async def invite(self, peer="p.1", origin=PAGE):
        port, token = await self.server.invite(peer, origin, self.inside.append)
        assert port == 40_000
        return token.reveal()

    def come(self, token, peer="p.1", origin=PAGE):
        client = SocketClient(self.port.make, origin=origin).shake_hands()
        client.say({"type": "open-socket", "page": "p", "peer": peer, "token": token})
        return client


def at_a_house(play):
    async def go():
        return await play(House())

    return run_virtual(go())


@pytest.mark.parametrize("origin", [PAGE, None], ids=["its own page", "no browser"])
def test_an_invited_page_is_let_in_once(origin):
    """The token is used up."""

    async def play(house):
        token = await house.invite()
        first = house.come(token, origin=origin)
        again = house.come(token, origin=origin)
        await asyncio.sleep(CLOSE_S + 0.1)
        return house, first, again

    house, first, again = at_a_house(play)
    assert house.inside == [first.connection]
    assert not first.closed
    assert again.closed


WRONG = {
    "a wrong token": lambda house, token: house.come("x" * len(token)),
    "part of a token": lambda house, token: house.come(token[:-1]),
    "no token": lambda house, token: house.come(""),
    "a token with half an emoji": lambda house, token: house.come("\ud83d"),
    "another's token": lambda house, token: house.come(token, peer="p.2"),
    "another page": lambda house, token: house.come(token, origin="https://evil.example"),
    "garbage": lambda house, token: say(house, "garbage"),
    "another message": lambda house, token: say(house, {"type": "stop"}),
    "a deep message": lambda house, token: say(house, "[" * 2000),
}


def say(house, content):
    client = SocketClient(house.port.make).shake_hands()
    client.say(content)
    return client


@pytest.mark.parametrize("who", WRONG)
def test_nobody_else_is(who):
    """And the page that is invited still is."""

    async def play(house):
        token = await house.invite()
        client = WRONG[who](house, token)
        await asyncio.sleep(CLOSE_S + 0.1)
        assert house.inside == []
        assert client.closed
        return not house.come(token).closed

    assert at_a_house(play)


def test_there_are_few_tries():
    """Then the right token is worth nothing, and the page asks for another."""

    async def play(house):
        token = await house.invite()
        for _ in range(MOST_TRIES):
            house.come("wrong")
        late = house.come(token)
        await asyncio.sleep(CLOSE_S + 0.1)
        assert late.closed
        return not house.come(await house.invite()).closed

    assert at_a_house(play)


def test_who_asks_twice_has_one_invitation():
    """The answer to the first may come while the page asks again."""

    async def play(house):
        first, again = await house.invite(), await house.invite()
        assert first == again
        house.come(first)
        late = house.come(first)
        await asyncio.sleep(CLOSE_S + 0.1)
        assert late.closed
        return len(house.inside), await house.invite() != first

    assert at_a_house(play) == (1, True)


def test_an_invitation_ends_with_its_time_or_when_it_is_withdrawn():
    """Whichever is first."""

    async def play(house):
        late = await house.invite("p.1")
        await asyncio.sleep(INVITED_S + 1)
        withdrawn = await house.invite("p.2")
        house.server.withdraw("p.2")
        new = await house.invite("p.3")
        tried = [(late, "p.1"), (withdrawn, "p.2")]
        clients = [house.come(token, peer) for token, peer in tried]
        await asyncio.sleep(CLOSE_S + 0.1)
        assert all(client.closed for client in clients)
        return not house.come(new, "p.3").closed

    assert at_a_house(play)


def test_thousands_who_connect_are_few_at_a_time_and_go():
    """After them there is room for who is invited."""

    async def play(house):
        token = await house.invite()
        clients = [SocketClient(house.port.make) for _ in range(3000)]
        assert sum(not client.closed for client in clients) == MOST_UNKNOWN
        await asyncio.sleep(60)
        assert all(client.closed for client in clients)
        token = await house.invite()
        return not house.come(token).closed

    assert at_a_house(play)


def test_its_end_closes_all_and_listens_no_more():
    """Those who were let in, and those who were not."""

    async def play(house):
        clients = [house.come(await house.invite()), SocketClient(house.port.make)]
        await house.server.close()
        await asyncio.sleep(CLOSE_S + 0.1)
        return house, clients

    house, clients = at_a_house(play)
    assert not house.port.open
    assert all(client.closed for client in clients)


def test_an_invitation_beside_its_end_is_none():
    """The port opens while it closes, and is closed."""

    async def play(house):
        house.port.opened.clear()
        asked = asyncio.ensure_future(house.invite())
        await asyncio.sleep(0)
        closing = asyncio.ensure_future(house.server.close())
        await asyncio.sleep(0)
        house.port.opened.set()
        await closing
        with pytest.raises(MediaError, match="let in any more"):
            await asked
        return house

    assert not at_a_house(play).port.open


def test_after_its_end_nobody_is_invited_or_let_in():
    """No port is opened that nobody would close, and who was on its way is turned away."""

    async def play(house):
        await house.invite()
        await house.server.close()
        listening, house.port.listening = house.port.listening, 0
        with pytest.raises(MediaError, match="let in any more"):
            await house.invite()
        assert SocketClient(house.port.make).closed
        return listening, house.port.listening

    assert at_a_house(play) == (1, 0)


def test_without_a_port_there_is_an_error_and_another_try():
    """Descriptors may be used up, for a while."""

    async def play(house):
        house.port.free = False
        with pytest.raises(MediaError, match="Too many open files"):
            await house.invite()
        house.port.free = True
        return await house.invite()

    assert at_a_house(play)
