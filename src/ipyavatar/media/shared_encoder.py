"""One encoder for all subscribers of a pump: each picture is encoded once, however many look.

Every viewer's sender asks for each frame in turn; the first one pays, the others get what it
made. A viewer can only use a picture if it had the one before, or if it is a keyframe: one that
comes later, or that has lost something, waits for the next picture, which then is one for all.
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiortc.codecs.base import Encoder
from av.frame import Frame
from av.packet import Packet
from av.video.frame import VideoFrame

KEEP = 16
"""Encoded frames kept for viewers that are a little behind: more than a track queues."""


class SharedEncoders:
    """The encoders of one pump, by codec. Frames carry it in `opaque`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shared: dict[str, _SharedEncoder] = {}

    def of(self, mime: str, make: Callable[[], Encoder]) -> _SharedEncoder:
        """The shared encoder for a codec, made when it is first needed."""
        with self._lock:
            if mime not in self._shared:
                self._shared[mime] = _SharedEncoder(make())
            return self._shared[mime]


class SubscriberEncoder(Encoder):
    """What aiortc takes for one viewer's own encoder."""

    def __init__(self, mime: str, make: Callable[[], Encoder]) -> None:
        self._mime = mime
        self._make = make
        self._own: Encoder | None = None
        self._shared: _SharedEncoder | None = None
        self._asked = 0
        self.had = -1
        """Number of the last frame this viewer got."""
        self.needs_keyframe = True

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """Payloads and timestamp of a frame; no payloads when the viewer could not use them."""
        encoders = frame.opaque
        if not isinstance(encoders, SharedEncoders):
            return self._alone().encode(frame, force_keyframe)
        if self._shared is None:
            self._shared = encoders.of(self._mime, self._make)
            self._shared.viewers.add(self)
        self.needs_keyframe |= force_keyframe
        return self._shared.encode(self, frame)

    def pack(self, packet: Packet[Any]) -> tuple[list[bytes], int]:
        """Pass a ready-made packet through."""
        return self._alone().pack(packet)

    @property
    def target_bitrate(self) -> int:
        """Bits per second that this viewer says it can take; 0 while it has not said."""
        return self._asked

    @target_bitrate.setter
    def target_bitrate(self, bitrate: int) -> None:
        self._asked = bitrate
        if self._shared is not None:
            self._shared.fit()
        elif self._own is not None and hasattr(self._own, "target_bitrate"):
            self._own.target_bitrate = bitrate

    def _alone(self) -> Encoder:
        if self._own is None:
            self._own = self._make()
        return self._own


@dataclass(frozen=True, slots=True)
class _Encoded:
    number: int
    keyframe: bool
    payloads: list[bytes]
    timestamp: int


class _SharedEncoder:
    """One encoder and what it made last."""

    def __init__(self, encoder: Encoder) -> None:
        self.viewers: weakref.WeakSet[SubscriberEncoder] = weakref.WeakSet()
        self._encoder = encoder
        self._lock = threading.Lock()
        self._made: OrderedDict[int, _Encoded] = OrderedDict()  # by time stamp of the frame
        self._newest = -1
        self._count = 0
        self._size = (0, 0)

    def encode(self, viewer: SubscriberEncoder, frame: Frame) -> tuple[list[bytes], int]:
        with self._lock:
            pts = frame.pts if frame.pts is not None else self._newest + 1
            made = self._made.get(pts)
            if made is None and pts > self._newest:
                made = self._make(frame, pts)
        if made is None:
            return [], 0  # older than what is kept
        follows = made.keyframe or (made.number == viewer.had + 1 and viewer.had >= 0)
        if isinstance(frame, VideoFrame) and not follows:
            viewer.needs_keyframe = True
            return [], made.timestamp
        viewer.had = made.number
        if made.keyframe:
            viewer.needs_keyframe = False
        return made.payloads, made.timestamp

    def _make(self, frame: Frame, pts: int) -> _Encoded:
        keyframe = False
        if isinstance(frame, VideoFrame):
            size = (frame.width, frame.height)
            keyframe = size != self._size or any(v.needs_keyframe for v in set(self.viewers))
            self._size = size
        payloads, timestamp = self._encoder.encode(frame, keyframe)
        made = self._made[pts] = _Encoded(self._count, keyframe, payloads, timestamp)
        self._newest, self._count = pts, self._count + 1
        while len(self._made) > KEEP:
            self._made.popitem(last=False)
        return made

    def fit(self) -> None:
        """Encode for the viewer that can take least."""
        asked = [viewer.target_bitrate for viewer in set(self.viewers) if viewer.target_bitrate]
        if asked and hasattr(self._encoder, "target_bitrate"):
            self._encoder.target_bitrate = min(asked)
