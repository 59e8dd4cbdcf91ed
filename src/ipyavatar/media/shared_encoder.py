"""One encoder for all subscribers of a pump: each picture is encoded once, however many look.

Every viewer's sender asks for each picture in turn; the first one pays, the others get what it
made. A viewer can only use a picture if it had the one before, or if it is a keyframe: one that
comes later, or that has lost something, waits for the next picture, which then is one for all.

A receiver decodes one history. So a sender gets its encoder once, before its first frame, and has
no other: what a frame is encoded by does not depend on the frame (see `senders.py`).
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

from .failures import Failures

KEEP = 16
"""Encoded frames kept for viewers that are a little behind: more than a track queues."""


class SharedEncoders:
    """The encoders of one pump, by codec."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shared: dict[str, _SharedEncoder] = {}
        self.failures = Failures("A frame could not be encoded")
        """Frames that no viewer got."""

    def subscriber(self, mime: str, make: Callable[[], Encoder]) -> SubscriberEncoder:
        """One more viewer of the encoder for a codec, which `make` makes for the first one."""
        with self._lock:
            if mime not in self._shared:
                self._shared[mime] = _SharedEncoder(make(), self.failures)
            return SubscriberEncoder(self._shared[mime])


class SubscriberEncoder(Encoder):
    """What aiortc takes for one viewer's own encoder."""

    def __init__(self, shared: _SharedEncoder) -> None:
        self._shared = shared
        self._asked = 0
        self.had = -1
        """Number of the last frame this viewer got."""
        shared.viewers.add(self)

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """Payloads and timestamp of a frame; no payloads when the viewer could not use them."""
        return self._shared.encode(self, frame, force_keyframe)

    def pack(self, packet: Packet[Any]) -> tuple[list[bytes], int]:
        """Pass a ready-made packet through."""
        return self._shared.encoder.pack(packet)

    @property
    def target_bitrate(self) -> int:
        """Bits per second that this viewer says it can take; 0 while it has not said."""
        return self._asked

    @target_bitrate.setter
    def target_bitrate(self, bitrate: int) -> None:
        self._asked = bitrate
        self._shared.fit()


@dataclass(frozen=True, slots=True)
class _Encoded:
    number: int
    keyframe: bool
    payloads: list[bytes]
    timestamp: int


class _SharedEncoder:
    """One encoder and what it made last."""

    def __init__(self, encoder: Encoder, failures: Failures) -> None:
        self.viewers: weakref.WeakSet[SubscriberEncoder] = weakref.WeakSet()
        self.encoder = encoder
        self._failures = failures
        self._lock = threading.Lock()
        self._made: OrderedDict[int, _Encoded] = OrderedDict()  # by time stamp of the frame
        self._newest = -1
        self._count = 0
        self._size = (0, 0)
        self._keyframe_wanted = True

    def encode(
        self, viewer: SubscriberEncoder, frame: Frame, force_keyframe: bool
    ) -> tuple[list[bytes], int]:
        assert isinstance(frame, VideoFrame)  # noqa: S101  # sound is encoded by the pump
        with self._lock:
            pts = frame.pts if frame.pts is not None else self._newest + 1
            made = self._made.get(pts)
            if made is None and pts > self._newest:
                # Only who asks for a frame can want a keyframe: not who has paused, or never began.
                self._keyframe_wanted |= force_keyframe or viewer.had != self._count - 1
                made = self._make(frame, pts)
            if made is None:
                return [], 0  # older than what is kept, or failed
            follows = made.keyframe or (made.number == viewer.had + 1 and viewer.had >= 0)
            if not made.keyframe:
                self._keyframe_wanted |= force_keyframe or not follows
                if not follows:
                    return [], made.timestamp
            viewer.had = made.number
            return made.payloads, made.timestamp

    def _make(self, frame: VideoFrame, pts: int) -> _Encoded | None:
        size = (frame.width, frame.height)
        keyframe = size != self._size or self._keyframe_wanted
        self._size = size
        self._newest = pts
        try:
            payloads, timestamp = self.encoder.encode(frame, keyframe)
        except Exception:
            # aiortc would end the sender. The encoder may have half of this frame in it, so the
            # next one starts anew.
            self._failures.add()
            self._keyframe_wanted = True
            return None
        self._keyframe_wanted = False
        made = self._made[pts] = _Encoded(self._count, keyframe, payloads, timestamp)
        self._count += 1
        while len(self._made) > KEEP:
            self._made.popitem(last=False)
        return made

    def fit(self) -> None:
        """Encode for the viewer that can take least."""
        asked = [viewer.target_bitrate for viewer in set(self.viewers) if viewer.target_bitrate]
        if asked and hasattr(self.encoder, "target_bitrate"):
            self.encoder.target_bitrate = min(asked)
