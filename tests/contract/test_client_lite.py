"""The LITE websocket against the twin, and against a server that misbehaves: real connections."""

import asyncio
import base64
import contextlib
import json
import logging

import pytest
from websockets.asyncio.server import serve

from ipyavatar import errors as e
from ipyavatar.core.clock import MonotonicClock
from ipyavatar.core.secret import Secret
from ipyavatar.core.speech import Utterance
from ipyavatar.protocol.grants import SessionGrant
from ipyavatar.providers.liveavatar.driver import LiveAvatarDriver
from ipyavatar.providers.liveavatar.lite_messages import BYTES_PER_SECOND, FIRST_PIECE_BYTES
from ipyavatar.providers.liveavatar.lite_socket import LARGEST_MESSAGE_BYTES, connect_lite
from ipyavatar.providers.liveavatar.options import LiveAvatarOptions
from ipyavatar.twin import TwinSettings
from tests.support.fakes.credentials import credentials_of
from tests.support.fakes.silent_voice import SilentVoice
from tests.support.fakes.speech_listener import RecordingSpeechListener
from tests.support.faults import create_app
from tests.support.services import FIXTURES, KEY, client_of, one_server

SECOND = b"\0" * BYTES_PER_SECOND
TOKEN = "hush-4711"


@pytest.fixture(scope="module")
def server():
    with one_server() as running:
        yield running


class Heard:
    """Events as they come, and a way to wait for one."""

    def __init__(self):
        self.events = []
        self._news = asyncio.Event()

    def __call__(self, event):
        self.events.append(event)
        self._news.set()

    def kinds(self):
        return [event.kind for event in self.events]

    async def until(self, kind):
        async def wait():
            while kind not in self.kinds():
                self._news.clear()
                await self._news.wait()

        await asyncio.wait_for(wait(), 5)


async def started(server):
    server.app = create_app(TwinSettings(api_key=KEY))
    client = client_of("liveavatar", server.url)
    token = await client.create_token(mode="LITE", sandbox=True)
    session = await client.start(token)
    return client, session


def test_a_speech_from_its_first_piece_to_its_end(server):
    """Sound is sent, the events name the speech by our id, a stop at the service ends the line."""

    async def run():
        client, session = await started(server)
        heard = Heard()
        socket = await connect_lite(session.ws_url, heard)
        assert heard.events[0].text == "connected"
        speech = await socket.speak(SECOND[: BYTES_PER_SECOND // 5])
        await heard.until("avatar_stopped")
        told = {ev.task_id for ev in heard.events if ev.name.startswith("agent.speak_")}
        assert told == {speech}
        await socket.keep_alive()
        await client.stop(session.session_id)
        why = await asyncio.wait_for(socket.gone, 5)
        with pytest.raises(e.SessionGone):
            await socket.speak(SECOND)
        await socket.close()
        await socket.close()
        await client.http.close()
        return why

    assert asyncio.run(run())


def test_interrupt_cuts_a_long_speech(server):
    async def run():
        client, session = await started(server)
        heard = Heard()
        socket = await connect_lite(session.ws_url, heard)
        await socket.speak(SECOND * 30)
        await heard.until("avatar_started")
        await socket.interrupt()
        await heard.until("avatar_interrupted")
        await socket.close()
        await client.http.close()

    asyncio.run(run())


class Service:
    """A websocket server that keeps what it is sent."""

    CONNECTED = ({"type": "session.state_updated", "state": "connected"},)

    def __init__(self, first=CONNECTED):
        self.first = first
        self.received = []
        self.line = None
        self.paths = []

    async def __call__(self, line):
        self.line = line
        self.paths.append(line.request.path)
        for message in self.first:
            await line.send(message if isinstance(message, (str, bytes)) else json.dumps(message))
        async for message in line:
            self.received.append(json.loads(message))

    def types(self):
        return [m["type"] for m in self.received]

    async def until(self, count):
        async def wait():
            while len(self.received) < count:
                await asyncio.sleep(0.002)

        await asyncio.wait_for(wait(), 5)


def against(service, do, **more):
    async def run():
        async with serve(service, "127.0.0.1", 0, max_size=None) as server:
            port = server.sockets[0].getsockname()[1]
            url = Secret(f"ws://127.0.0.1:{port}/v1/lite/s?token={TOKEN}")
            heard = Heard()
            socket = await connect_lite(url, heard, **more)
            try:
                return await do(socket, heard)
            finally:
                await socket.close()

    return asyncio.run(run())


def test_pieces_are_short_first_then_a_second_under_one_id():
    service = Service()

    async def do(socket, heard):
        await socket.speak(SECOND * 2 + b"\1", "speech-1")
        await service.until(4)

    against(service, do)
    assert service.types() == ["agent.speak"] * 3 + ["agent.speak_end"]
    assert {m["event_id"] for m in service.received} == {"speech-1"}
    sizes = [len(base64.b64decode(m["audio"])) for m in service.received[:3]]
    assert sizes == [
        FIRST_PIECE_BYTES,
        BYTES_PER_SECOND,
        2 * BYTES_PER_SECOND - FIRST_PIECE_BYTES - BYTES_PER_SECOND,
    ]


def test_a_large_message_ends_nothing():
    """An error that quotes a whole speech, say."""
    large = {"type": "error", "error": {"message": "x" * 3_000_000}}
    service = Service([*Service.CONNECTED, large, {"type": "agent.speak_ended", "event_id": "1"}])

    async def do(socket, heard):
        await heard.until("avatar_stopped")
        await socket.keep_alive()
        await service.until(1)
        return [event.name for event in heard.events]

    assert against(service, do) == ["session.state_updated", "error", "agent.speak_ended"]


def test_a_message_without_measure_ends_the_line_and_is_named():
    service = Service([*Service.CONNECTED, "x" * (LARGEST_MESSAGE_BYTES + 1)])

    async def do(socket, heard):
        why = await asyncio.wait_for(asyncio.shield(socket.gone), 10)
        with pytest.raises(e.SessionGone, match="a message of more than 16 MiB"):
            await socket.keep_alive()
        return why

    assert "a message of more than 16 MiB" in against(service, do)


def test_the_fixture_is_understood():
    """Every message of the fixture that the service sends has a meaning."""
    rows = json.loads((FIXTURES / "liveavatar_lite_ws.json").read_text())
    service = Service([r["json"] for r in rows if r["direction"] == "receive"])

    heard = Heard()

    async def run():
        async with serve(service, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            # The last message closes the session; it may be read before or after we are ready.
            with contextlib.suppress(e.SessionGone):
                socket = await connect_lite(Secret(f"ws://127.0.0.1:{port}/"), heard)
                await socket.gone
                await socket.close()

    asyncio.run(run())
    assert heard.kinds() == [
        "state_changed", "other", "avatar_started", "other", "avatar_stopped",
        "avatar_interrupted", "error", "session_ended",
    ]  # fmt: skip


def test_the_end_is_told_when_the_voice_fails():
    service = Service()

    async def voice():
        yield SECOND
        raise RuntimeError("The voice broke.")

    async def do(socket, heard):
        with pytest.raises(RuntimeError):
            await socket.speak(voice())
        await service.until(2)

    against(service, do)
    assert service.types()[-1] == "agent.speak_end"


def test_the_end_is_told_when_the_speaker_is_cancelled():
    service = Service()

    async def voice():
        yield SECOND
        await asyncio.sleep(60)

    async def do(socket, heard):
        task = asyncio.create_task(socket.speak(voice()))
        await service.until(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await service.until(2)
        await socket.speak(SECOND[:2])  # and the next one can speak

    against(service, do)
    assert service.types()[:2] == ["agent.speak", "agent.speak_end"]


def test_two_speeches_do_not_mix():
    service = Service()

    async def do(socket, heard):
        await asyncio.gather(socket.speak(SECOND * 3, "a"), socket.speak(SECOND * 3, "b"))
        await service.until(10)

    against(service, do)
    assert [m["event_id"] for m in service.received] == ["a"] * 5 + ["b"] * 5


def test_a_listener_that_fails_does_not_deafen(caplog):
    service = Service()

    async def run():
        async with serve(service, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]

            def broken(event):
                raise ValueError("listener")

            with caplog.at_level(logging.ERROR):
                socket = await connect_lite(Secret(f"ws://127.0.0.1:{port}/"), broken)
            assert not socket.gone.done()
            await socket.close()

    asyncio.run(run())
    assert "listener" in caplog.text


def test_silence_in_place_of_connected_is_an_error():
    with pytest.raises(e.NoAnswer, match="did not say it is connected"):
        against(Service(first=()), None, within_s=0.2)


def test_rubbish_before_connected_is_passed_over():
    connected = {"type": "session.state_updated", "state": "connected"}

    async def do(socket, heard):
        return heard.kinds()

    assert against(Service(first=("rubbish", b"\xff", connected)), do) == ["state_changed"]


def test_a_line_that_closes_at_once_is_a_session_that_is_gone():
    async def refuse(line):
        await line.close(1008)

    with pytest.raises(e.SessionGone, match="1008"):
        against(refuse, None)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, e.AuthenticationError), (404, e.SessionGone), (503, e.ServiceUnavailable)],
)
def test_refusals_of_the_handshake(status, kind):
    async def run():
        def refuse(line, request):
            return line.respond(status, "no")

        async with serve(Service(), "127.0.0.1", 0, process_request=refuse) as server:
            port = server.sockets[0].getsockname()[1]
            await connect_lite(Secret(f"ws://127.0.0.1:{port}/?token={TOKEN}"), print)

    with pytest.raises(kind) as caught:
        asyncio.run(run())
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_line_goes_nowhere_else(status):
    """What is said is for the service alone; the session is stopped by who opened it."""
    stranger = Service()

    async def run():
        async with serve(stranger, "127.0.0.1", 0) as other:
            elsewhere = f"ws://127.0.0.1:{other.sockets[0].getsockname()[1]}/"

            def send_away(line, request):
                answer = line.respond(status, "")
                answer.headers["Location"] = elsewhere
                return answer

            async with serve(Service(), "127.0.0.1", 0, process_request=send_away) as server:
                port = server.sockets[0].getsockname()[1]
                await connect_lite(Secret(f"ws://127.0.0.1:{port}/?token={TOKEN}"), print)

    with pytest.raises(e.BadAnswer, match="elsewhere"):
        asyncio.run(run())
    assert not stranger.paths


@pytest.mark.parametrize("url", ["ws://127.0.0.1:9/?t=", "http://127.0.0.1/?t=", "nonsense "])
def test_addresses_that_lead_nowhere_are_told_without_showing_them(url):
    with pytest.raises((e.NoAnswer, e.BadAnswer)) as caught:
        asyncio.run(connect_lite(Secret(url + TOKEN), print))
    assert TOKEN not in repr(caught.value) + str(caught.value)
    assert caught.value.__cause__ is None


def test_nothing_of_the_line_is_logged(caplog):
    """The library logs address and frames at DEBUG: not here."""

    async def do(socket, heard):
        await socket.speak(SECOND)

    with caplog.at_level(logging.DEBUG):
        against(Service(), do)
    client_side = [r for r in caplog.records if r.name != "websockets.server"]
    assert TOKEN not in " ".join(r.getMessage() for r in client_side)


class SlowToConfirm(Service):
    """Tells that an interrupt was obeyed only when the next speech has begun."""

    async def __call__(self, line):
        self.line = line
        late = None
        await line.send(json.dumps(self.first[0]))
        async for message in line:
            told = json.loads(message)
            name = {"source_event_id": told["event_id"], "event_id": "theirs"}
            match told["type"]:
                case "agent.interrupt":
                    late = {"type": "agent.audio_buffer_cleared", **name}
                case "agent.speak_end":
                    self.received.append(told)
                    await line.send(json.dumps({"type": "agent.speak_started", **name}))
                    if late is not None:
                        await line.send(json.dumps(late))
                        await asyncio.sleep(0.1)
                        await line.send(json.dumps({"type": "agent.speak_ended", **name}))


def test_an_interrupt_that_is_confirmed_late_does_not_cut_off_the_next_speech():
    """Its confirmation names the interrupt: the speech after it is said to its end."""
    service = SlowToConfirm()
    said = []

    async def run():
        async with serve(service, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            options = LiveAvatarOptions(credentials=credentials_of("liveavatar"))
            client = client_of("liveavatar", f"http://127.0.0.1:{port}")
            driver = LiveAvatarDriver(client, options, MonotonicClock(), SilentVoice())
            grant = SessionGrant("liveavatar", "s", socket_url=Secret(f"ws://127.0.0.1:{port}/"))
            driver.adopt(grant)
            first = asyncio.create_task(
                driver.say(Utterance("a", "x" * 15), RecordingSpeechListener())
            )
            await service.until(1)
            first.cancel()
            await driver.interrupt()
            said.extend(await driver.say(Utterance("b", "brief"), RecordingSpeechListener()))
            await driver.close()

    asyncio.run(run())
    assert [word for word, _, _ in said] == ["brief"]


def test_http_client_and_socket_share_nothing(server):
    """A LITE session can be stopped while its line is open."""

    async def run():
        client, session = await started(server)
        socket = await connect_lite(session.ws_url, lambda event: None)
        assert await client.stop(session.session_id)
        assert not await client.stop(session.session_id)
        await socket.close()
        await client.http.close()

    asyncio.run(run())
