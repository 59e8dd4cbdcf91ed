"""The embedded avatar's own parts: the companion process, the voice, the encoders."""

from __future__ import annotations

import time
from fractions import Fraction

from ..context import Context
from ..registry import check
from ..report import Finding

GROUP = "The embedded avatar"

FRAMES = 25
PICTURE_MS = 40.0
"""A picture's share of a second: one that takes longer to encode comes too late."""

SLOW_SPEECH_MS = 1500.0

SENTENCE = "One, two, three."


@check(GROUP, "Companion process", within_s=40.0)
def check_companion(context: Context) -> Finding:
    """It starts, and draws a first picture."""
    began = time.monotonic()
    context.session().start().wait(35)
    took = time.monotonic() - began
    facts = {"seconds": round(took, 2)}
    return Finding("ok", f"It starts, and has drawn a face, in {took:.1f} s.", facts=facts)


@check(GROUP, "Voice", within_s=40.0)
def check_voice(context: Context) -> Finding:
    """It speaks; the second sentence tells how soon, for the first one loads it."""
    session = context.session()
    session.speak(SENTENCE).wait(30)
    latency_ms = session.speak(SENTENCE).wait(15).latency_ms or 0.0
    facts = {"latency_ms": round(latency_ms, 1)}
    what = f"It speaks {latency_ms:.0f} ms after it is asked to."
    if latency_ms > SLOW_SPEECH_MS:
        fix = "The machine is busy or slow: close other kernels."
        return Finding("warning", what, fix, facts)
    return Finding("ok", what, facts=facts)


@check(GROUP, "Encoders", within_s=20.0)
def check_encoders(context: Context) -> Finding:
    """H264 and VP8 of 720p pictures, and Opus."""
    del context
    times, problems = {}, []
    for name in ("H264", "VP8"):
        try:
            times[name] = _encode_ms(name)
        except Exception as error:  # a build of FFmpeg without it
            problems.append(f"{name} ({type(error).__name__})")
    facts = {f"{name.lower()}_ms": round(ms, 1) for name, ms in times.items()}
    if not times:
        fix = "Install PyAV from its own wheels: pip install --force-reinstall av."
        return Finding("failed", f"No picture can be encoded: {', '.join(problems)}.", fix, facts)
    what = ", ".join(f"{name} takes {ms:.0f} ms" for name, ms in times.items())
    what = f"{what} for a picture of 720p."
    if problems:
        return Finding("warning", f"{what} Missing: {', '.join(problems)}.", "", facts)
    if min(times.values()) > PICTURE_MS:
        fix = 'Use quality="low", or a machine with more cores.'
        return Finding("warning", what, fix, facts)
    return Finding("ok", what, facts=facts)


def _encode_ms(name: str) -> float:
    """Milliseconds for a 720p picture, on average, after the first."""
    import numpy as np
    from av.video.frame import VideoFrame

    from ....media import encoders

    codec = encoders.make_codec(name, 1280, 720)
    picture = np.zeros((1080, 1280), np.uint8)
    began = 0.0
    for number in range(FRAMES + 1):
        picture[number * 8 : number * 8 + 200, 100:500] = number * 9 % 255
        frame = VideoFrame.from_ndarray(picture, format="yuv420p")
        frame.pts, frame.time_base = number * 3600, Fraction(1, 90_000)
        codec.encode(frame)
        began = began or time.perf_counter()
    return (time.perf_counter() - began) / FRAMES * 1000
