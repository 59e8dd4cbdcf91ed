"""Page and host through a real TURN server: only what it relays passes between them."""

import asyncio
import contextlib
import re
import time

import numpy as np
import pytest
from aiortc import (
    RTCConfiguration,
    RTCIceServer,
    RTCIceTransportPolicy,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

from ipyavatar.core.clock import MonotonicClock
from ipyavatar.core.secret import Secret
from ipyavatar.core.speech import Utterance
from ipyavatar.host.host import Host
from ipyavatar.media.peer import CLOSE_S
from ipyavatar.media.relays import RelayFinder
from ipyavatar.protocol import host as m
from ipyavatar.protocol import page as p
from ipyavatar.protocol.options import IceServer, SessionOptions
from tests.support.patience import patient
from tests.support.turn_server import turn_server

AUDIBLE = 300
"""Of 32767: what counts as sound."""


def ice_server(server, *transports, credential=None):
    urls = tuple(server.url(one) for one in transports)
    return IceServer(urls, Secret(server.username), Secret(credential or server.credential))


async def until(condition, what, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.01)


class RelayedPage:
    """What a page does that reaches nothing but its TURN server, with aiortc for the browser."""

    def __init__(self, server):
        own = RTCIceServer(list(server.urls), server.username.reveal(), server.credential.reveal())
        policy = RTCIceTransportPolicy.RELAY
        self.pc = RTCPeerConnection(RTCConfiguration([own], iceTransportPolicy=policy))
        self.pc.addTransceiver("video", direction="recvonly")
        self.pc.addTransceiver("audio", direction="recvonly")
        self.channel = self.pc.createDataChannel("control")
        self.pictures, self.loudest = 0, 0
        self.pc.on(
            "track", lambda track: self._tasks.append(asyncio.ensure_future(self._take(track)))
        )
        self._tasks = []

    async def _take(self, track):
        with contextlib.suppress(MediaStreamError):  # its end
            while True:
                frame = await track.recv()
                if track.kind == "video":
                    self.pictures += 1
                else:
                    self.loudest = max(self.loudest, int(np.abs(frame.to_ndarray()).max()))

    async def offer(self, peer):
        await self.pc.setLocalDescription(await self.pc.createOffer())
        return p.Offer("page", peer, self.pc.localDescription.sdp, relay=True)

    async def accept(self, sdp):
        """Take of the answer what is the relay's: nothing else is in reach."""
        lines = sdp.splitlines(keepends=True)
        kept = [one for one in lines if "a=candidate" not in one or " typ relay" in one]
        assert any("a=candidate" in one for one in kept), sdp
        await self.pc.setRemoteDescription(RTCSessionDescription("".join(kept), "answer"))

    def selected(self):
        pairs = self.pc.sctp.transport.transport._connection._nominated.values()
        return {(one.local_candidate.type, one.remote_candidate.type) for one in pairs}

    async def close(self):
        await self.pc.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Machine:
    """A host with one session that was given a server."""

    def __init__(self, *servers):
        self.events = []
        self.host = Host(self.events.append, MonotonicClock())
        self.options = SessionOptions(quality="low", voice="june", ice_servers=servers)

    async def open(self):
        self.host.handle(m.OpenSession("s", self.options, 5.0))
        await until(lambda: any(one.status == "live" for one in self.told(p.Status)), "live")

    def told(self, kind):
        messages = [getattr(event, "message", None) for event in self.events]
        return [one for one in messages if isinstance(one, kind)]

    async def answer(self, offer):
        self.host.handle(m.FromPage("s", offer))
        await until(lambda: any(a.peer == offer.peer for a in self.told(p.Answer)), "an answer")
        return next(a for a in self.told(p.Answer) if a.peer == offer.peer)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_page_and_host_meet_at_the_turn_server(transport):
    """Picture, sound and data channel, over UDP and TCP; the server is told of the end."""

    async def go(server):
        machine, page = Machine(ice_server(server, transport)), None
        await machine.open()
        page = RelayedPage(ice_server(server, transport))
        try:
            answer = await machine.answer(await page.offer("page.1"))
            assert answer.ice_servers == ()
            await page.accept(answer.sdp)
            await until(lambda: page.pictures > 5 and page.channel.readyState == "open", "pictures")
            machine.host.handle(m.Speak("s", Utterance("s1", "Hello.", asked_at=time.monotonic())))
            await until(lambda: page.loudest > AUDIBLE, "sound")
            assert page.selected() == {("relay", "relay")}
        finally:
            await page.close()
            await machine.host.close("done")

    with turn_server(transport) as server:
        asyncio.run(go(server))
        # The page's, one for each medium before they are bundled; the one by which the host tried
        # whether it is served, and the one it used.
        assert server.logged("ALLOCATE processed, success") == 3 + 1 + 1
        assert server.logged("refreshed") == server.logged("lifetime=0") == 3 + 1 + 1


def test_the_first_offer_costs_the_turn_server_nothing():
    """A page that is reached directly needs none; the answer, and nothing else, tells of it."""

    async def go(server):
        given = ice_server(server, "udp")
        machine = Machine(given)
        await machine.open()
        pc = RTCPeerConnection(RTCConfiguration([]))
        try:
            pc.addTransceiver("video", direction="recvonly")
            pc.addTransceiver("audio", direction="recvonly")
            pc.createDataChannel("control")
            await pc.setLocalDescription(await pc.createOffer())
            answer = await machine.answer(p.Offer("page", "page.1", pc.localDescription.sdp))
            assert answer.ice_servers == (given,)
            assert " typ relay" not in answer.sdp
            shown = [repr(event) for event in machine.events]
            assert not [one for one in shown if server.credential in one or server.username in one]
        finally:
            await pc.close()
            await machine.host.close("done")

    with turn_server("udp") as server:
        asyncio.run(go(server))
        assert server.logged("session") == 0


def test_a_server_behind_tls_relays_if_its_certificate_is_known(monkeypatch, caplog):
    """By the certificates that Python trusts here; `SSL_CERT_FILE` names others."""

    async def go(server):
        given = ice_server(server, "tls")
        assert await RelayFinder([given]).find() == []
        monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
        machine = Machine(given)
        await machine.open()
        page = RelayedPage(given)
        try:
            await page.accept((await machine.answer(await page.offer("page.1"))).sdp)
            await until(lambda: page.pictures > 5, "pictures")
            assert page.selected() == {("relay", "relay")}
        finally:
            await page.close()
            await machine.host.close("done")

    with turn_server("tls") as server:
        asyncio.run(go(server))
    (record,) = caplog.records
    assert "certificate" in record.getMessage()


def test_the_first_server_that_serves_us_is_taken(caplog):
    """Of those that do not answer, refuse us, or are not there, nobody waits for one."""

    async def go(server):
        begun = time.monotonic()
        finder = RelayFinder(
            [
                ice_server(server, "udp"),  # it listens to TCP alone
                IceServer(("turn:[::1]:3478", "stun:127.0.0.1:9")),
                ice_server(server, "tcp", credential="wrong"),
                ice_server(server, "tcp"),
            ]
        )
        (found,) = await finder.find()
        assert time.monotonic() - begun < patient(2)
        assert await finder.find() == [found]
        return found

    with turn_server("tcp") as server:
        found = asyncio.run(go(server))
        assert re.fullmatch(r"turn:127\.0\.0\.1:\d+\?transport=tcp", found.urls)
        assert found.credential == server.credential
    assert not caplog.records


def test_servers_that_do_not_serve_us_are_logged_with_their_reasons(caplog):
    """Each with its address; no name and no password stand there. STUN servers are left."""

    async def go(server):
        wrong = ice_server(server, "udp", credential="wr0ng-credential")
        silent = IceServer(("turn:127.0.0.1:9?transport=tcp",))
        finder = RelayFinder([wrong, silent, IceServer(("stun:127.0.0.1:9",))], find_s=1.0)
        (one,), other = await asyncio.gather(finder.find(), finder.find())
        assert one.urls == "stun:127.0.0.1:9"
        assert other == [one]
        await finder.close()

    with turn_server("udp") as server:
        asyncio.run(go(server))
        assert server.logged("credentials are incorrect") == 1
        (record,) = caplog.records
        text = record.getMessage()
        assert f"turn:127.0.0.1:{server.port}?transport=udp: " in text
        assert "401" in text
        assert "turn:127.0.0.1:9?transport=tcp: " in text
        assert "wr0ng" not in text
        assert server.username not in text


def test_a_server_that_has_gone_holds_nobody_up():
    """Whoever closes a relayed connection then, or looks for a server, is done in seconds."""

    async def go():
        with turn_server("udp") as server:
            machine = Machine(ice_server(server, "udp"))
            await machine.open()
            page = RelayedPage(ice_server(server, "udp"))
            await page.accept((await machine.answer(await page.offer("page.1"))).sdp)
            await until(lambda: page.pictures > 5, "pictures")
        closing, begun = asyncio.ensure_future(page.close()), time.monotonic()
        await machine.host.close("done")
        assert time.monotonic() - begun < patient(CLOSE_S + 1.5)
        closing.cancel()
        finder, begun = (
            RelayFinder([IceServer(("turn:127.0.0.1:9",))], find_s=30.0),
            time.monotonic(),
        )
        looking = asyncio.ensure_future(finder.find())
        await asyncio.sleep(0)
        await finder.close()
        assert time.monotonic() - begun < patient(1)
        await asyncio.wait({looking})

    asyncio.run(go())
