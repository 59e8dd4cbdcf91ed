"""Vision Agents' client of HeyGen streaming: plain WebRTC by aiortc, as older documents show it.

Arguments: the twin's address, the key. Prints what it got as JSON.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from tests.support.livekit_end import tell
from tests.support.public_clients.bare import import_bare

AROUND = ("vision_agents", "vision_agents.plugins", "vision_agents.plugins.heygen")
LOUD = 300


class Seen:
    """What comes from the avatar."""

    def __init__(self) -> None:
        self.frames = 0
        self.size: tuple[int, int] | None = None
        self.loud_s = 0.0
        self.tasks: list[asyncio.Task[None]] = []

    async def on_track(self, track: MediaStreamTrack) -> None:
        self.tasks.append(asyncio.create_task(self._receive(track)))

    async def _receive(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame: Any = await track.recv()
            except MediaStreamError:
                return
            if track.kind == "video":
                self.frames += 1
                self.size = (frame.width, frame.height)
            elif np.abs(frame.to_ndarray().astype(int)).max() > LOUD:
                self.loud_s += frame.samples / frame.sample_rate


async def main(url: str, key: str) -> dict[str, object]:
    module = import_bare("vision_agents.plugins.heygen.heygen_rtc_manager", *AROUND)
    client = module.HeyGenRTCManager(avatar_id="ava", api_key=key)
    client.session_manager.base_url = f"{url}/v1"
    # It would ask a STUN server on the internet, where the service names none.
    client._parse_ice_servers = lambda _: []
    seen = Seen()
    client.set_video_callback(seen.on_track)
    client.set_audio_callback(seen.on_track)
    try:
        await client.connect()
        await client.send_text("These words are sent by a client that nobody here wrote.")
        for _ in range(400):
            await asyncio.sleep(0.05)
            if seen.loud_s > 1.5 and seen.frames > 20:
                break
    finally:
        await client.close()
        await asyncio.gather(*seen.tasks)
    return {"size": seen.size, "frames": seen.frames, "heard_s": round(seen.loud_s, 2)}


if __name__ == "__main__":
    tell(asyncio.run(main(*sys.argv[1:])))
