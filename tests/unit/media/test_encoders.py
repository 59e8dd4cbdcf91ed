"""What is decoded of a drawn face is what was drawn, at each size, after keyframes, too."""

from fractions import Fraction

import av
import pytest
from aiortc.codecs.h264 import h264_depayload
from aiortc.codecs.vpx import vp8_depayload
from av.video.frame import VideoFrame

from ipyavatar.engine.animator import Animator
from ipyavatar.engine.pose import Mouth
from ipyavatar.media.encoders import ENCODERS, FPS, PictureEncoder, bitrate_for
from tests.support.pictures import psnr

MOUTHS = [Mouth(), Mouth(jaw=0.4, wide=0.5), Mouth(jaw=0.9, teeth=0.6), Mouth(round=0.8, jaw=0.3)]
KEYFRAMES = (0, 7, 9)
"""The second and third stand for viewers who join, or have lost something, one after the other."""

FACES = [
    ("ava", (1280, 720)),
    ("leo", (512, 512)),
    ("maya", (854, 480)),
    ("arthur", (640, 360)),
]


def talking(character, size, count=12):
    """Pictures of a face whose mouth moves: `uint8[h * 3 // 2, w]` each."""
    animator = Animator(character, size, seed=5)
    for number in range(count):
        animator.key(number / FPS, MOUTHS[number % len(MOUTHS)], True, 0.5)
        yield number, animator.draw()


def frame_of(picture, number):
    frame = VideoFrame.from_numpy_buffer(picture, format="yuv420p")
    frame.pts, frame.time_base = number * 3600, Fraction(1, 90_000)
    return frame


@pytest.mark.parametrize(
    ("mime", "decoder", "depayload"),
    [("video/h264", "h264", h264_depayload), ("video/vp8", "vp8", vp8_depayload)],
)
@pytest.mark.parametrize(("character", "size"), FACES)
def test_each_picture_is_clean_also_after_a_keyframe(mime, decoder, depayload, character, size):
    """At least 42 dB, from the first picture on: a viewer who joins blurs it for nobody."""
    encoder, codec = ENCODERS[mime](), av.CodecContext.create(decoder, "r")
    for number, picture in talking(character, size):
        payloads, _ = encoder.encode(frame_of(picture, number), number in KEYFRAMES)
        (shown,) = codec.decode(av.Packet(b"".join(map(depayload, payloads))))
        assert psnr(shown.to_ndarray(), picture) >= 42, number


def test_on_a_slow_line_a_coarse_picture_is_better_than_none():
    """Frames by message keep to a rate that is far too low for a clean one."""
    encoder, rate = PictureEncoder(), bitrate_for(1280, 720) // 8
    sizes = [
        len(encoder.encode(frame_of(picture, number), 1.0, rate, number in KEYFRAMES)[0])
        for number, picture in talking("ava", (1280, 720))
    ]
    assert sizes[9] < 4 * rate / 8
