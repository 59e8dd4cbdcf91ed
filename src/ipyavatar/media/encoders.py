"""Encoders tuned for a drawn face, put in aiortc's senders by `senders.py`.

aiortc's own H264 encoder sets no preset (x264 "medium": 36 ms of CPU per 720p frame), its VP8
encoder denoises (13 ms). A drawn face has no noise and little motion, so the fastest presets look
the same: 5 ms and 8 ms at more than 45 dB. `make bench` measures both side by side.

What a face needs is little, so its encoders go by how it is to look, not by a rate to be filled:
given 900 kbit/s, x264 spent them on 52 dB, and more than half of its time on writing them. Measured
with a talking face at 480p, H264: 1.5 -> 0.8 ms for a picture, 850 -> 300 kbit/s, at 48 dB or more
as before; VP8: 910 -> 310 kbit/s.

A running encoder keeps its bitrate: x264 takes no other through PyAV (measured with FFmpeg 8.1: the
same bits, whatever is set), and a new encoder would cost a keyframe. What a receiver says it can
take counts from the next new H264 encoder on, that is, when the picture's size changes.
"""

from __future__ import annotations

import fractions
from collections.abc import Iterator

import av
import numpy as np
from aiortc.codecs.base import Encoder
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.mediastreams import VIDEO_TIME_BASE, convert_timebase
from av.audio.frame import AudioFrame
from av.frame import Frame
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from numpy.typing import NDArray

FPS = 25

SILENT_OPUS = bytes((0xF8, 0xFF, 0xFE))
"""One 20 ms Opus packet of digital silence (RFC 6716: CELT fullband, 20 ms, mono)."""

OPUS_BITRATE = 48_000
"""Bits per second; mono speech is transparent well below this."""

OPUS_TIME_BASE = fractions.Fraction(1, 48_000)

KEYFRAME_INTERVAL = 10_000
"""Frames; keyframes come on request (PLI), not by the clock."""

BITS_PER_PIXEL_SECOND = 1.25
"""Bitrate by size, at most: 1.15 Mbit/s at 720p."""

LEAST_NEEDED = 900_000
"""The same for small pictures: with less, blocks show in the soft background after a keyframe."""

LEAST_BITRATE = 250_000
"""What we send at least, whatever the receiver says."""

H264_QUANTIZER = 20
"""x264's quantizer for a face, of 51: 48 dB or more at 480p and above, 47.5 dB at 360p."""

VP8_FINEST = 12
"""libvpx' finest quantizer for a face, of 63: the eye gains nothing by more bits."""

VP8_COARSEST = 34
"""libvpx' coarsest quantizer for a face that is to look clean, of 63.

Its rate control holds keyframes to a part of the rate: at the begin, and whenever a viewer joined
or had lost something, pictures fell to 37 dB, for all viewers. With this they stay above 42 dB, for
a few percent more bits.
"""

VP8_COARSEST_SLOW = 56
"""The same where the line is slow, and a coarse picture is better than none."""


def bitrate_for(width: int, height: int) -> int:
    """The bitrate, in bits per second, at which a drawn face of this size looks clean."""
    return max(LEAST_NEEDED, round(width * height * BITS_PER_PIXEL_SECOND))


class TunedH264Encoder(H264Encoder):
    """x264 ultrafast, zero latency, one thread."""

    def __init__(self) -> None:
        super().__init__()
        self._asked: int | None = None

    def _bitrate(self, frame: VideoFrame) -> int:
        """What the receiver can take (REMB, once it has said so), capped by what we need."""
        needed = bitrate_for(frame.width, frame.height)
        # aiortc's setter clamps to at least 500 kbit/s; `_asked` is None until REMB has spoken.
        return needed if self._asked is None else min(needed, self._asked)

    @property
    def target_bitrate(self) -> int:
        """Bits per second that the receiver says it can take."""
        return self._asked or 0

    @target_bitrate.setter
    def target_bitrate(self, bitrate: int) -> None:
        self._asked = max(LEAST_BITRATE, bitrate)

    def _encode_frame(self, frame: VideoFrame, force_keyframe: bool) -> Iterator[bytes]:
        codec = self.codec
        if codec is not None and (frame.width, frame.height) != (codec.width, codec.height):
            codec = None
        if codec is None:
            codec = self.codec = _h264(frame.width, frame.height, self._bitrate(frame))
        frame.pict_type = PictureType.I if force_keyframe else PictureType.NONE
        data = b"".join(bytes(packet) for packet in codec.encode(frame))
        if data:
            yield from self._split_bitstream(data)


def _h264(width: int, height: int, bitrate: int) -> VideoCodecContext:
    codec = av.CodecContext.create("libx264", "w")
    codec.width, codec.height = width, height
    codec.pix_fmt = "yuv420p"
    codec.framerate = fractions.Fraction(FPS, 1)
    codec.time_base = VIDEO_TIME_BASE
    options = {"preset": "ultrafast", "tune": "zerolatency", "forced-idr": "1"}
    if bitrate < bitrate_for(width, height):
        codec.bit_rate = bitrate
    else:
        # Keyframes by the same quantizer: by a finer one, as usual, they are half as large again.
        options |= {"qp": str(H264_QUANTIZER), "x264-params": "ipratio=1"}
    codec.options = options
    codec.profile = "Baseline"
    codec.thread_count = 1
    codec.gop_size = KEYFRAME_INTERVAL
    return codec


class TunedVp8Encoder(Vp8Encoder):
    """libvpx at speed 8 without denoising, one thread."""

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """Encode one frame into RTP payloads and its timestamp."""
        assert isinstance(frame, VideoFrame)  # noqa: S101  # aiortc gives nothing else to a video encoder
        codec = self.codec
        if codec is None or (codec.width, codec.height) != (frame.width, frame.height):
            codec = self.codec = make_codec("VP8", frame.width, frame.height)
        frame.pict_type = PictureType.I if force_keyframe else PictureType.NONE
        data = b"".join(bytes(packet) for packet in codec.encode(frame))
        payloads = self._packetize(data, self.picture_id)
        self.picture_id = (self.picture_id + 1) % (1 << 15)
        pts, base = frame.pts, frame.time_base
        assert pts is not None and base is not None  # noqa: S101, PT018  # set by the track
        return payloads, convert_timebase(pts, base, VIDEO_TIME_BASE)


def _vp8(width: int, height: int, bitrate: int, coarsest: int = VP8_COARSEST) -> VideoCodecContext:
    codec = av.CodecContext.create("libvpx", "w")
    codec.width, codec.height = width, height
    codec.bit_rate = bitrate
    codec.pix_fmt = "yuv420p"
    codec.framerate = fractions.Fraction(FPS, 1)
    codec.time_base = VIDEO_TIME_BASE
    codec.qmin, codec.qmax = VP8_FINEST, coarsest
    codec.gop_size = KEYFRAME_INTERVAL
    codec.thread_count = 1
    codec.options = {
        "bufsize": str(bitrate),
        "cpu-used": "-8",
        "deadline": "realtime",
        "lag-in-frames": "0",
        "minrate": str(bitrate),
        "maxrate": str(bitrate),
        "noise-sensitivity": "0",
        "static-thresh": "100",
        "undershoot-pct": "100",
        "overshoot-pct": "15",
    }
    return codec


def make_codec(name: str, width: int, height: int) -> VideoCodecContext:
    """An encoder as we set it, `H264` or `VP8`, for pictures of this size.

    Raises:
        av.FFmpegError: This FFmpeg has none.
    """
    make = {"H264": _h264, "VP8": _vp8}[name]
    return make(width, height, bitrate_for(width, height))


class PictureEncoder:
    """VP8 frames as they are, in any size and at any rate: for who is not a sender of aiortc's."""

    def __init__(self) -> None:
        self._codec: VideoCodecContext | None = None
        self._made_for = (0, 0, 0)

    def encode(
        self, frame: VideoFrame, scale: float, bitrate: int, keyframe: bool
    ) -> tuple[bytes, bool]:
        """Encode one picture, made smaller by `scale`; the bytes, and whether it is a keyframe."""
        width, height = (round(side * scale / 2) * 2 for side in (frame.width, frame.height))
        wanted = width, height, bitrate
        if self._codec is None or self._made_for != wanted:
            # libvpx takes no other rate through PyAV: a new one begins with a keyframe.
            self._codec = _vp8(width, height, bitrate, VP8_COARSEST_SLOW)
            self._made_for = wanted
        if (width, height) != (frame.width, frame.height):
            frame = frame.reformat(width=width, height=height)
        frame.pict_type = PictureType.I if keyframe else PictureType.NONE
        packets = list(self._codec.encode(frame))
        return b"".join(bytes(one) for one in packets), any(one.is_keyframe for one in packets)


class SpeechOpusEncoder:
    """Opus for mono speech: 20 ms of sound in, one packet out.

    The pump encodes by it, once for all: given frames, each sender would look at all its samples,
    and send them to a worker thread and back.
    """

    def __init__(self) -> None:
        codec = av.CodecContext.create("libopus", "w")
        codec.bit_rate = OPUS_BITRATE
        codec.format = "s16"
        codec.layout = "mono"
        codec.sample_rate = 48_000
        codec.time_base = OPUS_TIME_BASE
        codec.options = {
            # CELT alone, as our silence is. For "voip" Opus would code what is below 8 kHz as SILK:
            # more than twice the work, 4 ms later, and at this rate further from the original.
            "application": "lowdelay",
            "frame_duration": "20",
            "compression_level": "5",
        }
        self._codec = codec

    def encode(self, start: int, audio: NDArray[np.int16]) -> bytes:
        """Encode `int16[960]` that begins at sample `start`."""
        frame = AudioFrame.from_ndarray(audio[None], format="s16", layout="mono")
        frame.sample_rate = 48_000
        frame.pts, frame.time_base = start, OPUS_TIME_BASE
        return b"".join(bytes(packet) for packet in self._codec.encode(frame))


ENCODERS: dict[str, type[Encoder]] = {
    "video/h264": TunedH264Encoder,
    "video/vp8": TunedVp8Encoder,
}
"""What pictures are encoded by, by MIME type in small letters."""
