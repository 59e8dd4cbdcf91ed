"""Pictures for a GIF: smaller, fewer, and in the 256 colours that suit each best."""

from __future__ import annotations

import fractions
from typing import Any

import av.filter
import numpy as np
from av.packet import Packet
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from .encoders import FPS

WIDEST = 480


class GifPalette:
    """Turns I420 pictures into the pictures of a GIF, one by one."""

    FPS = fractions.Fraction(FPS, 2)
    """GIF counts in hundredths of a second; every second picture is 8 of them."""

    def __init__(self, size: tuple[int, int]) -> None:
        width, height = self.size(size)
        graph = av.filter.Graph()
        source = graph.add_buffer(
            width=size[0],
            height=size[1],
            format=VideoFormat("yuv420p"),
            time_base=1 / self.FPS,
        )
        small = graph.add("scale", f"{width}:{height}")
        split = graph.add("split")
        palette = graph.add("palettegen", "stats_mode=single")
        use = graph.add("paletteuse", "dither=bayer:bayer_scale=4:diff_mode=rectangle")
        sink = graph.add("buffersink")
        source.link_to(small)
        small.link_to(split)
        split.link_to(palette, 0, 0)
        split.link_to(use, 1, 0)
        palette.link_to(use, 0, 1)
        use.link_to(sink)
        graph.configure()
        self._graph = graph

    @staticmethod
    def size(size: tuple[int, int]) -> tuple[int, int]:
        """How large the pictures are made."""
        width, height = size
        wide = min(width, WIDEST)
        return wide, round(height * wide / width / 2) * 2

    def encode(self, stream: Any, picture: NDArray[np.uint8], number: int) -> list[Packet[Any]]:
        """The packets of a picture; none for every second one."""
        if number % 2:
            return []
        frame = VideoFrame.from_ndarray(picture, format="yuv420p")
        frame.pts, frame.time_base = number // 2, 1 / self.FPS
        self._graph.push(frame)
        packets: list[Packet[Any]] = []
        while True:
            try:
                pulled: Any = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return packets
            packets += stream.encode(pulled)
