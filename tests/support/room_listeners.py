"""Subscribers of rooms and streams, many in one process, that take in all media and decode none.

Commands come on standard input, one JSON list a line: `["join", name, url, token]` of a LiveKit
room, `["watch", name, url]` of a WHEP stream, `["leave", name]`. Once a second a JSON line goes to
standard output: what each subscriber got in that second. `Listeners` is the other end of the pipe.

Delays are arrival less media time: they say how delay changes, not how long it is, unless sound
and picture are held against each other (`av`); media times are those of `media_clock_twin`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

CLOCK_RATES = {"audio": 48_000, "video": 90_000}
REPORT_S = 1.0
SILENT_BYTES = 3
"""Of the twin's packet of silence; one with sound in it is longer."""
PAUSE_S = 0.3
"""Silence after which sound is counted as a new one."""


class Got:
    """What one subscriber got since it was last asked."""

    def __init__(self) -> None:
        self.data: list[str] = []
        self._sounds: list[float] = []
        self._last_sound = 0.0
        self._late: dict[str, dict[int, float]] = {"audio": {}, "video": {}}
        self._bytes = 0

    def packet(self, kind: str, timestamp: int, size: int) -> None:
        """Note the arrival of a packet; a picture has arrived with its last one."""
        now = time.monotonic()
        self._late[kind][timestamp] = now - timestamp / CLOCK_RATES[kind]
        self._bytes += size
        if kind == "audio" and size > SILENT_BYTES:
            if now - self._last_sound > PAUSE_S:
                self._sounds.append(now)
            self._last_sound = now

    def report(self) -> dict[str, Any]:
        audio, video = (np.array([*self._late[kind].values()]) for kind in CLOCK_RATES)
        told: dict[str, Any] = {
            "packets": len(audio),
            "pictures": len(video),
            "bytes": self._bytes,
            "data": self.data,
            "sounds": self._sounds,
            "audio": float(np.median(audio)) if len(audio) else None,
            "video": float(np.median(video)) if len(video) else None,
            # The sound of a picture's media time was here so much earlier.
            "av": [round(float(v - np.median(audio)), 4) for v in video] if len(audio) else [],
        }
        self._late = {"audio": {}, "video": {}}
        self._bytes, self.data, self._sounds = 0, [], []
        return told


class Subscriber:
    """One client in one room, as far as it takes to get media."""

    def __init__(self) -> None:
        from aiortc import RTCConfiguration, RTCPeerConnection

        self.got = Got()
        self.state = "joining"
        self.left = ""
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._pc.on("track", self._track)
        self._pc.on("datachannel", lambda channel: channel.on("message", self._data))
        self._pc.on("connectionstatechange", self._changed)

    async def run(self, url: str, token: str) -> None:
        """Stay in the room until cancelled, or told to leave."""
        from livekit.protocol import models as m
        from livekit.protocol import rtc as r
        from websockets.asyncio.client import connect
        from websockets.exceptions import ConnectionClosed

        pinging: asyncio.Task[None] | None = None
        try:
            async with connect(f"{url}/rtc?access_token={token}".replace("http", "ws")) as socket:
                pinging = asyncio.ensure_future(self._ping(socket))
                async for data in socket:
                    response = r.SignalResponse.FromString(data)
                    kind = response.WhichOneof("message")
                    if kind == "offer":
                        answer = await self._answer(response.offer.sdp)
                        described = r.SessionDescription(
                            type="answer", sdp=answer, id=response.offer.id
                        )
                        await socket.send(r.SignalRequest(answer=described).SerializeToString())
                    elif kind == "leave":
                        self.left = m.DisconnectReason.Name(response.leave.reason)
                        return
        except ConnectionClosed as closed:
            self.left = self.left or f"closed: {closed}"
        finally:
            if pinging is not None:
                pinging.cancel()
            await self._pc.close()

    async def watch(self, url: str) -> None:
        """Watch a WHEP stream until cancelled."""
        import httpx
        from aiortc import RTCSessionDescription

        try:
            for kind in ("audio", "video"):
                self._pc.addTransceiver(kind, direction="recvonly")
            await self._pc.setLocalDescription(await self._pc.createOffer())
            headers = {"Content-Type": "application/sdp"}
            async with httpx.AsyncClient(trust_env=False, verify=False) as client:
                reply = await client.post(
                    url, content=self._pc.localDescription.sdp, headers=headers
                )
            reply.raise_for_status()
            await self._pc.setRemoteDescription(RTCSessionDescription(reply.text, "answer"))
            await asyncio.Event().wait()
        finally:
            await self._pc.close()

    async def _ping(self, socket: Any) -> None:
        from livekit.protocol import rtc as r

        while True:
            await asyncio.sleep(5)
            await socket.send(r.SignalRequest(ping=1).SerializeToString())

    async def _answer(self, sdp: str) -> str:
        from aiortc import RTCSessionDescription

        await self._pc.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        await self._pc.setLocalDescription(await self._pc.createAnswer())
        return str(self._pc.localDescription.sdp)

    def _track(self, track: Any) -> None:
        (receiver,) = (r for r in self._pc.getReceivers() if r.track is track)
        take_in = receiver._handle_rtp_packet

        async def noted(packet: Any, arrival_time_ms: int) -> None:
            self.got.packet(track.kind, packet.timestamp, len(packet.payload))
            await take_in(packet, arrival_time_ms)

        receiver._handle_rtp_packet = noted

    def _data(self, data: bytes) -> None:
        from livekit.protocol import models as m

        said = json.loads(m.DataPacket.FromString(data).user.payload)
        self.got.data.append(said.get("type") or said.get("event_type"))

    def _changed(self) -> None:
        self.state = self._pc.connectionState

    def report(self) -> dict[str, Any]:
        return {"state": self.state, "left": self.left, **self.got.report()}


def _discard(loop: Any, received: Any, decoded: Any, *_: Any) -> None:
    """In place of aiortc's decoder thread."""
    while received.get() is not None:
        pass
    asyncio.run_coroutine_threadsafe(decoded.put(None), loop)


async def _serve() -> None:
    from aiortc import rtcrtpreceiver

    rtcrtpreceiver.decoder_worker = _discard
    loop = asyncio.get_running_loop()
    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    subscribers: dict[str, Subscriber] = {}
    tasks: dict[str, asyncio.Task[None]] = {}

    async def report() -> None:
        begin = time.monotonic()
        for turn in range(1, 1_000_000):
            await asyncio.sleep(begin + turn * REPORT_S - time.monotonic())
            told = {name: one.report() for name, one in subscribers.items()}
            print(json.dumps({"at": time.monotonic(), "got": told}), flush=True)

    reporting = asyncio.ensure_future(report())
    while line := await commands.readline():
        verb, name, *rest = json.loads(line)
        if verb in ("join", "watch"):
            subscriber = subscribers[name] = Subscriber()
            stay = subscriber.run if verb == "join" else subscriber.watch
            tasks[name] = asyncio.ensure_future(stay(*rest))
        else:
            tasks[name].cancel()
            await asyncio.gather(tasks.pop(name), return_exceptions=True)
            del subscribers[name]
    for task in (reporting, *tasks.values()):
        task.cancel()
    await asyncio.gather(reporting, *tasks.values(), return_exceptions=True)


class Listeners:
    """The process of the subscribers. `reports` holds what it has told, a line a second."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.reports: list[dict[str, Any]] = []
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def join(self, name: str, url: str, token: str) -> None:
        self._tell("join", name, url, token)

    def watch(self, name: str, url: str) -> None:
        self._tell("watch", name, url)

    def leave(self, name: str) -> None:
        self._tell("leave", name)

    def of(self, name: str, reports: int = 0) -> list[dict[str, Any]]:
        """The last `reports` (0: all) that name this subscriber."""
        found = [r["got"][name] for r in list(self.reports) if name in r["got"]]
        return found[-reports:]

    def _tell(self, *command: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.reports.append(json.loads(line))

    def close(self) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        self._reading.join(10)
        if self.process.stdout is not None:
            self.process.stdout.close()


@contextlib.contextmanager
def listeners() -> Iterator[Listeners]:
    """A process for subscribers, ended afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.room_listeners"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    found = Listeners(process)
    try:
        yield found
    finally:
        found.close()


if __name__ == "__main__":
    asyncio.run(_serve())
