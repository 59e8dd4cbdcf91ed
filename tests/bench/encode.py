"""Our encoders against aiortc's own, on the same pictures, in turn."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import av
import numpy as np
from aiortc.codecs.base import Encoder
from aiortc.codecs.h264 import H264Encoder, h264_depayload
from aiortc.codecs.vpx import Vp8Encoder, vp8_depayload
from aiortc.mediastreams import VIDEO_TIME_BASE
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from ipyavatar.core.quality import QUALITIES
from ipyavatar.engine.face import FaceRenderer
from ipyavatar.media.encoders import FPS, TunedH264Encoder, TunedVp8Encoder

from .numbers import median
from .pictures import talking_poses
from .rows import Part, Reading, Spec
from .source import CHARACTER
from .stand import Stand

PICTURES = 100
SETTLED = 25
"""The first second is the keyframe's, and the rate control's."""

KINDS = {
    "H264": (TunedH264Encoder, H264Encoder, h264_depayload, "h264"),
    "VP8": (TunedVp8Encoder, Vp8Encoder, vp8_depayload, "vp8"),
}


@dataclass
class Contender:
    """One encoder, and what it made of the pictures."""

    encoder: Encoder
    codec: str
    ms: list[float] = field(default_factory=list)
    bits: int = 0
    errors: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        decoder = av.CodecContext.create(self.codec, "r")
        assert isinstance(decoder, VideoCodecContext)
        self._decoder = decoder

    def take(self, frame: VideoFrame, depayload: Callable[[bytes], bytes]) -> None:
        """Encode a picture, then decode what came out and note how far off it is."""
        begin = time.process_time()
        payloads, _ = self.encoder.encode(frame)
        self.ms.append((time.process_time() - begin) * 1000)
        data = b"".join(depayload(payload) for payload in payloads)
        self.bits += 8 * len(data)
        wanted = frame.to_ndarray().astype(np.int16)
        for shown in self._decoder.decode(av.Packet(data)):
            self.errors.append(
                float(np.square(shown.to_ndarray().astype(np.int16) - wanted).mean())
            )

    @property
    def told(self) -> str:
        """Cost, quality and rate in words."""
        psnr = 10 * math.log10(255**2 / max(float(np.mean(self.errors[SETTLED:])), 1e-9))
        kbps = self.bits * FPS / len(self.ms) / 1000
        return f"{median(self.ms[SETTLED:]):.1f} ms, {psnr:.1f} dB, {kbps:.0f} kbit/s"


def names(kind: str) -> tuple[str, str]:
    """The two rows of a codec."""
    return f"encode: one picture, {kind}, 720p", f"encode: our {kind} / aiortc's, 720p"


def encode(kind: str, _: Stand) -> Iterator[Reading]:
    """Both encoders get each picture in turn."""
    tuned, plain, depayload, codec = KINDS[kind]
    ours, theirs = Contender(tuned(), codec), Contender(plain(), codec)
    width, height = QUALITIES["medium"]
    renderer = FaceRenderer(CHARACTER, width, height)
    for i, pose in enumerate(talking_poses(PICTURES)):
        picture: NDArray[np.uint8] = np.zeros((height * 3 // 2, width), np.uint8)
        renderer.render_i420(pose, picture)
        for one in (ours, theirs):
            frame = VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts = i * 90_000 // FPS
            frame.time_base = VIDEO_TIME_BASE
            one.take(frame, depayload)
    cost, ratio = names(kind)
    fast, slow = median(ours.ms[SETTLED:]), median(theirs.ms[SETTLED:])
    where = f"ours {ours.told}; aiortc's {theirs.told}"
    yield Reading(cost, fast, PICTURES - SETTLED, where)
    yield Reading(ratio, fast / slow, PICTURES - SETTLED, where)


def part(kind: str) -> Part:
    """The rows of one codec."""
    cost, ratio = names(kind)
    how = "CPU time of encode() for pictures of a speech at 720p25, after the first second, median"
    both = f"{how}; both encoders get each picture in turn; PSNR of all planes, decoded by ffmpeg"
    specs = Spec(cost, "ms", None, how), Spec(ratio, "x", None, both)
    return Part("encode", specs, lambda stand: encode(kind, stand))


PARTS = tuple(part(kind) for kind in KINDS)
