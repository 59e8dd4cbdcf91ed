"""The avatar by widget messages, where WebRTC does not pass: what the rows of WebRTC are there."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

import numpy as np
import psutil

from .avsync import compare
from .cpu import TALK
from .fps import HOLD_CODE, LOOP_CODE, painted
from .latency import TEXTS, trial
from .numbers import median, percentile, spread
from .probe import Probe
from .rows import Part, Reading, Spec
from .sound import AUDIBLE
from .source import synthesized
from .stand import Lab, Stand
from .startup import CELL as STARTUP_CELL
from .startup import one_start

TRIALS = 12
RUNS = 5
SECONDS = 6.0
GAP_MS = 120.0
"""The closures of p, t, k are shorter."""

FIRST = "messages: cell run -> first frame, warm"
SPEAK = "messages: speak() -> first audible sample, p50"
PYTHON = "messages: interrupt() -> silence, p95"
BUTTON = "messages: Interrupt button -> silence, p95"
OFFSET = "messages: |sound - picture| of a frame, p95"
OFFSET_MEDIAN = "messages: picture after sound, median"
TALKING = "messages: painted, talking"
LOOP = "messages: painted, talking, pure-Python loop"
CARRIERS = ("webrtc", "messages")
WORK = "{}: CPU of {}, talking"
LOAD = "{}: pictures, talking"
GAPS = "messages: gaps of sound while the GIL is held for 1 s"
BYTES = "messages: sound and pictures, talking"

CELL = "from ipyavatar import Avatar\navatar = Avatar(transport='messages'); avatar"


def startup(stand: Stand) -> Iterator[Reading]:
    """Further avatars of one kernel."""
    cell = STARTUP_CELL.replace("Avatar()", "Avatar(transport='messages')")
    with stand.notebook(cell, cell) as lab:
        one_start(lab, 0)
        times = [one_start(lab, 1)["frame"] for _ in range(RUNS)]
    yield Reading(FIRST, median(times), len(times), spread(times))


def latency(stand: Stand) -> Iterator[Reading]:
    """Speak and cut off, again and again."""
    leads = {text: synthesized(text).lead_ms for text in TEXTS}
    with stand.notebook(CELL) as lab:
        lab.start(0)
        lab.wait_for_picture()
        lab.ask("avatar.speak('Hello, I am here.').wait(20)")
        probe = Probe(lab.page)
        offset, _ = probe.clock_offset()
        trials = [
            trial(lab, probe, text, leads[text], i % 2 == 1, offset, 0.8 + 0.05 * i)
            for i, text in enumerate(itertools.islice(itertools.cycle(TEXTS), TRIALS))
        ]
    heard = [one.heard for one in trials]
    where = (
        f"{spread(heard)}; kernel, pipe, voice {median(one.handed for one in trials):.0f}, silence"
        f" before the first sound itself {median(one.lead for one in trials):.0f}, messages and"
        f" jitter buffer {median(one.pulled - one.handed - one.lead for one in trials):.0f}, audio"
        f" graph {median(one.heard - one.pulled for one in trials):.0f}"
    )
    yield Reading(SPEAK, median(heard), len(heard), where)
    for name, by_button in ((PYTHON, False), (BUTTON, True)):
        hushed = [t.hushed for t in trials if t.by_button == by_button and t.hushed is not None]
        yield Reading(name, percentile(hushed, 95), len(hushed), spread(hushed))


def avsync(stand: Stand) -> Iterator[Reading]:
    """Lips against sound."""
    found, where = compare(stand, CELL, 2)
    frames = np.concatenate([one.offsets for one in found])
    yield Reading(OFFSET, percentile(np.abs(frames), 95), len(frames), where)
    yield Reading(OFFSET_MEDIAN, float(np.median(frames)), len(frames), where)


def busy(stand: Stand) -> Iterator[Reading]:
    """Idle kernel, a loop, Python's lock held."""
    with stand.notebook(CELL) as lab:
        lab.start(0)
        lab.wait_for_picture()
        lab.page.wait_for_timeout(2000)
        probe = Probe(lab.page)
        lab.ask(f"speech = avatar.speak({TALK * 12!r})")
        lab.page.wait_for_timeout(2500)
        yield painted(TALKING, lab, probe, SECONDS)
        kbps = float(lab.ask("", "avatar.stats['bitrate_kbps']"))
        yield Reading(BYTES, kbps / 8, 1)
        lab.ask(LOOP_CODE.format(SECONDS + 2), wait=False)
        lab.page.wait_for_timeout(500)
        yield painted(LOOP, lab, probe, SECONDS)
        lab.ask("")  # until the loop is over
        yield held(lab, probe)


def held(lab: Lab, probe: Probe) -> Reading:
    """Gaps in the sound while the kernel does nothing at all for a second."""
    lab.ask(f"avatar.interrupt(); speech = avatar.speak({TEXTS[0]!r})")
    lab.page.wait_for_timeout(1200)
    probe.forget()
    lab.ask(HOLD_CODE.format(1_000_000))
    lab.page.wait_for_timeout(1000)
    blocks = probe.read().graph
    loud = blocks.at[blocks.peak > AUDIBLE]
    gaps = np.diff(loud)
    return Reading(GAPS, float((gaps > GAP_MS).sum()), 1, f"longest pause {gaps.max():.0f} ms")


def work(stand: Stand) -> Iterator[Reading]:
    """What a talking avatar costs host, kernel and page by each carrier."""
    for carrier in CARRIERS:
        with stand.notebook(CELL.replace("messages", carrier)) as lab:
            lab.start(0)
            lab.wait_for_picture()
            lab.ask(f"speech = avatar.speak({TALK * 12!r})")
            lab.page.wait_for_timeout(2500)
            host = max(stand.server.hosts(), key=lambda process: process.create_time())
            kernel = host.parent()
            assert kernel is not None
            shares = cpu_percent({"host": [host], "kernel": [kernel], "page": renderers()}, SECONDS)
            for name, share in shares.items():
                yield Reading(WORK.format(carrier, name), share, 1)
            kbps = float(lab.ask("", "avatar.stats['bitrate_kbps']"))
            yield Reading(LOAD.format(carrier), kbps / 8, 1)


def renderers() -> list[psutil.Process]:
    """The pages of browsers that this process has started."""
    ours = psutil.Process().children(recursive=True)
    return [process for process in ours if "--type=renderer" in process.cmdline()]


def cpu_percent(of: dict[str, list[psutil.Process]], seconds: float) -> dict[str, float]:
    """Shares of one core."""

    def used() -> dict[str, float]:
        return {name: sum(sum(p.cpu_times()[:2]) for p in some) for name, some in of.items()}

    before = used()
    time.sleep(seconds)
    return {name: (after - before[name]) / seconds * 100 for name, after in used().items()}


_BY = "with transport='messages', in JupyterLab on loopback"
_ONE = f"of one core, in JupyterLab on loopback, over {SECONDS:.0f} s"

PARTS = (
    Part("messages", (Spec(FIRST, "ms", 250, f"as the row of startup, {_BY}"),), startup),
    Part(
        "messages",
        (
            Spec(SPEAK, "ms", 140, f"as the row of latency, {_BY}"),
            Spec(PYTHON, "ms", None, f"as the row of latency, {_BY}"),
            Spec(BUTTON, "ms", None, f"as the row of latency, {_BY}"),
        ),
        latency,
    ),
    Part(
        "messages",
        (
            Spec(OFFSET, "ms", 20, f"as the row of avsync, by the frames' display times, {_BY}"),
            Spec(OFFSET_MEDIAN, "ms", None, f"as above, {_BY}"),
        ),
        avsync,
    ),
    Part(
        "messages",
        (
            Spec(TALKING, "fps", 24.8, f"as the row of fps, {_BY}", at_least=True),
            Spec(BYTES, "kB/s", None, f"as the page counts them at 720p, {_BY}"),
            Spec(LOOP, "fps", 24, f"as the row of fps, {_BY}", at_least=True),
            Spec(GAPS, "", 0, f"stretches over {GAP_MS:.0f} ms in speech, PyDLL usleep, {_BY}"),
        ),
        busy,
    ),
    Part(
        "carriers",
        tuple(
            spec
            for carrier in CARRIERS
            for spec in (
                *(
                    Spec(WORK.format(carrier, name), "%", None, f"720p, {_ONE}")
                    for name in ("host", "kernel", "page")
                ),
                Spec(LOAD.format(carrier), "kB/s", None, f"as the page counts them, {_ONE}"),
            )
        ),
        work,
    ),
)
