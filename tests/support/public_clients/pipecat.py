"""Pipecat's client of HeyGen and LiveAvatar: speaks, is interrupted, and looks and listens.

Arguments: the twin's address, the key, `heygen` or `liveavatar`. Prints what it got as JSON.
"""

from __future__ import annotations

import asyncio
import sys
import types
import uuid
from typing import Any

import numpy as np

from tests.support.livekit_end import tell
from tests.support.public_clients.bare import import_bare

RATE = 24_000
SECONDS = 2.0
AROUND = ("pipecat", "pipecat.services", "pipecat.services.heygen")


def part(name: str) -> Any:
    return import_bare(f"pipecat.{name}", *AROUND)


def tone(seconds: float) -> bytes:
    times = np.arange(round(RATE * seconds)) / RATE
    return (8000 * np.sin(2 * np.pi * 220 * times)).astype("<i2").tobytes()


class Seen:
    """What comes from the avatar."""

    def __init__(self) -> None:
        self.people: list[str] = []
        self.frames = 0
        self.size: tuple[int, int] | None = None
        self.loud_s = 0.0

    async def on_person(self, identity: str) -> None:
        self.people.append(identity)

    async def on_picture(self, frame: Any) -> None:
        self.frames += 1
        self.size = frame.size

    async def on_sound(self, frame: Any) -> None:
        samples = np.frombuffer(frame.audio, np.int16).astype(float)
        if np.sqrt(np.mean(samples**2)) > 300:
            self.loud_s += len(samples) / frame.sample_rate


async def until(condition: Any, what: str, seconds: float = 20) -> None:
    async def wait() -> None:
        while not condition():
            await asyncio.sleep(0.02)

    try:
        await asyncio.wait_for(wait(), seconds)
    except asyncio.TimeoutError:
        raise AssertionError(f"not within {seconds} s: {what}") from None


async def speak(client: Any, seconds: float, event_id: str) -> None:
    sound = tone(seconds)
    for start in range(0, len(sound), RATE // 5):
        await client.agent_speak(sound[start : start + RATE // 5], event_id)


async def main(url: str, key: str, service: str) -> dict[str, object]:
    client_module = part("services.heygen.client")
    part("services.heygen.api_interactive_avatar").HeyGenApi.BASE_URL = f"{url}/v1"
    part("services.heygen.api_liveavatar").LiveAvatarApi.BASE_URL = f"{url}/v1"
    http = import_bare("aiohttp")
    manager = part("utils.asyncio.task_manager").TaskManager()
    seen = Seen()

    async def nothing(*_: object) -> None:
        pass

    kinds = client_module.ServiceType
    async with http.ClientSession() as session:
        client = client_module.HeyGenClient(
            api_key=key,
            session=session,
            params=part("transports.base_transport").TransportParams(),
            service_type=kinds.INTERACTIVE_AVATAR if service == "heygen" else kinds.LIVE_AVATAR,
            callbacks=client_module.HeyGenCallbacks(
                on_connected=nothing,
                on_participant_connected=seen.on_person,
                on_participant_disconnected=nothing,
            ),
            connect_as_user=service != "heygen",
        )
        setup = types.SimpleNamespace(
            task_manager=manager, audio_in_sample_rate=RATE, audio_out_sample_rate=RATE
        )
        await client.setup(setup)
        await until(lambda: "heygen" in seen.people, "the avatar is in the room")
        client.transport_ready()
        await client.capture_participant_video("heygen", seen.on_picture)
        await client.capture_participant_audio("heygen", seen.on_sound)
        await until(lambda: seen.frames > 20, "pictures")
        speech = str(uuid.uuid4())
        await speak(client, SECONDS, speech)
        await client.agent_speak_end(speech)
        await until(lambda: seen.loud_s > SECONDS - 0.3, "the whole tone is heard")
        await asyncio.sleep(1)
        heard = seen.loud_s
        speech = str(uuid.uuid4())
        await speak(client, 3.0, speech)
        await until(lambda: seen.loud_s > heard + 0.3, "the second tone")
        await client.interrupt(None if service == "heygen" else speech)
        await asyncio.sleep(1)
        cut = seen.loud_s - heard
        await client.start_agent_listening()
        await client.stop_agent_listening()
        await client.stop()
    return {
        "size": seen.size,
        "frames": seen.frames,
        "heard_s": round(heard, 2),
        "cut_s": round(cut, 2),
    }


if __name__ == "__main__":
    tell(asyncio.run(main(*sys.argv[1:])))
