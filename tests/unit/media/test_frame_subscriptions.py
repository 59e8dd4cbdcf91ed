"""Frames by widget message or by a socket: one subscription, whose way changes."""

import asyncio

import pytest

from ipyavatar.engine.playout import PlayoutTimeline
from ipyavatar.media.frame_subscriptions import (
    HALF_OPEN_S,
    MOST_SUBSCRIPTIONS,
    FrameSubscriptions,
)
from ipyavatar.media.media_pump import MediaPump
from ipyavatar.media.socket_connection import CLOSE_S, MAX_WAITING_BYTES
from ipyavatar.media.socket_server import SocketServer
from ipyavatar.protocol.frames import Acknowledge, Frames, SocketGranted, Subscribe
from tests.support.fakes.socket_client import SocketClient
from tests.support.media import InlineExecutor, segment
from tests.support.virtual_time import VirtualClock, run_virtual

from .test_frame_carrier import NoiseSource
from .test_socket_server import PAGE, Port


class Pages:
    """Subscriptions of one avatar, and the pages that have them."""

    def __init__(self, **options):
        self.messages = []
        self.opened = []
        self.heard = []
        self.gone = []
        self.port = Port()
        self.timeline = PlayoutTimeline()
        self.pump = MediaPump(self.timeline, VirtualClock(), InlineExecutor(), lambda _: None)
        self.pump.set_frame_source(NoiseSource())
        self.pump.enable_audio()
        self.sockets = SocketServer(VirtualClock(), self.port.listen)
        self.all = FrameSubscriptions(self.pump, VirtualClock(), self.sockets, self, **options)
        self.on_page_opened = self.opened.append
        self.on_page_gone = self.gone.append

    def on_widget_message(self, message, buffers=()):
        self.messages.append((message, buffers))

    def on_page_text(self, page, text):
        self.heard.append((page, text))

    def by_message(self):
        """Numbers of the frames that came by widget message."""
        return [one.number for m, _ in self.messages if isinstance(m, Frames) for one in m.frames]

    async def come(self, peer="p.1", granted=None):
        """A page opens the socket that it was granted last."""
        await asyncio.sleep(0.01)
        if granted is None:
            granted = [m for m, _ in self.messages if isinstance(m, SocketGranted)][-1]
        client = SocketClient(self.port.make, origin=PAGE).shake_hands()
        token = granted.token.reveal()
        client.say({"type": "open-socket", "page": "p", "peer": peer, "token": token})
        return client

    async def close(self):
        await self.all.close()
        await self.sockets.close()
        await self.pump.close()


def numbers(client):
    return [one["number"] for message, _ in client.batches for one in message["frames"]]


def with_pages(play, **options):
    async def go():
        pages = Pages(**options)
        try:
            return await play(pages)
        finally:
            await pages.close()

    return run_virtual(go())


def test_frames_go_on_by_the_socket_where_it_opens_and_by_message_where_it_breaks():
    """Without a hole or a repetition in the numbers."""

    async def play(pages):
        pages.timeline.add(segment(3.0, hz=200))
        pages.all.open(Subscribe("p", "p.1", origin=PAGE))
        await asyncio.sleep(0.5)
        client = await pages.come()
        before = pages.by_message()
        await asyncio.sleep(0.5)
        assert pages.by_message() == before
        assert pages.opened == ["p"]
        client.hang_up()
        await asyncio.sleep(0.5)
        after = pages.by_message()[len(before) :]
        assert all(len(message["frames"]) == len(data) for message, data in client.batches)
        return before, numbers(client), after

    before, direct, after = with_pages(play)
    together = before + direct + after
    assert min(len(before), len(direct), len(after)) > 5
    assert together == list(range(1, len(together) + 1))


def test_who_asks_without_an_origin_is_granted_nothing():
    """There is no way past the kernel for that page."""

    async def play(pages):
        pages.all.open(Subscribe("p", "p.1"))
        await asyncio.sleep(1)
        return [m for m, _ in pages.messages if not isinstance(m, Frames)]

    assert with_pages(play) == []


def test_without_widget_messages_nothing_goes_before_the_socket_is_open():
    """It then begins with a picture that stands by itself."""

    async def play(pages):
        pages.all.open(Subscribe("p", "p.1", origin=PAGE))
        await asyncio.sleep(1.0)
        assert pages.by_message() == []
        client = await pages.come()
        await asyncio.sleep(0.2)
        return client.batches[0][0]["frames"]

    first, *_ = with_pages(play, by_messages=False)
    assert first["kind"] == "picture"
    assert first["key"]


def test_what_is_said_over_the_socket_goes_both_ways():
    """As over a data channel, and only to its page."""

    async def play(pages):
        pages.all.open(Subscribe("p", "p.1", origin=PAGE))
        client = await pages.come()
        client.say({"type": "interrupt"})
        assert pages.all.send_text("p", '{"hello": 1}')
        assert not pages.all.send_text("q", '{"hello": 2}')
        client.hang_up()
        assert not pages.all.send_text("p", '{"hello": 3}')
        return pages.heard, client.texts

    heard, told = with_pages(play)
    assert heard == [("p", '{"type": "interrupt"}')]
    assert told == [{"hello": 1}]


def test_a_page_that_asks_again_gets_another_socket_in_place_of_the_first():
    """The first may be half open, which only the page knows."""

    async def play(pages):
        request = Subscribe("p", "p.1", origin=PAGE)
        pages.all.open(request)
        first = await pages.come()
        first.hang_up()
        pages.all.open(request)
        second = await pages.come()
        await asyncio.sleep(1.0)
        return second

    assert numbers(with_pages(play))


def test_a_page_that_asks_anew_behind_a_half_open_socket_gets_its_frames_by_message_at_once():
    """Its machine has slept, and nobody has told us of the socket's end."""

    async def play(pages):
        request = Subscribe("p", "p.1", origin=PAGE)
        pages.timeline.add(segment(9.0, hz=200))
        pages.all.open(request)
        client = await pages.come()
        await asyncio.sleep(HALF_OPEN_S + 1.0)
        before = len(pages.by_message())
        pages.all.open(request)
        await asyncio.sleep(0.5)
        by_message = len(pages.by_message()) - before
        await asyncio.sleep(CLOSE_S)
        granted = [m for m, _ in pages.messages if isinstance(m, SocketGranted)]
        return client.closed, by_message, len(granted)

    closed, by_message, granted = with_pages(play)
    assert closed
    assert by_message > 5
    assert granted == 2


def test_what_a_page_asked_long_ago_ends_no_socket_that_it_answers_over():
    """A busy kernel passes it on late."""

    async def play(pages):
        request = Subscribe("p", "p.1", origin=PAGE)
        pages.timeline.add(segment(9.0, hz=200))
        pages.all.open(request)
        client = await pages.come()
        for _ in range(30):
            await asyncio.sleep(0.1)
            pages.all.acknowledge(Acknowledge("p", "p.1", max(numbers(client), default=0)))
        before = len(pages.by_message())
        pages.all.open(request)
        await asyncio.sleep(0.5)
        return client.closed, len(pages.by_message()) - before

    assert with_pages(play) == (False, 0)


def test_its_end_closes_the_socket_and_withdraws_what_was_granted():
    """Whoever comes later is not let in."""

    async def play(pages):
        pages.all.open(Subscribe("p", "p.1", origin=PAGE))
        client = await pages.come()
        pages.all.open(Subscribe("q", "q.1", origin=PAGE))
        await asyncio.sleep(0.01)
        granted = [m for m, _ in pages.messages if isinstance(m, SocketGranted)][-1]
        assert await pages.all.hang_up("p.1") == "p"
        assert await pages.all.hang_up("q.1") == "q"
        assert await pages.all.hang_up("q.1") == ""
        late = await pages.come("q.1", granted)
        await asyncio.sleep(2)
        assert pages.gone == []
        return client, late

    for client in with_pages(play):
        assert client.closed


def test_a_hostile_page_grows_nothing():
    """It asks without end, acknowledges what never was, says garbage, and reads nothing."""

    async def play(pages):
        for number in range(200):
            pages.all.open(Subscribe(f"p{number}", f"p.{number}", origin=PAGE))
            for peer in pages.gone:
                await pages.all.hang_up(peer)
            pages.gone.clear()
        client = await pages.come("p.199")
        for text in ("garbage", "[" * 5000, "{}", '{"type": "frames"}'):
            client.say(text)
        for number in (0, 1, 10**14):
            told = Acknowledge("p199", "p.199", number, gap=True, lost_from=1, lost_to=10**14)
            pages.all.acknowledge(told)
        client.reads = False
        pages.timeline.add(segment(5.0, hz=200))
        await asyncio.sleep(400)
        return len(pages.all), client.transport.waiting

    subscriptions, waiting = with_pages(play)
    assert subscriptions == MOST_SUBSCRIPTIONS
    assert 0 < waiting < MAX_WAITING_BYTES


@pytest.mark.parametrize("shown", [True, False])
def test_it_knows_the_pages_that_get_frames(shown):
    """Others are not its."""

    async def play(pages):
        pages.all.open(Subscribe("p", "p.1"))
        return (
            "p" in pages.all.pages,
            pages.all.set_shown("p", shown),
            pages.all.set_shown("q", shown),
        )

    assert with_pages(play) == (True, True, False)
