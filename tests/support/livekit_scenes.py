"""LiveKit's Python SDK in a room of the twin, as a process: plays a scene, prints a diary as JSON.

Its native library must not share a process with the tests. Arguments: the scene, the websocket
address, `one` or `two` peer connections, and the tokens of the clients.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
from livekit import rtc

from tests.support.livekit_end import tell

RATE = 48_000
LOUD = 300
WAIT_S = 20.0


class Client:
    """One client: what it gets of each track, and what it is told."""

    def __init__(self, url: str, token: str, mode: str, *, auto: bool = True) -> None:
        self.room = rtc.Room()
        self.frames: dict[str, int] = {}
        self.sizes: dict[str, list[int]] = {}
        self.loud_s: dict[str, float] = {}
        self.pitch: dict[str, float] = {}
        self.data: list[list[Any]] = []
        self.events: list[str] = []
        self._url, self._token, self._mode, self._auto = url, token, mode, auto
        self._readers: dict[str, asyncio.Task[None]] = {}
        self._speaking: asyncio.Task[None] | None = None
        on = self.room.on
        on("track_subscribed", self._on_subscribed)
        on("track_unsubscribed", self._on_unsubscribed)
        on("data_received", self._on_data)
        on("participant_connected", lambda p: self.events.append(f"+{p.identity}"))
        on("participant_disconnected", lambda p: self.events.append(f"-{p.identity}"))
        on("track_published", lambda t, p: self.events.append(f"track of {p.identity}"))
        on("track_unpublished", lambda t, p: self.events.append(f"no track of {p.identity}"))
        on("track_muted", lambda p, t: self.events.append(f"{p.identity} muted"))
        on("disconnected", lambda reason: self.events.append(f"disconnected {reason}"))
        on("local_track_subscribed", lambda t: self.events.append("heard"))

    async def __aenter__(self) -> Client:
        options = rtc.RoomOptions(
            auto_subscribe=self._auto, single_peer_connection=self._mode == "one"
        )
        await asyncio.wait_for(self.room.connect(self._url, self._token, options), WAIT_S)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._speaking is not None:
            self._speaking.cancel()
        for task in self._readers.values():
            task.cancel()
        await self.room.disconnect()

    def _on_subscribed(self, track: rtc.Track, _: Any, who: rtc.RemoteParticipant) -> None:
        kind = "video" if track.kind == rtc.TrackKind.KIND_VIDEO else "audio"
        name = f"{who.identity} {kind}"
        self.events.append(f"subscribed {name}")
        read = self._look if kind == "video" else self._listen
        self._readers[track.sid + str(time.monotonic())] = asyncio.ensure_future(read(name, track))

    def _on_unsubscribed(self, track: rtc.Track, _: Any, who: rtc.RemoteParticipant) -> None:
        kind = "video" if track.kind == rtc.TrackKind.KIND_VIDEO else "audio"
        self.events.append(f"unsubscribed {who.identity} {kind}")

    async def _look(self, name: str, track: rtc.Track) -> None:
        async for event in rtc.VideoStream(track, format=rtc.VideoBufferType.I420):
            self.frames[name] = self.frames.get(name, 0) + 1
            self.sizes[name] = [event.frame.width, event.frame.height]

    async def _listen(self, name: str, track: rtc.Track) -> None:
        kept = np.zeros(0)
        async for event in rtc.AudioStream(track, sample_rate=RATE, num_channels=1):
            samples = np.frombuffer(event.frame.data, np.int16).astype(float)
            if np.sqrt(np.mean(samples**2)) > LOUD:
                self.loud_s[name] = self.loud_s.get(name, 0.0) + len(samples) / RATE
                kept = np.concatenate([kept, samples])[-RATE // 2 :]
                spectrum = np.abs(np.fft.rfft(kept * np.hanning(len(kept))))
                self.pitch[name] = round(float(np.argmax(spectrum) * RATE / len(kept)))

    def _on_data(self, packet: rtc.DataPacket) -> None:
        sender = packet.participant.identity if packet.participant else ""
        reliable = packet.kind == rtc.DataPacketKind.KIND_RELIABLE
        text = packet.data.decode(errors="replace")
        self.data.append([sender, packet.topic or "", text, reliable])

    async def speak(self, pitch: int) -> rtc.LocalTrackPublication:
        """Publish a microphone that sounds all the time, at a multiple of 50 Hz."""
        source = rtc.AudioSource(RATE, 1)
        track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        published = await asyncio.wait_for(
            self.room.local_participant.publish_track(track, options), WAIT_S
        )
        tone = np.sin(2 * np.pi * pitch * np.arange(RATE // 50) / RATE)
        samples = (8000 * tone).astype(np.int16)

        async def play() -> None:
            while True:
                frame = rtc.AudioFrame(samples.tobytes(), RATE, 1, len(samples))
                await source.capture_frame(frame)

        self._speaking = asyncio.ensure_future(play())
        return published

    def publication(self, identity: str, kind: str) -> rtc.RemoteTrackPublication:
        """A track of another's."""
        wanted = rtc.TrackKind.KIND_VIDEO if kind == "video" else rtc.TrackKind.KIND_AUDIO
        participant = self.room.remote_participants[identity]
        return next(p for p in participant.track_publications.values() if p.kind == wanted)

    def diary(self) -> dict[str, Any]:
        return {
            "frames": self.frames,
            "sizes": self.sizes,
            "loud_s": self.loud_s,
            "pitch": self.pitch,
            "data": self.data,
            "events": self.events,
            "others": sorted(self.room.remote_participants),
        }


async def until(what: Callable[[], object], seconds: float = WAIT_S) -> bool:
    """Whether it became so in time."""
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.02)
    return True


async def again(url: str, mode: str, token: str) -> dict[str, Any]:
    """Unsubscribe from the avatar's tracks and subscribe again, twice."""
    async with Client(url, token, mode) as client:
        assert await until(lambda: client.frames.get("heygen video", 0) > 10), client.diary()
        rounds = [await unsubscribe_and_subscribe(client) for _ in range(2)]
        return {"rounds": rounds, **client.diary()}


async def unsubscribe_and_subscribe(client: Client) -> dict[str, Any]:
    """What came after each, and how long it took."""

    def set_subscribed(subscribed: bool) -> None:
        for kind in ("video", "audio"):
            client.publication("heygen", kind).set_subscribed(subscribed)

    seen = len(client.events)
    set_subscribed(False)
    gone = await until(lambda: len(client.events) == seen + 2, 5)
    await asyncio.sleep(0.5)  # what is under way
    before = client.frames["heygen video"]
    await asyncio.sleep(1.0)
    stray = client.frames["heygen video"] - before
    set_subscribed(True)
    began = time.monotonic()
    back = await until(lambda: client.frames["heygen video"] > before + 10)
    return {"gone": gone, "stray": stray, "back": back, "seconds": time.monotonic() - began}


async def choose(url: str, mode: str, token: str) -> dict[str, Any]:
    """Subscribe to nothing, then to the pictures alone."""
    async with Client(url, token, mode, auto=False) as client:
        await until(lambda: client.room.remote_participants)
        await asyncio.sleep(1.0)
        first = list(client.events)
        client.publication("heygen", "video").set_subscribed(True)
        await until(lambda: client.frames.get("heygen video", 0) > 10)
        return {"first": first, **client.diary()}


async def profile(url: str, mode: str, token: str, other: str) -> dict[str, Any]:
    """Change what one says of oneself; how long each takes, and what another sees."""
    async with Client(url, token, mode) as client, Client(url, other, mode) as witness:
        me = client.room.local_participant
        seconds, errors = [], []
        for change in (
            me.set_name("Ada"),
            me.set_metadata('{"a": 1}'),
            me.set_attributes({"role": "tutor", "mood": "fine"}),
            me.set_attributes({"mood": ""}),
        ):
            began = time.monotonic()
            try:
                await change
            except Exception as error:
                errors.append(str(error))
            seconds.append(time.monotonic() - began)
        seen = witness.room.remote_participants[me.identity]
        await until(lambda: dict(seen.attributes) == {"role": "tutor"}, 3)
        return {
            "seconds": seconds,
            "errors": errors,
            "mine": [me.name, me.metadata, dict(me.attributes)],
            "seen": [seen.name, seen.metadata, dict(seen.attributes)],
        }


async def two(url: str, mode: str, token: str, other: str) -> dict[str, Any]:
    """An agent and a user: each hears the other, and data goes both ways, by RPC, too."""
    async with Client(url, token, mode) as agent, Client(url, other, mode) as user:
        here, there = agent.room.local_participant, user.room.local_participant
        heard = await asyncio.gather(agent.speak(500), user.speak(900))
        await asyncio.gather(*(asyncio.wait_for(p.wait_for_subscription(), 10) for p in heard))
        await until(lambda: agent.loud_s.get(f"{there.identity} audio", 0) > 2)
        await until(lambda: user.loud_s.get(f"{here.identity} audio", 0) > 2)
        await here.publish_data("to all", topic="a")
        await there.publish_data("not reliable", reliable=False, topic="b")
        await here.publish_data("to one", topic="c", destination_identities=[there.identity])
        await here.publish_data("to nobody", topic="d", destination_identities=["nobody"])
        texts: list[str] = []

        def on_text(reader: Any, _: str) -> None:
            tasks.append(asyncio.ensure_future(read(reader)))

        async def read(reader: Any) -> None:
            texts.append(await reader.read_all())

        tasks: list[asyncio.Task[None]] = []
        user.room.register_text_stream_handler("words", on_text)
        await here.send_text("word " * 10_000, topic="words")

        async def shout(call: Any) -> str:
            return str(call.payload).upper()

        there.register_rpc_method("shout", shout)
        answer = await here.perform_rpc(
            destination_identity=there.identity, method="shout", payload="hello"
        )
        await until(lambda: len(texts) == 1 and len(agent.data) >= 1 and len(user.data) >= 2, 10)
        heard[0].track.mute()
        await until(lambda: f"{here.identity} muted" in user.events, 5)
        await here.unpublish_track(heard[0].sid)
        await until(lambda: f"no track of {here.identity}" in user.events, 5)
        await asyncio.sleep(0.2)
        return {
            "agent": agent.diary(),
            "user": user.diary(),
            "rpc": answer,
            "text": [len(text) for text in texts],
        }


async def watch(url: str, mode: str, token: str) -> dict[str, Any]:
    """Wait for an avatar in the room; who it is, and what comes of it until it leaves."""
    async with Client(url, token, mode) as client:
        print("joined", flush=True)
        await until(lambda: client.room.remote_participants, 40)
        (avatar,) = client.room.remote_participants.values()
        who = {
            "identity": avatar.identity,
            "name": avatar.name,
            "attributes": dict(avatar.attributes),
            "agent": avatar.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT,
        }
        await until(lambda: client.loud_s.get(f"{avatar.identity} audio", 0) > 1, 40)
        print("heard", flush=True)
        await until(lambda: f"-{avatar.identity}" in client.events, 20)
        return {"who": who, **client.diary()}


SCENES: dict[str, Callable[..., Awaitable[dict[str, Any]]]] = {
    "again": again,
    "choose": choose,
    "profile": profile,
    "two": two,
    "watch": watch,
}

if __name__ == "__main__":
    name, *arguments = sys.argv[1:]
    with contextlib.suppress(KeyboardInterrupt):
        tell(asyncio.run(SCENES[name](*arguments)))
