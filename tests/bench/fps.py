"""Pictures that reach the screen, whatever the kernel is busy with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .cpu import TALK
from .probe import Probe
from .rows import Part, Reading, Spec
from .stand import Lab, Stand

SECONDS = 6.0

IDLE, TALKING = "fps: painted, idle", "fps: painted, talking"
LOOP, HELD = "fps: painted, talking, pure-Python loop", "fps: painted, talking, GIL held for 3 s"

CELL = "from ipyavatar import Avatar\navatar = Avatar(); avatar"
LOOP_CODE = "import time\nend = time.monotonic() + {}\nn = 0\nwhile time.monotonic() < end: n += 1"
# A C call through PyDLL keeps the GIL, as a bad extension does.
HOLD_CODE = "import ctypes; ctypes.PyDLL(None).usleep({})"


def fps(stand: Stand) -> Iterator[Reading]:
    """Four stretches of one notebook."""
    with stand.notebook(CELL) as lab:
        lab.start(0)
        lab.wait_for_picture()
        lab.page.wait_for_timeout(2000)
        probe = Probe(lab.page)
        yield painted(IDLE, lab, probe, SECONDS)
        lab.ask(f"speech = avatar.speak({TALK * 12!r})")
        lab.page.wait_for_timeout(2500)
        yield painted(TALKING, lab, probe, SECONDS)
        lab.ask(LOOP_CODE.format(SECONDS + 2), wait=False)
        lab.page.wait_for_timeout(500)
        yield painted(LOOP, lab, probe, SECONDS)
        lab.ask("")  # until the loop is over
        lab.ask(HOLD_CODE.format(3_000_000), wait=False)
        lab.page.wait_for_timeout(200)
        yield painted(HELD, lab, probe, 2.6)


def painted(name: str, lab: Lab, probe: Probe, seconds: float) -> Reading:
    """Frames presented in the next `seconds`."""
    probe.forget()
    lab.page.wait_for_timeout(seconds * 1000)
    frames = probe.read().frames
    if len(frames.count) < 2:
        return Reading(name, 0.0, len(frames.count), "no frames")
    at = frames.presented
    # The browser's own counter: a busy page may be told of fewer frames than it painted.
    value = float(frames.count[-1] - frames.count[0]) * 1000 / float(at[-1] - at[0])
    gaps, steps = np.diff(at), np.diff(frames.rtp) / 90
    where = (
        f"between frames: p50 {np.median(gaps):.0f}, max {gaps.max():.0f} ms; as the host sent them"
        f" (RTP): p50 {np.median(steps):.0f}, max {steps.max():.0f} ms"
    )
    return Reading(name, value, len(at), where)


_HOW = (
    "presentedFrames of requestVideoFrameCallback over {:.0f} s at 720p25 in JupyterLab{};"
    " n counts frames"
)

PARTS = (
    Part(
        "fps",
        (
            Spec(
                IDLE,
                "fps",
                None,
                _HOW.format(SECONDS, ", nothing said: equal pictures are not sent"),
            ),
            Spec(TALKING, "fps", 24.8, _HOW.format(SECONDS, ", talking"), at_least=True),
            Spec(
                LOOP,
                "fps",
                24.8,
                _HOW.format(SECONDS, ", `while` loop in the kernel"),
                at_least=True,
            ),
            Spec(HELD, "fps", 24.8, _HOW.format(2.6, ", ctypes.PyDLL usleep"), at_least=True),
        ),
        fps,
    ),
)
