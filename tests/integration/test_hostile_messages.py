"""2,000 hostile messages on every input: each ends nothing but itself, and a valid one works after.

What is random is the same in every run; see `tests/support/hostile.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import random
import sys
import time
import tracemalloc

import httpx
import msgspec
import psutil
import pytest
from livekit.protocol import rtc as r
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from ipyavatar.client import transport as transport_module
from ipyavatar.client.host_client import HostClient, close_all
from ipyavatar.core.memory import release_free_memory
from ipyavatar.core.secret import Secret
from ipyavatar.core.speech import Utterance
from ipyavatar.errors import AvatarError
from ipyavatar.protocol import host as m
from ipyavatar.protocol import media as mm
from ipyavatar.protocol import page as p
from ipyavatar.protocol.options import SessionOptions
from ipyavatar.providers.cloud.service_events import read_packet
from ipyavatar.providers.liveavatar.lite_socket import connect_lite
from ipyavatar.twin import TwinSettings
from ipyavatar.twin.heygen.data_messages import HeyGenDataMessages
from ipyavatar.twin.liveavatar.data_messages import LiveAvatarDataMessages
from ipyavatar.twin.session import Rules, TwinSession
from tests.integration.test_webrtc_loopback import Loopback, until
from tests.support.fakes.host_listener import RecordingHostListener
from tests.support.fakes.recording_avatar import RecordingAvatar
from tests.support.faults import create_app
from tests.support.hostile import COUNT, hostile_bytes, hostile_values
from tests.support.services import KEY, client_of, exchanges, one_server
from tests.unit.protocol.test_messages import COMMANDS, SAID_BY_PAGES

GROWN_MB = 60
"""What a process may have grown by in 2,000 messages, some of them long: caches, not a leak."""
HOST_GROWN_MB = 250
"""The same of a host, some of whose messages begin recordings and readers: encoders, and
pictures that wait. Measured: up to 142 MB while they are there."""


@pytest.fixture(autouse=True)
def _quiet(caplog):
    """What cannot be read is logged, 2,000 times."""
    caplog.set_level(logging.CRITICAL, "ipyavatar")


def rss_mb(pid=None):
    if pid is None:
        # What is used is the same after each 2,000 of them; the holes between grow for 10,000.
        release_free_memory()
    return psutil.Process(pid).memory_info().rss / 2**20


def plain(messages):
    """Messages as the values that travel."""
    return [json.loads(msgspec.json.encode(one, enc_hook=lambda _: "secret")) for one in messages]


PAGE_MESSAGES = plain(SAID_BY_PAGES)
END = (m.Bye, m.HostHello, m.OpenSession)
"""These do what they say: the end, another version, and as many sessions as there are names."""


def frames(messages):
    """Hostile frames for a pipe; what is a frame by its length is a message, whatever is in it."""
    for body in hostile_bytes(plain(messages), msgspec.msgpack.encode):
        yield len(body).to_bytes(4, "little") + body


# ---- the pipe -----------------------------------------------------------------------------------


def elsewhere(command, folder):
    """A command that writes a file writes it there."""
    if isinstance(command, mm.StartRecording):
        return msgspec.structs.replace(command, path=str(folder / "a.webm"))
    return command


def test_the_host_takes_hostile_commands(record_property, tmp_path):
    """The companion process goes on, has not grown, and says what it is told after them."""
    client = HostClient("process")
    try:
        listener = RecordingHostListener()
        client.attach("s", listener)
        client.send(m.OpenSession("s", SessionOptions(quality="low", voice="june"), 0.0))
        listener.next_fact(p.Status, status="live")
        client.send(m.Speak("s", Utterance("s1", "Before.", asked_at=time.monotonic())))
        listener.next_fact(p.SpeechUpdate, speech="s1", state="said")
        before, pid = rss_mb(client.pid), client.pid
        sent = 0
        for frame in frames([one for one in COMMANDS if not isinstance(one, END)]):
            client._transport._outbox.put(frame)
            sent += 1
        # One of them may be stopping it, and what is being stopped is not opened.
        client.send(m.StopSession("s", time.monotonic()))
        listener.next_fact(p.Status, status="ended")
        client.send(m.OpenSession("s", SessionOptions(quality="low", voice="june"), 0.0))
        listener.next_fact(p.Status, status="live")
        last = Utterance("after", "After.", asked_at=time.monotonic())
        client.send(m.Speak("s", last, interrupt=True))
        assert listener.next_fact(p.SpeechUpdate, speech="after", state="said")
        assert client.pid == pid
        assert psutil.pid_exists(pid)
        assert rss_mb(pid) - before < HOST_GROWN_MB
        assert sent >= COUNT
        record_property("hostile messages: commands to the host", sent)
    finally:
        client.close()


HOSTILE_HOST = """
import sys
from ipyavatar.protocol import host as m
from ipyavatar.protocol import host_codec
from ipyavatar.protocol import media as mm
from ipyavatar.protocol import page as p
from tests.integration.test_hostile_messages import frames
from tests.unit.protocol.test_messages import EVENTS
out = sys.stdout.buffer
out.write(host_codec.encode(m.HostHello(m.PROTOCOL, 1)))
for frame in frames([one for one in EVENTS if not isinstance(one, m.HostHello)]):
    out.write(frame)
out.write(host_codec.encode(m.Announced("s", p.Status("live", "Ready", 1e9))))
out.flush()
sys.stdin.buffer.read()
"""


def test_the_kernel_takes_hostile_events(tmp_path, monkeypatch, record_property):
    """A host that sends rubbish is not killed for it; what it says after that counts."""
    script = tmp_path / "hostile_host.py"
    script.write_text(f"import sys\nsys.path[:] = {[os.getcwd(), *sys.path]!r}\n{HOSTILE_HOST}")
    command = [sys.executable, str(script)]
    monkeypatch.setattr(transport_module, "_usual_command", lambda: command)
    client = HostClient("process")
    try:
        listener = RecordingHostListener()
        client.attach("s", listener)
        status = listener.next_fact(p.Status, status="live", text="Ready", at=1e9)
        assert status.text == "Ready"
        record_property("hostile messages: events to the kernel", COUNT)
    finally:
        client.close()


# ---- pages --------------------------------------------------------------------------------------


def test_the_data_channel_takes_hostile_messages(record_property):
    """A page with a real connection sends them; then it types, and that is said."""

    async def go():
        loopback = Loopback()
        try:
            await loopback.open()
            viewer = await loopback.view()
            loopback.speak("Before.")  # what it loads for that is no leak
            await loopback.fact(p.SpeechUpdate, speech="s1", state="said")
            before, sent = rss_mb(), 0
            for data in hostile_bytes(PAGE_MESSAGES):
                text = data.decode("utf-8", "ignore")
                viewer.channel.send(text[:60_000] if sent % 3 else data[:60_000])
                sent += 1
                viewer.pictures.clear()  # the test's own
                if viewer.channel.bufferedAmount > 500_000:
                    await asyncio.sleep(0.01)
            await until(lambda: viewer.channel.bufferedAmount == 0, "all sent", 120)
            say = p.Say("Still here.", True, "page", 5.0)
            viewer.channel.send(msgspec.json.encode(say).decode())
            await loopback.fact(p.SpeechUpdate, speech=say.speech, state="said")
            assert viewer.channel.readyState == "open"
            assert rss_mb() - before < GROWN_MB
            return sent
        finally:
            await loopback.close()

    record_property("hostile messages: data channel", asyncio.run(go()))


def test_the_widget_takes_hostile_messages(record_property):
    """Whatever a front end sends, traits stay what they are, and a page is welcomed after it."""
    avatar = RecordingAvatar(host="thread", quality="low")
    try:
        avatar.speak("Before.").wait(60)
        tracemalloc.start()
        sent = 0
        for content in hostile_values(PAGE_MESSAGES):
            avatar._pages.on_widget_message(avatar, content, [])
            sent += 1
        avatar.sent.clear()
        grown = tracemalloc.get_traced_memory()[0] / 2**20
        avatar.page_says(type="hello", page="page", protocol=p.PROTOCOL)
        assert avatar.answers("welcome")
        avatar.start().wait(60)
        assert avatar.speak("After.", interrupt=True).wait(60).state == "said"
        assert 0 <= avatar.volume <= 1
        assert grown < GROWN_MB
        record_property("hostile messages: widget messages", sent)
    finally:
        tracemalloc.stop()
        avatar.stop().wait(30)
        avatar.close()
        close_all()


# ---- services -----------------------------------------------------------------------------------

EVENTS_OF_SERVICES = [
    {"type": "agent.speak_started", "event_id": "e", "task": {"id": "t"}},
    {"type": "session.state_updated", "state": "connecting"},
    {"event_type": "avatar.speak_started", "event_id": "e", "session_id": "s"},
    {"type": "avatar_talking_message", "task_id": "t", "message": "hi", "duration_ms": 5},
]


def test_a_service_s_websocket_may_say_anything(record_property):
    """LiveAvatar LITE: after 2,000 of a hostile server's messages its event is heard."""
    sent = []

    async def go():
        heard = asyncio.Event()

        async def talk(line):
            await line.send('{"type": "session.state_updated", "state": "connected"}')
            for data in hostile_bytes(EVENTS_OF_SERVICES):
                if b"clos" in data or b"disconnected" in data:
                    continue  # that is an order
                await line.send(data if len(sent) % 2 else data.decode("utf-8", "ignore"))
                sent.append(1)
            await line.send('{"type": "agent.speak_ended", "event_id": "the last"}')
            await line.wait_closed()

        def on_event(event):
            if "the last" in (event.task_id or "") or event.name == "agent.speak_ended":
                heard.set()

        async with serve(talk, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            socket = await connect_lite(Secret(f"ws://127.0.0.1:{port}"), on_event)
            await asyncio.wait_for(heard.wait(), 60)
            assert not socket.gone.done()
            await socket.close()

    asyncio.run(go())
    assert len(sent) > COUNT * 0.95
    record_property("hostile messages: websocket of a service", len(sent))


def test_a_service_s_room_may_say_anything(record_property):
    """Packets of a room are events, or nothing; never an error."""
    rng, events = random.Random(2), 0
    for data in hostile_bytes(EVENTS_OF_SERVICES):
        events += read_packet(rng.choice(["", "agent-response"]), data) is not None
    assert events > 100, "the valid ones among them are read"
    record_property("hostile messages: packets of a service's room", COUNT)


@pytest.mark.parametrize("service", ["heygen", "liveavatar", "kaltura"])
def test_a_service_may_answer_anything(service, record_property):
    """Each call of a client gives a value or an error of ours, whatever the answer is."""
    valid = [row["response_json"] for row in exchanges(service).values()]
    bodies, statuses = list(hostile_bytes(valid)), random.Random(3)

    def answer(_request):
        status = statuses.choice([200, 200, 200, 201, 204, 400, 401, 404, 429, 500])
        return httpx.Response(status, content=bodies.pop())

    async def go():
        client = client_of(service, transport=httpx.MockTransport(answer))
        other = client.list_voices if service == "kaltura" else client.list_sessions
        taken = refused = 0
        while bodies:
            try:
                await (other if len(bodies) % 2 else client.list_avatars)()
                taken += 1
            except AvatarError:
                refused += 1
        return taken, refused

    taken, refused = asyncio.run(go())
    assert refused > 100
    assert taken
    record_property(f"hostile messages: answers of {service}", taken + refused)


# ---- the twin -----------------------------------------------------------------------------------

BODIES = [
    {"avatar_id": "a", "version": "v2", "quality": "low"},
    {"session_id": "s", "text": "hi", "task_type": "repeat"},
    {"mode": "LITE", "avatar_id": "a"},
    {"kind": "500", "service": "heygen", "call": "new", "times": 1},
    {"advance_s": 1.0},
    {"room": "r", "identity": "i"},
]


def test_the_twin_takes_hostile_bodies(record_property):
    """Every route answers each of them with something below 500; a session opens after it."""

    async def go():
        app = create_app(TwinSettings(api_key=KEY))
        routes = sorted(
            {
                (method, route.path)
                for route in app.routes
                for method in getattr(route, "methods", None) or ()
                if method in ("POST", "PUT", "PATCH", "DELETE")
            }
        )
        assert len(routes) > 10
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        headers = {"X-Api-Key": KEY, "Authorization": f"KS {KEY}"}
        sent, failures = 0, []
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", headers=headers
        ) as client:
            for body in hostile_bytes(BODIES):
                method, path = routes[sent % len(routes)]
                where = path.replace("{", "").replace("}", "")
                reply = await client.request(method, where, content=body)
                sent += 1
                if reply.status_code >= 500:
                    failures.append((method, path, body[:80], reply.status_code))
            await client.delete("/_twin/faults")
            made = await client.post("/v1/streaming.new", json={"avatar_id": "a", "version": "v2"})
            assert made.status_code in (200, 429), made.text
        return sent, failures

    sent, failures = asyncio.run(go())
    assert not failures
    record_property("hostile messages: bodies to the twin", sent)


LITE_COMMANDS = [
    {"type": "agent.speak", "event_id": "e", "audio": "AAAA"},
    {"type": "agent.speak_end", "event_id": "e"},
    {"type": "agent.interrupt", "event_id": "e"},
    {"type": "session.keep_alive", "event_id": "e"},
]


def test_the_twin_s_lite_websocket_takes_hostile_messages(record_property):
    """Each is answered or ignored; an interrupt after them is confirmed on the same line."""

    async def go(server):
        client = client_of("liveavatar", server.url)
        session = await client.start(await client.create_token(mode="LITE", sandbox=True))
        sent = 0
        async with connect(session.ws_url.reveal(), max_size=None, proxy=None) as line:
            for data in hostile_bytes(LITE_COMMANDS):
                await line.send(data if sent % 2 else data.decode("utf-8", "ignore"))
                sent += 1
            await line.send('{"type": "agent.interrupt", "event_id": "the last"}')
            while "the last" not in await asyncio.wait_for(line.recv(), 60):
                pass
        await client.http.close()
        return sent

    with one_server() as server:
        server.app = create_app(TwinSettings(api_key=KEY))
        record_property("hostile messages: the twin's LITE websocket", asyncio.run(go(server)))


SIGNALS = [
    r.SignalRequest(ping=5),
    r.SignalRequest(offer=r.SessionDescription(type="offer", sdp="v=0", id=1)),
    r.SignalRequest(answer=r.SessionDescription(type="answer", sdp="v=0", id=1)),
    r.SignalRequest(trickle=r.TrickleRequest(candidateInit='{"candidate": "x"}', target=0)),
    r.SignalRequest(add_track=r.AddTrackRequest(cid="c", type=0)),
    r.SignalRequest(subscription=r.UpdateSubscription(track_sids=["t"], subscribe=True)),
]


def hostile_signals():
    """Random bytes, and signals of which a few bytes are others."""
    rng = random.Random(4)
    for data in hostile_bytes(LITE_COMMANDS, count=COUNT // 2):
        yield data
    for _ in range(COUNT // 2):
        data = bytearray(rng.choice(SIGNALS).SerializeToString())
        for _ in range(rng.randrange(4)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        yield bytes(data)


def test_the_twin_s_rooms_take_hostile_signals(record_property):
    """A client whose offer makes no sense is put out, and may come again; its ping is answered."""

    async def go(server):
        headers = {"X-Api-Key": KEY}
        body = {"avatar_id": "a", "version": "v2"}
        async with httpx.AsyncClient(base_url=server.url, headers=headers) as http:
            made = (await http.post("/v1/streaming.new", json=body)).json()["data"]
            await http.post("/v1/streaming.start", json={"session_id": made["session_id"]})
        token = made["access_token"]
        address = f"{server.url.replace('http', 'ws')}/rtc?access_token={token}&protocol=16"
        signals, sent, joins = list(hostile_signals()), 0, 0
        while signals:
            joins += 1
            async with connect(address, max_size=None, proxy=None) as line:
                with contextlib.suppress(ConnectionClosed):
                    while signals:
                        await line.send(signals.pop())
                        sent += 1
        async with connect(address, max_size=None, proxy=None) as line:
            await line.send(r.SignalRequest(ping=7).SerializeToString())
            while True:
                answer = r.SignalResponse.FromString(await asyncio.wait_for(line.recv(), 60))
                if answer.WhichOneof("message") == "pong":
                    return sent, joins

    with one_server() as server:
        server.app = create_app(TwinSettings(api_key=KEY))
        sent, _ = asyncio.run(go(server))
    assert sent >= COUNT
    record_property("hostile messages: the twin's rooms", sent)


def test_the_twin_takes_hostile_data_packets(record_property):
    """Commands of a room: nothing is raised, and the session still speaks after them."""
    now = time.monotonic
    for service, made in (("heygen", HeyGenDataMessages), ("liveavatar", LiveAvatarDataMessages)):
        version = "v2" if service == "heygen" else "FULL"
        session = TwinSession("s", service, version, Rules(idle_s=1e6, max_s=1e6), now())
        session.start(now())
        commands = made(session, now, lambda: "id")
        valid = ["a text", {"event_type": "avatar.speak_text", "text": "hi", "event_id": "e"}]
        for data in hostile_bytes(valid, count=COUNT // 2):
            list(commands.handle_command(data, "agent-control"))
        session.speak(now(), "the last", 1.0, text="hi")
        record_property(f"hostile messages: data packets to the twin, {service}", COUNT // 2)
