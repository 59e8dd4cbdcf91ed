"""A real WebSocket client against a real companion process: frames, words, and the uninvited."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time

import psutil
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from ipyavatar.client import host_client
from ipyavatar.media.socket_server import MOST_UNKNOWN
from tests.support.fakes.recording_avatar import RecordingAvatar
from tests.support.fakes.socket_client import unpack
from tests.support.processes import until

PAGE = "http://localhost:8888"
CROWD = 600


@pytest.fixture(scope="module")
def avatar():
    avatar = RecordingAvatar(quality="low")
    avatar.speak("Hello.").wait(60)  # all files are open
    yield avatar
    avatar.stop().wait(30)
    avatar.close()
    host_client.close_all()


class Viewer:
    """A page's socket: acknowledges what comes, and keeps the frames and the words."""

    def __init__(self, avatar, peer):
        self.avatar = avatar
        self.page = peer.partition(".")[0]
        self.peer = peer
        avatar.page_says(type="subscribe", page=self.page, peer=peer, origin=PAGE)
        granted = avatar.answer("socket-granted", peer)
        self.address = f"ws://127.0.0.1:{granted['port']}/"
        self.token = granted["token"]
        self.frames = []
        self.flushes = []
        self.told = []

    def introduction(self, token=None):
        words = {"type": "open-socket", "page": self.page, "peer": self.peer}
        return json.dumps(words | {"token": token or self.token})

    @contextlib.asynccontextmanager
    async def open(self):
        async with connect(self.address, origin=PAGE, max_size=None) as web:
            await web.send(self.introduction())
            reading = asyncio.create_task(self._read(web))
            try:
                yield web
            finally:
                reading.cancel()

    async def hear(self):
        async with connect(self.address, origin=PAGE) as web:
            await web.send(self.introduction())
            return await asyncio.wait_for(web.recv(), 10)

    async def _read(self, web):
        async for data in web:
            if isinstance(data, str):
                self.told.append(json.loads(data))
                continue
            message, buffers = unpack(data)
            assert len(buffers) == len(message["frames"])
            self.flushes.append(message["flushes"])
            self.frames += message["frames"]
            if self.frames:
                number = self.frames[-1]["number"]
                words = {"type": "acknowledge", "page": self.page, "peer": self.peer}
                await web.send(json.dumps(words | {"number": number}))

    def states(self):
        return [one["state"] for one in self.told if one["type"] == "speech"]

    def kinds(self, kind):
        return [one for one in self.frames if one["kind"] == kind]


async def becomes(condition, what, within_s=30.0):
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"never {what}"
        await asyncio.sleep(0.02)


def test_pictures_sound_and_words_come_and_an_interrupt_goes(avatar):
    """All of it past the kernel, which gets no frame while the socket is open."""

    async def watch():
        viewer = Viewer(avatar, "one.1")
        async with viewer.open() as web:
            await becomes(lambda: len(viewer.kinds("picture")) > 10, "a picture")
            by_message = len(avatar.answers("frames"))
            media = {"type": "media", "page": "one", "playback": "playing"}
            await web.send(json.dumps(media))
            say = {"type": "say", "text": "I was typed, and I go on. " * 20, "page": "one"}
            await web.send(json.dumps(say | {"atMs": 1}))
            await becomes(lambda: len(viewer.kinds("sound")) > 50, "a sound")
            flushes = viewer.flushes[-1]
            await web.send(json.dumps({"type": "interrupt"}))
            await becomes(lambda: viewer.flushes[-1] > flushes, "silence")
            await becomes(lambda: "interrupted" in viewer.states(), "interrupted")
            assert [one["text"] for one in viewer.told if one["type"] == "caption"]
            assert len(avatar.answers("frames")) == by_message
        await becomes(lambda: len(avatar.answers("frames")) > by_message, "frames by message")
        return viewer

    viewer = asyncio.run(watch())
    numbers = [one["number"] for one in viewer.frames]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert viewer.kinds("picture")[-1]["atMs"] > 0


async def come_through(address):
    """Wait until the crowd is gone, as a page does that tries again."""
    deadline = time.monotonic() + 30
    while True:
        try:
            web = await connect(address, origin=PAGE)
        except (InvalidHandshake, OSError):
            assert time.monotonic() < deadline, "never let in"
            await asyncio.sleep(0.1)
        else:
            await web.close()
            return


def host_of(avatar):
    return psutil.Process(avatar.session.host_pid)


def test_a_crowd_that_is_not_invited_grows_nothing_and_ends_nothing(avatar):
    """Half-open, garbage, wrong tokens; the one who is invited still gets in."""
    viewer = Viewer(avatar, "two.1")
    host = host_of(avatar)
    port = int(viewer.address.rsplit(":", 1)[1].strip("/"))
    before, files = host.memory_info().rss, host.num_fds()
    with contextlib.ExitStack() as held:
        for number in range(CROWD):
            client = held.enter_context(socket.create_connection(("127.0.0.1", port), 10))
            with contextlib.suppress(OSError):
                client.sendall((b"", b"GET / HTTP/1.1\r\n", b"\x16\x03\x01\x00" * 100)[number % 3])
        # While a loop closes so many it takes as many in, twice.
        assert host.num_fds() <= files + 4 * MOST_UNKNOWN

    async def knock():
        await come_through(viewer.address)
        for token in ("x" * 43, viewer.token[:-1]):
            web = await connect(viewer.address, origin=PAGE)
            await web.send(viewer.introduction(token))
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(web.recv(), 20)
        async with viewer.open():
            avatar.speak("I am still here.")  # it may be at rest by now
            await becomes(lambda: viewer.kinds("picture"), "a picture")

    until(lambda: host.num_fds() <= files + 5, 20, "the crowd is gone")
    asyncio.run(knock())
    assert host.is_running()
    assert host.memory_info().rss < before + 60e6


def test_with_its_session_a_socket_ends_and_its_token_is_worth_nothing():
    """Whatever is asked with it then."""
    avatar = RecordingAvatar(quality="low")

    async def watch():
        viewer, late = Viewer(avatar, "three.1"), Viewer(avatar, "four.1")
        async with viewer.open() as web:
            await becomes(lambda: viewer.frames, "a frame")
            await asyncio.to_thread(avatar.stop().wait, 30)
            await asyncio.wait_for(web.wait_closed(), 20)
        with pytest.raises((ConnectionClosed, InvalidHandshake, OSError)):
            await late.hear()

    try:
        asyncio.run(watch())
    finally:
        avatar.close()
