"""Drawing a picture and bringing it into I420: ours against the naive way, in turn."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
from av.video.frame import VideoFrame

from ipyavatar.core.quality import QUALITIES
from ipyavatar.engine.face import FaceRenderer

from .numbers import median, percentile
from .pictures import talking_poses
from .rows import Part, Reading, Spec
from .source import CHARACTER
from .stand import Stand

PICTURES = 100
RATIO = "render: our I420 / naive, 720p"


def name(quality: str) -> str:
    """The row of one size."""
    return f"render: one picture, talking, {quality}"


def sizes(_: Stand) -> Iterator[Reading]:
    """What one picture costs, by size; for the standard one also the naive way."""
    poses = talking_poses(PICTURES)
    for quality, (width, height) in QUALITIES.items():
        ours, naive = FaceRenderer(CHARACTER, width, height), FaceRenderer(CHARACTER, width, height)
        out = np.zeros((height * 3 // 2, width), np.uint8)
        fast, slow = [], []
        for pose in poses:
            begin = time.thread_time()
            ours.render_i420(pose, out)
            VideoFrame.from_numpy_buffer(out, format="yuv420p")
            fast.append((time.thread_time() - begin) * 1000)
            if quality != "medium":
                continue
            begin = time.process_time()  # swscale may use threads
            frame = VideoFrame.from_ndarray(naive.render(pose), format="bgra")
            frame.reformat(format="yuv420p")
            slow.append((time.process_time() - begin) * 1000)
        where = f"p50 {median(fast):.2f}, p95 {percentile(fast, 95):.2f} ms"
        yield Reading(name(quality), float(np.mean(fast)), len(fast), where)
        if slow:
            where = f"ours {np.mean(fast):.2f}, naive {np.mean(slow):.2f} ms"
            yield Reading(RATIO, float(np.mean(fast) / np.mean(slow)), len(slow), where)


_HOW = "CPU time of render_i420 and from_numpy_buffer for the poses of a speech, 25 a second, mean"
_NAIVE = (
    "CPU time, mean, of the same poses in turn: render_i420 and from_numpy_buffer / render, "
    'VideoFrame.from_ndarray(bgra) and reformat("yuv420p")'
)

PARTS = (
    Part(
        "render",
        (
            *(Spec(name(quality), "ms", None, _HOW) for quality in QUALITIES),
            Spec(RATIO, "x", None, _NAIVE),
        ),
        sizes,
    ),
)
