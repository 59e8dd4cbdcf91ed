"""A LiveKit client in Python, as a process: joins, listens, speaks; prints what it got as JSON.

Its native library must not share a process with the tests. Arguments: url, token, `one` or `two`
peer connections, seconds to listen.
"""

from __future__ import annotations

import asyncio
import json
import sys

import numpy as np
from livekit import rtc

from tests.support.livekit_end import tell

RATE = 48_000


async def main(url: str, token: str, mode: str, seconds: float) -> dict[str, object]:
    room = rtc.Room()
    got: dict[str, object] = {"frames": 0, "size": None, "contrast": 0.0, "loud_s": 0.0}
    events: list[str] = []
    tasks: list[asyncio.Task[None]] = []

    async def look(track: rtc.Track) -> None:
        async for event in rtc.VideoStream(track, format=rtc.VideoBufferType.I420):
            frame = event.frame
            luma = np.frombuffer(frame.data, np.uint8)[: frame.width * frame.height]
            got["frames"] = int(got["frames"]) + 1  # type: ignore[call-overload]
            got["size"] = [frame.width, frame.height]
            got["contrast"] = float(luma.std())

    async def listen(track: rtc.Track) -> None:
        async for event in rtc.AudioStream(track, sample_rate=RATE, num_channels=1):
            samples = np.frombuffer(event.frame.data, np.int16).astype(float)
            if np.sqrt(np.mean(samples**2)) > 300:
                got["loud_s"] = float(got["loud_s"]) + len(samples) / RATE  # type: ignore[arg-type]

    def subscribed(track: rtc.Track, *_: object) -> None:
        video = track.kind == rtc.TrackKind.KIND_VIDEO
        tasks.append(asyncio.ensure_future(look(track) if video else listen(track)))

    def data(packet: rtc.DataPacket) -> None:
        message = json.loads(packet.data)
        events.append(message.get("type") or message.get("event_type"))

    room.on("track_subscribed", subscribed)
    room.on("data_received", data)
    options = rtc.RoomOptions(auto_subscribe=True, single_peer_connection=mode == "one")
    await room.connect(url, token, options)
    speaking = asyncio.ensure_future(speak(room))
    await asyncio.sleep(1)
    text = json.dumps({"event_type": "avatar.speak_text", "text": "Python hears this sentence."})
    await room.local_participant.publish_data(text, topic="agent-control")
    await asyncio.sleep(seconds)
    for task in [*tasks, speaking]:
        task.cancel()
    await room.disconnect()
    return {**got, "events": events}


async def speak(room: rtc.Room) -> None:
    """A microphone that sounds for one second in three."""
    source = rtc.AudioSource(RATE, 1)
    track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
    await room.local_participant.publish_track(track, options)
    times = np.arange(RATE // 50) / RATE
    tone = (6000 * np.sin(2 * np.pi * 200 * times)).astype(np.int16)
    for number in range(100_000):
        samples = tone if number % 150 < 50 else np.zeros_like(tone)
        await source.capture_frame(rtc.AudioFrame(samples.tobytes(), RATE, 1, len(samples)))


if __name__ == "__main__":
    url, token, mode, seconds = sys.argv[1:]
    tell(asyncio.run(main(url, token, mode, float(seconds))))
