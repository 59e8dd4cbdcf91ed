"""What the frames of a page that plays by messages are coded in.

Opus and VP8, where the browser decodes them; it does so only in a secure context. Else samples and
JPEG pictures, which every page can show, in fewer bits by being smaller and fewer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from .encoders import PictureEncoder, SpeechOpusEncoder
from .speech_ahead import SoundEncoder

JPEG_QUALITY = 70
JPEG_WIDTH = 640
"""Wider pictures would be more than a notebook server lets pass, 1 MB a second, with the sound."""

JPEG_EVERY_S = 0.07
"""Every second picture."""


class AnyPictureEncoder(Protocol):
    """Makes a picture's bytes."""

    def encode(
        self, frame: VideoFrame, scale: float, bitrate: int, keyframe: bool
    ) -> tuple[bytes, bool]:
        """Encode one picture, made smaller by `scale`; the bytes, and whether it is a keyframe."""


class JpegEncoder:
    """Each picture by itself."""

    def encode(
        self, frame: VideoFrame, scale: float, bitrate: int, keyframe: bool
    ) -> tuple[bytes, bool]:
        """Encode one picture, made smaller by `scale`."""
        del bitrate, keyframe
        scale *= min(1.0, JPEG_WIDTH / frame.width)
        width, height = (round(side * scale / 2) * 2 for side in (frame.width, frame.height))
        pixels = frame.reformat(width=width, height=height, format="bgr24").to_ndarray()
        _, data = cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY))
        return data.tobytes(), True


class SampleEncoder:
    """Samples as they are."""

    def encode(self, start: int, audio: NDArray[np.int16]) -> bytes:
        """The samples, 16 bits each, the low byte first."""
        del start
        return audio.astype("<i2").tobytes()


@dataclass(frozen=True)
class FrameFormat:
    """Makes the encoders of one page; a picture comes no sooner after the one before."""

    make_sound_encoder: Callable[[], SoundEncoder]
    make_picture_encoder: Callable[[], AnyPictureEncoder]
    picture_every_s: float


def choose_format(*, plain: bool) -> FrameFormat:
    """`plain`: for a page without decoders."""
    if plain:
        return FrameFormat(SampleEncoder, JpegEncoder, JPEG_EVERY_S)
    return FrameFormat(SpeechOpusEncoder, PictureEncoder, 0.0)
