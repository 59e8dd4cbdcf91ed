"""A responder that misbehaves, in a twin that is a process."""

import asyncio
import signal
import time

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from ipyavatar.twin.livekit.room import MAX_PARTICIPANTS
from tests.support.patience import patient
from tests.support.processes import until
from tests.support.sdk import TwinProcess, twin_process

RESPONDER = """
import asyncio, random, time

assert random.random() < 1  # the module of that name, and not the file of the folder

def blocks(text):
    time.sleep(600)

async def blocks_its_loop(text):
    time.sleep(600)

async def waits(text):
    await asyncio.sleep(600)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "my_responder.py").write_text(RESPONDER)
    (tmp_path / "random.py").write_text("raise SystemExit('a file of the folder was run')")
    monkeypatch.chdir(tmp_path)


def address(twin: TwinProcess, session: str, name: str) -> str:
    token = twin.viewer(session, name)
    return f"{twin.url}/rtc?access_token={token}".replace("http", "ws")


def speech(twin: TwinProcess) -> dict:
    return twin.state()["sessions"][0]["speeches"][-1]


@pytest.mark.parametrize("how", ["blocks", "blocks_its_loop", "waits"])
def test_a_responder_that_hangs_is_left_and_the_twin_goes_on_and_ends(folder, how):
    """The speech ends, the next one is said, an interrupt works, and SIGTERM ends the process."""

    async def go(twin):
        session = twin.heygen()["session_id"]
        async with connect(address(twin, session, "viewer")):
            twin.say(session, "Who are you?", "talk")
            await asyncio.to_thread(
                until, lambda: speech(twin)["state"] == "said", 30, "the hanging one is left"
            )
            twin.say(session, "Next.")
            await asyncio.to_thread(
                until, lambda: speech(twin)["state"] == "said", 30, "the next one is said"
            )
            twin.say(session, "And now?", "talk")
            assert twin.call("POST", "/v1/streaming.interrupt", {"session_id": session})[0] == 200
            assert speech(twin)["state"] == "interrupted"
            twin.say(session, "Still there?", "talk")

    options = ("--responder", f"my_responder:{how}", "--responder-timeout", "1.5")
    with twin_process(*options) as twin:
        asyncio.run(go(twin))
        began = time.monotonic()
        twin.process.send_signal(signal.SIGTERM)
        assert twin.process.wait(30) == 0
        assert time.monotonic() - began < patient(12)


def test_a_thread_of_the_responder_does_not_hold_up_the_end(folder, tmp_path):
    """Python would wait for it for ever."""
    lines = "import threading\nthreading.Thread(target=threading.Event().wait).start()\n"
    (tmp_path / "busy_responder.py").write_text(f"{lines}def answer(text): return text")
    with twin_process("--responder", "busy_responder:answer") as twin:
        twin.process.send_signal(signal.SIGTERM)
        assert twin.process.wait(8) == 0


def test_a_room_has_an_end():
    """One client too many is refused as LiveKit does; who is in it already may come anew."""

    async def go(twin):
        session = twin.heygen()["session_id"]
        clients = []
        try:
            for number in range(MAX_PARTICIPANTS):
                client = await connect(address(twin, session, f"viewer-{number}"))
                clients.append(client)
            with pytest.raises(InvalidStatus) as refused:
                await connect(address(twin, session, "one-more"))
            assert refused.value.response.status_code == 429
            clients.append(await connect(address(twin, session, "viewer-0")))
        finally:
            for client in clients:
                client.transport.abort()

    with twin_process() as twin:
        asyncio.run(go(twin))
