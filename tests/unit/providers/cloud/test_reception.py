"""How a session's stream is received here: beside a page, in its place, or not at all."""

import asyncio

import httpx
import pytest
from msgspec.structs import replace

from ipyavatar.core.secret import Secret
from ipyavatar.errors import MediaError, StreamTaken
from ipyavatar.media.receiving_peer import ReceivingPeer
from ipyavatar.protocol.grants import SessionGrant, StreamGrant
from ipyavatar.protocol.page_media import (
    MediaOver,
    MediaPiece,
    MediaTaken,
    SendMedia,
    StopMedia,
)
from ipyavatar.providers.cloud.offered_connection import OfferedConnection
from ipyavatar.providers.cloud.reception import StreamReceiver
from ipyavatar.providers.cloud.stream_access import StreamAccess
from ipyavatar.providers.cloud.viewers import Viewers
from ipyavatar.providers.cloud.whep_proxy import ViewerGone, WhepProxy
from ipyavatar.providers.kaltura.profile import PROFILE
from tests.support.fakes.offering_driver import FakeOfferingDriver
from tests.support.fakes.room_connection import FakeRoomConnection
from tests.support.virtual_time import VirtualClock, run_virtual

LIVEKIT = StreamGrant("livekit", Secret("wss://x"), Secret("viewer"))
WHEP = StreamGrant("whep", Secret("https://srs.example/whep"))


class Driver:
    profile = PROFILE

    def __init__(self, session):
        self._session = session

    def grant(self):
        return self._session


class Listener:
    def __init__(self):
        self.lost = []

    def on_lost(self, error):
        self.lost.append(error)


class Scene:
    """`status` is what the WHEP server answers; `calls` are those to it, `held` holds them up."""

    def __init__(self, stream=LIVEKIT, reader=None, driver=None, status=404):
        session = SessionGrant("x", "session", stream=stream, reader_token=reader)
        self.driver = driver or Driver(session)
        self.entered, self.checks, self.told = [], 0, []
        self.room = StreamAccess(
            VirtualClock(),
            Viewers(),
            stream_grant=lambda: self.driver.grant().stream,
            to_page=print,
            on_event=print,
            on_lost=lambda _: None,
            connect=self._connect,
        )
        self.calls, self.status = [], status
        self.far = None  # what answers offers
        self.held, self.called = asyncio.Event(), asyncio.Event()
        self.held.set()
        self.proxy = WhepProxy(lambda: httpx.MockTransport(self._answer))
        self.receiver = StreamReceiver(
            self.driver,
            self.room,
            self.proxy,
            OfferedConnection(self.driver),
            opened=self._opened,
            connect=self._connect,
            on_event=print,
            check=self._check,
            to_page=self.told.append,
            clock=VirtualClock(),
        )

    async def _opened(self):
        pass

    async def _answer(self, request):
        who = "page" if request.content == b"page" or request.url.path == "/page" else "python"
        self.calls.append(f"{request.method} {who}")
        self.called.set()
        await self.held.wait()
        text = "v=0"
        if self.far is not None and request.method == "POST":
            text = await self.far.answer(request.content.decode())
        return httpx.Response(self.status, text=text, headers={"location": f"/{who}"})

    def _check(self):
        self.checks += 1

    async def _connect(self, grant, on_event):
        self.entered.append(FakeRoomConnection(grant, on_event))
        return self.entered[-1]


def play(scenario, **options):
    async def go():
        await scenario(Scene(**options))

    run_virtual(go())


@pytest.mark.parametrize("watched", [True, False])
def test_somebody_of_our_own_is_in_the_room_beside_the_page(watched):
    """Where the service gives a token for one more; it leaves when nobody reads any more."""

    async def scenario(scene):
        if watched:
            scene.room.add_viewer("a", "a.1")
        listener = Listener()
        reception = await scene.receiver.receive(listener)
        (room,) = scene.entered
        assert room.grant == replace(LIVEKIT, token=Secret("reader"))
        assert room.listener is listener
        await scene.receiver.make_way()
        assert not room.gone.done()
        await reception.close()
        await asyncio.sleep(0)
        assert (room.gone.done(), scene.checks) == (True, 0)
        await scene.receiver.receive(listener)
        scene.entered[1].gone.set_result("the service has closed the room")
        await asyncio.sleep(0)
        assert scene.checks == 1

    play(scenario, reader=Secret("reader"))


def test_without_a_token_of_its_own_it_takes_the_place_of_the_page_until_one_comes():
    """Two with one token would put each other out; commands go by the same connection."""

    async def scenario(scene):
        reception = await scene.receiver.receive(Listener())
        await scene.room.send("t", b"1")
        (room,) = scene.entered
        assert (room.grant, room.sent) == (LIVEKIT, [("t", b"1")])
        await reception.close()
        assert (room.listener, room.gone.done()) == (None, False)

    play(scenario)


async def from_page(scene, listener):
    """What is received from the page "a", once that has begun."""
    receiving = asyncio.ensure_future(scene.receiver.receive(listener))
    while not scene.told:
        await asyncio.sleep(0.1)
    (wish,) = scene.told
    piece = MediaPiece("a", wish.sending, 1, "video/webm", 0.0)
    scene.receiver.on_media(piece, [b""])
    assert scene.told == [SendMedia("a", wish.sending), MediaTaken("a", wish.sending, 1)]
    scene.told.clear()
    return await receiving, wish.sending


@pytest.mark.parametrize("case", ["a room", "an address", "an offer", "a page that comes later"])
def test_where_one_of_us_can_watch_and_a_page_does_that_sends_what_it_plays(case):
    """Nothing of ours enters beside it; what nobody wants any more it sends no longer."""

    async def scenario(scene):
        if case == "a page that comes later":
            scene.room.expect(10)
            asyncio.get_running_loop().call_later(5, scene.room.add_viewer, "a", "a.1")
        else:
            scene.room.add_viewer("a", "a.1")
        reception, sending = await from_page(scene, Listener())
        assert (scene.entered, scene.calls) == ([], [])
        await reception.close()
        scene.receiver.on_media(MediaPiece("a", sending, 2, "video/webm", 9.0), [b"x"])
        scene.receiver.on_media(MediaPiece("b", "unknown", 1, "video/webm", 0.0), [b"x"])
        stopped = StopMedia("a", sending)
        assert scene.told == [stopped, stopped, StopMedia("b", "unknown")]

    offers = case in ("an offer", "a page that comes later")
    how = {"driver": FakeOfferingDriver()} if offers else {}
    play(scenario, **({"stream": WHEP} if case == "an address" else how))


@pytest.mark.parametrize("how", ["it goes", "another takes its place", "it says so"])
def test_a_page_that_goes_is_lost(how):
    async def scenario(scene):
        scene.room.add_viewer("a", "a.1")
        listener = Listener()
        reception, sending = await from_page(scene, listener)
        scene.receiver.on_viewers()
        assert listener.lost == []
        if how == "it goes":
            scene.room.remove_viewer("a.1")
        elif how == "another takes its place":
            scene.room.add_viewer("b", "b.1")
        else:
            scene.receiver.on_media(MediaOver("a", sending, "The session has ended."), [])
        scene.receiver.on_viewers()
        while not listener.lost:
            await asyncio.sleep(0.1)
        await reception.close()

    asyncio.run(_real(scenario, stream=WHEP))


def test_a_page_that_cannot_send_it_says_why():
    async def scenario(scene):
        scene.room.add_viewer("a", "a.1")
        receiving = asyncio.ensure_future(scene.receiver.receive(Listener()))
        await asyncio.sleep(1)
        (wish,) = scene.told
        scene.receiver.on_media(MediaOver("a", wish.sending, "No recorder.", "Update."), [])
        with pytest.raises(MediaError, match="No recorder"):
            await receiving
        assert scene.told[-1] == StopMedia("a", wish.sending)

    play(scenario, stream=WHEP)


def test_a_stream_that_is_gone_has_the_session_looked_into():
    async def scenario(scene):
        with pytest.raises(ViewerGone):
            await scene.receiver.receive(Listener())
        assert scene.checks == 1

    asyncio.run(_real(scenario, stream=WHEP))


@pytest.mark.parametrize("steps", range(1, 6))
def test_who_is_still_connecting_when_a_page_comes_makes_no_call(steps):
    """However far it has come before it asked, the page keeps its stream."""

    async def scenario(scene):
        receiving = asyncio.ensure_future(scene.receiver.receive(Listener()))
        for _ in range(steps):
            await asyncio.sleep(0)
        scene.room.add_viewer("a", "a.1")
        await scene.receiver.make_way()
        await scene.proxy.offer(WHEP.url, "a.1", "page")
        (error,) = await asyncio.gather(receiving, return_exceptions=True)
        assert isinstance(error, MediaError)
        assert scene.calls == ["POST page"]

    asyncio.run(_real(scenario, stream=WHEP, status=201))


def test_who_has_asked_when_a_page_comes_withdraws_before_the_page_asks():
    """Else the page would be the second viewer where there is room for one."""

    async def scenario(scene):
        scene.held.clear()
        receiving = asyncio.ensure_future(scene.receiver.receive(Listener()))
        await scene.called.wait()
        scene.room.add_viewer("a", "a.1")
        giving_up = asyncio.ensure_future(scene.receiver.make_way())
        await asyncio.sleep(0)
        scene.held.set()
        await giving_up
        await scene.proxy.offer(WHEP.url, "a.1", "page")
        (error,) = await asyncio.gather(receiving, return_exceptions=True)
        assert isinstance(error, MediaError)
        assert scene.calls == ["POST python", "DELETE python", "POST page"]

    asyncio.run(_real(scenario, stream=WHEP, status=201))


def test_the_service_is_told_that_we_left_though_nobody_waits_for_it():
    """It is paid, or taken, until it knows."""

    async def scenario(scene):
        scene.far = ReceivingPeer(None)
        reception = await scene.receiver.receive(Listener())
        closing = asyncio.ensure_future(reception.close())
        await asyncio.sleep(0)
        closing.cancel()
        await asyncio.wait({closing})
        calls = list(scene.calls)
        await reception.close()  # now the sockets are waited for
        await scene.far.close()
        assert calls == ["POST python", "DELETE python"]

    asyncio.run(_real(scenario, stream=WHEP, status=201))


async def _real(scenario, **options):
    """Candidates are gathered by real sockets."""
    await scenario(Scene(**options))


@pytest.mark.parametrize("page", ["announced", "gone again"])
def test_the_one_connection_that_is_offered_is_left_to_a_page_that_may_come(page):
    async def scenario(scene):
        if page == "announced":
            scene.room.expect(10)
        else:
            scene.room.add_viewer("a", "a.1")
            scene.room.remove_viewer("a.1")
        with pytest.raises(StreamTaken, match="none does"):
            await scene.receiver.receive(Listener())

    play(scenario, driver=FakeOfferingDriver())


def test_a_connection_that_was_used_is_not_to_be_had_again():
    async def scenario(scene):
        await scene.driver.accept_offer("v=0")
        with pytest.raises(StreamTaken, match="used up"):
            await scene.receiver.receive(Listener())

    play(scenario, driver=FakeOfferingDriver())


def test_a_session_without_a_stream():
    async def scenario(scene):
        with pytest.raises(MediaError, match="no stream"):
            await scene.receiver.receive(Listener())

    play(scenario, stream=None)
