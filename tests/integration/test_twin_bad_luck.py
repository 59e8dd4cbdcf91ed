"""Failures of the twin's viewers: others notice nothing, and the event log has it.

Garbage in messages, SDP and tokens is in `test_twin_media`; one whose process stands still is in
`test_twin_long`.
"""

import asyncio
import contextlib
import re
import socket
import time
from urllib.parse import urlsplit

import psutil
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from livekit.protocol import models as m
from livekit.protocol import rtc as r
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.support.processes import until
from tests.support.sdk import TwinProcess, twin_process


@pytest.fixture(scope="module")
def server():
    with twin_process("--concurrency", "50") as twin:
        yield twin


@pytest.fixture
def twin(server):
    yield server
    server.stop_all()
    assert server.process.poll() is None


class Client:
    """A client that does as a test tells it. Use it as a context manager."""

    def __init__(
        self, twin: TwinProcess, session: dict, name: str, *, receive_buffer: int | None = None
    ) -> None:
        """`receive_buffer`: bytes the system takes for it; Linux grows it to 32 MB by itself."""
        token = twin.viewer(session["session_id"], name)
        self.receive_buffer = receive_buffer
        self.url = f"{twin.url}/rtc?access_token={token}".replace("http", "ws")
        self.sid = ""
        self.opened = asyncio.Event()
        self.channels = {}
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.pc.on("datachannel", self._channel)

    async def __aenter__(self):
        sock = None
        if self.receive_buffer is not None:
            place = urlsplit(self.url)
            sock = socket.socket()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)
            sock.connect((place.hostname, place.port))
        self.socket = await connect(self.url, sock=sock, compression=None)
        return self

    async def __aexit__(self, *_):
        await self.pc.close()
        await self.socket.close()

    def _channel(self, channel):
        self.channels[channel.label] = channel
        self.opened.set()

    async def send(self, **message):
        await self.socket.send(r.SignalRequest(**message).SerializeToString())

    async def next(self, kind):
        """The next message of this kind; None when the connection ends before."""
        try:
            while True:
                data = await asyncio.wait_for(self.socket.recv(), 45)
                response = r.SignalResponse.FromString(data)
                if response.WhichOneof("message") == "join":
                    self.sid = response.join.participant.sid
                if response.WhichOneof("message") == kind:
                    return getattr(response, kind)
        except ConnectionClosed:
            return None

    async def answer(self, changed=lambda sdp: sdp):
        """Answer the offer, with an SDP that may be changed on the way."""
        offer = await self.next("offer")
        await self.pc.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
        await self.pc.setLocalDescription(await self.pc.createAnswer())
        sdp = changed(self.pc.localDescription.sdp)
        await self.send(answer=r.SessionDescription(type="answer", sdp=sdp, id=offer.id))

    async def pong(self):
        await self.send(ping=1)
        return await self.next("pong")


def told(twin, session, who):
    rows = twin.state()["events"]
    return [e["what"] for e in rows if (e["session"], e["who"]) == (session["session_id"], who)]


def present(twin, session):
    return {row["identity"] for row in twin.state()["rooms"].get(session["session_id"], [])}


def test_a_websocket_that_is_cut_may_come_back_for_a_while(twin):
    session = twin.heygen()

    async def go():
        async with Client(twin, session, "back") as back, Client(twin, session, "gone") as gone:
            for client in (back, gone):
                await client.answer()
                await client.opened.wait()
            for client in (back, gone):
                client.socket.transport.abort()
            await asyncio.to_thread(
                until, lambda: told(twin, session, "back")[-1] == "websocket lost", 5, "it is cut"
            )
            async with connect(f"{back.url}&reconnect=1&sid={back.sid}") as again:
                response = r.SignalResponse.FromString(await asyncio.wait_for(again.recv(), 5))
                assert response.WhichOneof("message") == "reconnect"
                await asyncio.to_thread(
                    until, lambda: present(twin, session) == {"back"}, 15, "one is given up"
                )
                assert back.pc.connectionState == "connected"

    asyncio.run(go())
    assert told(twin, session, "back")[:3] == ["joined", "websocket lost", "resumed"]
    assert told(twin, session, "gone") == ["joined", "websocket lost", "not resumed within 10 s"]


def nowhere(sdp):
    """Candidates where nobody listens."""
    return re.sub(r"(a=candidate:\S+ 1 udp \d+) \S+ \d+ ", r"\1 127.0.0.1 9 ", sdp, flags=re.I)


def test_ice_that_fails_is_told_and_the_client_is_to_join_anew(twin):
    session = twin.heygen()

    async def go():
        async with Client(twin, session, "lost") as lost, Client(twin, session, "spy") as spy:
            await spy.answer()
            await lost.answer(nowhere)
            await lost.pc.close()
            leave = await lost.next("leave")
            assert await spy.pong() is not None
            return leave

    leave = asyncio.run(go())
    assert (leave.reason, leave.action) == (m.CONNECTION_TIMEOUT, r.LeaveRequest.RECONNECT)
    assert "no media connection" in told(twin, session, "lost")[-1]


def test_a_codec_that_is_refused_ends_its_client_alone(twin):
    session = twin.heygen()

    async def go():
        async with Client(twin, session, "vp9") as vp9, Client(twin, session, "spy") as spy:
            await spy.answer()
            await vp9.answer(lambda sdp: re.sub("(H264|VP8)/90000", "VP9/90000", sdp))
            leave = await vp9.next("leave")
            assert await spy.pong() is not None
            return leave

    assert asyncio.run(go()).reason == m.STATE_MISMATCH
    assert told(twin, session, "vp9")[-1].startswith("removed: its answer cannot be handled")


def test_the_end_of_a_session_is_written_down(twin):
    session = twin.heygen()

    async def go():
        async with Client(twin, session, "viewer") as viewer:
            await viewer.answer()
            twin.stop(session["session_id"])
            return await viewer.next("leave")

    assert asyncio.run(go()).reason == m.ROOM_DELETED
    assert told(twin, session, "viewer") == ["joined", "removed: ROOM_DELETED"]
    assert session["session_id"] not in twin.state()["rooms"]


def settled_rss(process):
    """Its memory in bytes when the first picture has been drawn: that takes 100 MB."""
    seen = [process.memory_info().rss]
    while len(seen) < 10 or max(seen[-10:]) - min(seen[-10:]) > 1e6:
        time.sleep(0.1)
        seen.append(process.memory_info().rss)
    return seen[-1]


def test_one_who_asks_and_does_not_read_is_dropped_and_memory_stays_bounded(twin):
    session = twin.heygen()
    process = psutil.Process(twin.process.pid)

    async def go():
        deaf = Client(twin, session, "deaf", receive_buffer=65_536)
        async with deaf, Client(twin, session, "spy") as spy:
            await spy.answer()
            # It has answered, so that nothing else can be late: the twin waits 10 s for an answer.
            await deaf.answer()
            before = await asyncio.to_thread(settled_rss, process)
            # 18 MB of answers: more than lies between two sockets and in its queue. (The most
            # tracks of one client are 64.)
            with contextlib.suppress(ConnectionClosed):
                for _ in range(60):
                    await deaf.send(add_track=r.AddTrackRequest(cid="x" * 300_000, type=m.AUDIO))
            await asyncio.to_thread(
                until, lambda: present(twin, session) == {"spy"}, 20, "the deaf one is dropped"
            )
            assert await spy.pong() is not None
            deaf.socket.transport.abort()
            return process.memory_info().rss - before

    grown = asyncio.run(go())
    print(f"{grown / 1e6:.1f} MB")
    assert told(twin, session, "deaf") == ["joined", "removed: it reads nothing"]
    assert grown < 50e6


@pytest.mark.parametrize(
    "data",
    [
        b"\xff" * 50,
        b"",
        m.DataPacket(user=m.UserPacket(payload=b"{not json")).SerializeToString(),
        m.DataPacket(user=m.UserPacket(payload=b"[" * 100_000)).SerializeToString()[:60_000],
        m.DataPacket(user=m.UserPacket(payload=b"\xc3\x28", topic="agent-control"))
        .SerializeToString(),
        m.DataPacket(user=m.UserPacket(payload=b"[" * 50_000)).SerializeToString(),
    ],
)  # fmt: skip
def test_data_of_garbage_changes_nothing(twin, data):
    session = twin.heygen()

    async def go():
        async with Client(twin, session, "client") as client:
            await client.answer()
            await asyncio.wait_for(client.opened.wait(), 20)
            while "_reliable" not in client.channels:
                await asyncio.sleep(0.01)
            client.channels["_reliable"].send(data)
            text = m.UserPacket(payload=b'"Who are you?"')
            client.channels["_reliable"].send(m.DataPacket(user=text).SerializeToString())

            def heard():
                rows = twin.state()["sessions"]
                (row,) = [s for s in rows if s["id"] == session["session_id"]]
                return [speech["text"] for speech in row["speeches"]] == ["Who are you?"]

            await asyncio.to_thread(until, heard, 10, "what comes after it is heard")
            assert await client.pong() is not None

    asyncio.run(go())
    assert present(twin, session) <= {"client"}
