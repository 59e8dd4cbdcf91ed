"""Vision Agents' client of LiveAvatar LITE: sound without any id of the speech it belongs to.

Arguments: the twin's address, the key. Prints what it got as JSON.
"""

from __future__ import annotations

import asyncio
import sys

import numpy as np

from tests.support.livekit_end import tell
from tests.support.public_clients.bare import import_bare

AROUND = ("vision_agents", "vision_agents.plugins", "vision_agents.plugins.liveavatar")
STREAM = ("getstream", "getstream.video", "getstream.video.rtc")
RATE = 16_000


async def main(url: str, key: str) -> dict[str, object]:
    package = AROUND[-1]
    rest = import_bare(f"{package}.liveavatar_client", *AROUND)
    pcm = import_bare("getstream.video.rtc.track_util", *STREAM)
    socket = import_bare(f"{package}.liveavatar_websocket", *AROUND)
    times = np.arange(RATE * 2) / RATE
    sound = (8000 * np.sin(2 * np.pi * 220 * times)).astype(np.int16)
    async with rest.LiveAvatarClient(key, base_url=url) as client:
        token = await client.create_session_token("ava", is_sandbox=False)
        session = await client.start_session(token.session_token)
        line = socket.LiveAvatarWebSocket(session.ws_url)
        await line.connect()
        for _ in range(2):
            for part in np.split(sound, 20):
                await line.send_audio_frame(
                    pcm.PcmData(
                        samples=part,
                        sample_rate=RATE,
                        format=pcm.AudioFormat.S16,
                        channels=1,
                    )
                )
            await line.end_turn()
        await asyncio.sleep(3)  # the second of two is being said
        await line.interrupt()
        await asyncio.sleep(0.3)
        # Its line is left open: it reads nothing, so its goodbye waits ten seconds for an answer.
        await client.stop_session(session_id=session.session_id)
    return {"session": session.session_id, "at_most_s": session.max_session_duration}


if __name__ == "__main__":
    tell(asyncio.run(main(*sys.argv[1:])))
