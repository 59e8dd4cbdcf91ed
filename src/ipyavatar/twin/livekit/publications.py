"""Tracks that are published in a room, and their way to each client: a feed."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av.audio.frame import AudioFrame
from livekit.protocol import models as m

from ...media.media_pump import MediaPump
from ...media.senders import AUDIO_CODEC, MakeEncoder

VIDEO_CODECS = ("video/H264", "video/VP8")

BACKLOG = 10
"""Packets of 20 ms that are kept for a sender that is late; then the oldest is dropped."""


class Feed(Protocol):
    """A published track on its way to one client."""

    @property
    def track(self) -> MediaStreamTrack:
        """What is sent."""

    @property
    def codecs(self) -> Sequence[str]:
        """Best first."""

    @property
    def encoder(self) -> MakeEncoder | None:
        """Of pictures; sound comes encoded, or is so by aiortc."""

    def close(self) -> None:
        """End it."""


@dataclass(eq=False)
class Publication:
    """A track that a participant publishes."""

    publisher: str
    """Its sid."""
    info: m.TrackInfo
    open: Callable[[], Feed]
    """Makes the feed of one more client."""
    on_subscribed: Callable[[], None] = lambda: None
    """Called when a client gets it."""

    @property
    def kind(self) -> str:
        """As in SDP."""
        return "audio" if self.info.type == m.AUDIO else "video"


class AvatarFeed:
    """One of an avatar's two tracks."""

    def __init__(self, pump: MediaPump, kind: str, codec: str) -> None:
        self._pump = pump
        self._subscriber = pump.subscribe()
        is_video = kind == "video"
        pump.set_watching(self._subscriber, is_video)
        others = (other for other in VIDEO_CODECS if other != codec)
        self.codecs = (codec, *others) if is_video else (AUDIO_CODEC,)
        self.encoder: MakeEncoder | None = self._subscriber.encoder if is_video else None
        self.track = self._subscriber.video if is_video else self._subscriber.audio

    def close(self) -> None:
        """End it."""
        self._pump.unsubscribe(self._subscriber)


class ForwardedTrack(MediaStreamTrack):
    """What another client says, for one client."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._frames: deque[AudioFrame] = deque(maxlen=BACKLOG)
        self._filled = asyncio.Event()

    def put(self, frame: AudioFrame) -> None:
        """Send it next."""
        self._frames.append(frame)
        self._filled.set()

    def stop(self) -> None:
        """End the track and wake its sender."""
        super().stop()
        self._filled.set()

    async def recv(self) -> AudioFrame:
        """The next frame."""
        while not self._frames:
            if self.readyState != "live":
                raise MediaStreamError
            self._filled.clear()
            await self._filled.wait()
        return self._frames.popleft()


class Microphone:
    """What a client says, for all who want it."""

    def __init__(self) -> None:
        self._feeds: set[MicrophoneFeed] = set()

    def put(self, frame: AudioFrame) -> None:
        """The client has said this."""
        for feed in self._feeds:
            feed.track.put(frame)

    def open(self) -> Feed:
        """A feed for one more client."""
        feed = MicrophoneFeed(self._feeds)
        self._feeds.add(feed)
        return feed

    def close(self) -> None:
        """The client says no more."""
        for feed in tuple(self._feeds):
            feed.close()


class MicrophoneFeed:
    """A microphone on its way to one client."""

    codecs = (AUDIO_CODEC,)
    encoder: MakeEncoder | None = None

    def __init__(self, siblings: set[MicrophoneFeed]) -> None:
        self.track = ForwardedTrack()
        self._siblings = siblings

    def close(self) -> None:
        """End it."""
        self._siblings.discard(self)
        self.track.stop()
