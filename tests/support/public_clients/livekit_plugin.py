"""LiveKit Agents' plugin for LiveAvatar: the avatar joins the agent's own room, on its behalf.

The plugin, its audio queue and its base class are as published; the framework around them, which
wants models, tracing and a job server, is not run: what they ask of it is empty here.

Arguments: the twin's address, the key. Prints what it got as JSON.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
import types
from typing import Any

import numpy as np

from tests.support.livekit_end import tell
from tests.support.public_clients.bare import import_bare
from tests.support.public_clients.pipecat import until

RATE = 24_000
AGENTS = "livekit.agents"
BARE = (AGENTS, f"{AGENTS}.utils", f"{AGENTS}.metrics", f"{AGENTS}.voice", f"{AGENTS}.voice.avatar")
EMPTY = ("llm", "stt", "job", "voice.agent", "voice.events", "voice.room_io")


class _Anything(types.ModuleType):
    """A module of the framework that is only named in annotations."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (types.SimpleNamespace,), {})


def load_plugin() -> Any:
    """The plugin's module."""
    types_ = import_bare(f"{AGENTS}.types", *BARE)
    for name in EMPTY:
        sys.modules[f"{AGENTS}.{name}"] = _Anything(f"{AGENTS}.{name}")
    agents, utils = sys.modules[AGENTS], sys.modules[f"{AGENTS}.utils"]
    for name in ("aio", "http_context"):
        setattr(utils, name, importlib.import_module(f"{AGENTS}.utils.{name}"))
    take(utils, "utils.misc", "is_given")
    take(utils, "utils.log", "log_exceptions")
    take(utils, "utils.participant", "wait_for_participant", "wait_for_track_publication")
    agents.utils = utils  # type: ignore[attr-defined]

    def no_job(required: bool = True) -> None:
        if required:
            raise RuntimeError("no job context found, are you running this code inside a job?")

    sys.modules[f"{AGENTS}.job"].get_job_context = no_job  # type: ignore[attr-defined]
    take(agents, "types", "DEFAULT_API_CONNECT_OPTIONS", "NOT_GIVEN", "NotGivenOr")
    take(agents, "types", "APIConnectOptions")
    take(agents, "_exceptions", "APIConnectionError", "APIStatusError")
    take(agents, "job", "get_job_context")
    take(agents, "voice.agent", "AgentSession", "Plugin")
    room_io = sys.modules[f"{AGENTS}.voice.room_io"]
    room_io.ATTRIBUTE_PUBLISH_ON_BEHALF = types_.ATTRIBUTE_PUBLISH_ON_BEHALF  # type: ignore[attr-defined]
    avatar = sys.modules[f"{AGENTS}.voice.avatar"]
    take(avatar, "voice.avatar._types", "AudioSegmentEnd", "AvatarSession")
    take(avatar, "voice.avatar._queue_io", "QueueAudioOutput")
    return import_bare("livekit.plugins.liveavatar.avatar", "livekit.plugins.liveavatar")


def take(into: Any, module: str, *names: str) -> None:
    found = importlib.import_module(f"{AGENTS}.{module}")
    for name in names:
        setattr(into, name, getattr(found, name))


class Seen:
    """What the avatar shows in the agent's room, and sounds like."""

    def __init__(self, room: Any, rtc: Any) -> None:
        self.frames = 0
        self.loud_s = 0.0
        self.attributes: dict[str, str] = {}
        self._rtc = rtc
        self._tasks: list[asyncio.Task[None]] = []
        room.on("track_subscribed", self._on_track)

    def _on_track(self, track: Any, _publication: Any, person: Any) -> None:
        self.attributes = dict(person.attributes)
        loud = track.kind == self._rtc.TrackKind.KIND_AUDIO
        self._tasks.append(asyncio.ensure_future(self._hear(track) if loud else self._look(track)))

    async def _look(self, track: Any) -> None:
        async for _ in self._rtc.VideoStream(track):
            self.frames += 1

    async def _hear(self, track: Any) -> None:
        async for event in self._rtc.AudioStream(track, sample_rate=RATE):
            samples = np.frombuffer(event.frame.data, np.int16).astype(float)
            if np.sqrt(np.mean(samples**2)) > 300:
                self.loud_s += event.frame.duration


async def speak(queue: Any, rtc: Any, seconds: float) -> None:
    """A tone, in frames of a tenth of a second."""
    times = np.arange(round(RATE * seconds)) / RATE
    sound = (8000 * np.sin(2 * np.pi * 220 * times)).astype(np.int16)
    for part in np.split(sound, round(seconds * 10)):
        await queue.capture_frame(rtc.AudioFrame(part.tobytes(), RATE, 1, len(part)))
    queue.flush()


async def main(url: str, key: str) -> dict[str, object]:
    plugin = load_plugin()
    api, rtc = importlib.import_module("livekit.api"), importlib.import_module("livekit.rtc")
    http = importlib.import_module("aiohttp")
    where = url.replace("http", "ws", 1)
    token = (
        api.AccessToken("devkey", "secret")
        .with_identity("agent")
        .with_grants(api.VideoGrants(room_join=True, room="lesson"))
    )
    room = rtc.Room()
    seen = Seen(room, rtc)
    await room.connect(where, token.to_jwt())
    agent = rtc.EventEmitter()
    output: dict[str, Any] = {}
    agent.output = types.SimpleNamespace(replace_audio_tail=lambda tail: output.update(tail=tail))
    async with http.ClientSession() as session:
        avatar = plugin.AvatarSession(avatar_id="ava", api_key=key, api_url=f"{url}/v1/sessions")
        avatar._api._session = session
        played: list[Any] = []
        await avatar.start(
            agent, room, livekit_url=where, livekit_api_key="devkey", livekit_api_secret="secret"
        )
        await avatar.wait_for_join(timeout=30)
        queue = output["tail"]
        queue.on("playback_finished", played.append)
        await speak(queue, rtc, 2.0)
        await until(lambda: played, "the first is said")
        await until(lambda: seen.loud_s > 1.8, "nearly all of it is heard")
        heard_s = seen.loud_s
        await speak(queue, rtc, 5.0)
        await until(lambda: seen.loud_s > heard_s + 0.5, "the second is heard")
        queue.clear_buffer()
        await until(lambda: len(played) == 2, "the second is cut")
        await asyncio.sleep(1.5)
        cut_s = seen.loud_s - heard_s
        agent.emit("close", None)
        await asyncio.wait_for(avatar._main_atask, 20)
        await avatar.aclose()
    await room.disconnect()
    return {
        "session": avatar._session_id,
        "behalf": seen.attributes.get("lk.publish_on_behalf"),
        "frames": seen.frames,
        "heard_s": heard_s,
        "cut_s": cut_s,
        "interrupted": [event.interrupted for event in played],
    }


if __name__ == "__main__":
    tell(asyncio.run(main(*sys.argv[1:])))
