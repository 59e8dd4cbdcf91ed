"""LiveKit's Python client, which is libwebrtc: holds each picture it decodes against the original.

As a process, for its native library must not share one with the tests. Arguments: url, token, the
folder of the originals, seconds. Prints `[when, number, dB]` of each decoded picture as JSON,
`when` being `time.monotonic()`, which all processes share.
"""

from __future__ import annotations

import asyncio
import contextlib
import pathlib
import sys
import time

import numpy as np
from livekit import rtc

from tests.support.livekit_end import tell

from .pictures import psnr
from .stamped_pictures import Originals, number_of


async def main(url: str, token: str, folder: str, seconds: float) -> list[tuple[float, int, float]]:
    room = rtc.Room()
    seen: list[tuple[float, int, float]] = []
    tasks: list[asyncio.Task[None]] = []

    async def look(track: rtc.Track) -> None:
        originals = None
        async for event in rtc.VideoStream(track, format=rtc.VideoBufferType.I420):
            frame, when = event.frame, time.monotonic()
            shape = (frame.height * 3 // 2, frame.width)
            picture = np.frombuffer(frame.data, np.uint8).reshape(shape)
            originals = originals or Originals(pathlib.Path(folder), frame.width, frame.height)
            number = number_of(picture)
            original = originals.find(number)
            seen.append((when, number, 0.0 if original is None else psnr(picture, original)))

    def subscribed(track: rtc.Track, *_: object) -> None:
        if track.kind == rtc.TrackKind.KIND_VIDEO:
            tasks.append(asyncio.ensure_future(look(track)))

    room.on("track_subscribed", subscribed)
    await room.connect(url, token, rtc.RoomOptions(auto_subscribe=True))
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    await room.disconnect()
    return seen


if __name__ == "__main__":
    *places, length = sys.argv[1:]
    tell(asyncio.run(main(*places, float(length))))
