"""The avatar by frames, where WebRTC does not pass: what the rows of WebRTC are there."""

from __future__ import annotations

import functools
import itertools
import time
from collections.abc import Callable, Iterator

import numpy as np
import psutil

from tests.support.front_ends import PYTHON, find_command
from tests.support.lab import Server

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

FIRST = "{}: cell run -> first frame, warm"
SPEAK = "{}: speak() -> first audible sample, p50"
INTERRUPT = "{}: interrupt() -> silence, p95"
BUTTON = "{}: Interrupt button -> silence, p95"
OFFSET = "{}: |sound - picture| of a frame, p95"
OFFSET_MEDIAN = "{}: picture after sound, median"
TALKING = "{}: painted, talking"
LOOP = "{}: painted, talking, pure-Python loop"
FRAMES = ("messages", "websocket")
CARRIERS = ("webrtc", *FRAMES)
WORK = "{}: CPU of {}, talking"
LOAD = "{}: pictures, talking"
GAPS = "{}: gaps of sound while the GIL is held for 1 s"
BYTES = "{}: sound and pictures, talking"

CELL = "from ipyavatar import Avatar\navatar = Avatar(transport={!r}); avatar"


class ProxiedStand(Stand):
    """Its JupyterLab has jupyter-server-proxy; kernels are those of the other rows."""

    @functools.cached_property
    def server(self) -> Server:
        find_command("jupyter-lab")
        server = Server(self.scratch / "lab", PYTHON)
        self._open.callback(server.close)
        self.kernel = server.add_kernel()
        return server


Measure = Callable[[Stand, str], Iterator[Reading]]


def over(carrier: str, measure: Measure) -> Callable[[Stand], Iterator[Reading]]:
    """Measure by this carrier, where there is a way for it."""

    def measured(stand: Stand) -> Iterator[Reading]:
        if carrier != "websocket":
            yield from measure(stand, carrier)
            return
        with ProxiedStand(stand) as proxied:
            proxied.server  # noqa: B018  (before its kernel is asked for)
            yield from measure(proxied, carrier)

    return measured


def startup(stand: Stand, carrier: str) -> Iterator[Reading]:
    """Further avatars of one kernel."""
    cell = STARTUP_CELL.replace("Avatar()", f"Avatar(transport={carrier!r})")
    with stand.notebook(cell, cell) as lab:
        one_start(lab, 0)
        times = [one_start(lab, 1)["frame"] for _ in range(RUNS)]
    yield Reading(FIRST.format(carrier), median(times), len(times), spread(times))


def latency(stand: Stand, carrier: str) -> Iterator[Reading]:
    """Speak and cut off, again and again."""
    leads = {text: synthesized(text).lead_ms for text in TEXTS}
    with stand.notebook(CELL.format(carrier)) as lab:
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
        f" before the first sound itself {median(one.lead for one in trials):.0f}, line and"
        f" jitter buffer {median(one.pulled - one.handed - one.lead for one in trials):.0f}, audio"
        f" graph {median(one.heard - one.pulled for one in trials):.0f}"
    )
    yield Reading(SPEAK.format(carrier), median(heard), len(heard), where)
    for name, by_button in ((INTERRUPT, False), (BUTTON, True)):
        hushed = [t.hushed for t in trials if t.by_button == by_button and t.hushed is not None]
        yield Reading(name.format(carrier), percentile(hushed, 95), len(hushed), spread(hushed))


def avsync(stand: Stand, carrier: str) -> Iterator[Reading]:
    """Lips against sound."""
    found, where = compare(stand, CELL.format(carrier), 2)
    frames = np.concatenate([one.offsets for one in found])
    yield Reading(OFFSET.format(carrier), percentile(np.abs(frames), 95), len(frames), where)
    yield Reading(OFFSET_MEDIAN.format(carrier), float(np.median(frames)), len(frames), where)


def busy(stand: Stand, carrier: str) -> Iterator[Reading]:
    """Idle kernel, a loop, Python's lock held."""
    with stand.notebook(CELL.format(carrier)) as lab:
        lab.start(0)
        lab.wait_for_picture()
        lab.page.wait_for_timeout(2000)
        probe = Probe(lab.page)
        lab.ask(f"speech = avatar.speak({TALK * 12!r})")
        lab.page.wait_for_timeout(2500)
        yield painted(TALKING.format(carrier), lab, probe, SECONDS)
        kbps = float(lab.ask("", "avatar.stats['bitrate_kbps']"))
        yield Reading(BYTES.format(carrier), kbps / 8, 1)
        lab.ask(LOOP_CODE.format(SECONDS + 2), wait=False)
        lab.page.wait_for_timeout(500)
        yield painted(LOOP.format(carrier), lab, probe, SECONDS)
        lab.ask("")  # until the loop is over
        yield held(GAPS.format(carrier), lab, probe)


def held(name: str, lab: Lab, probe: Probe) -> Reading:
    """Gaps in the sound while the kernel does nothing at all for a second."""
    lab.ask(f"avatar.interrupt(); speech = avatar.speak({TEXTS[0]!r})")
    lab.page.wait_for_timeout(1200)
    probe.forget()
    lab.ask(HOLD_CODE.format(1_000_000))
    lab.page.wait_for_timeout(1000)
    blocks = probe.read().graph
    loud = blocks.at[blocks.peak > AUDIBLE]
    gaps = np.diff(loud)
    return Reading(name, float((gaps > GAP_MS).sum()), 1, f"longest pause {gaps.max():.0f} ms")


def work(stand: Stand, carrier: str) -> Iterator[Reading]:
    """What a talking avatar costs host, kernel and page."""
    with stand.notebook(CELL.format(carrier)) as lab:
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


_ONE = f"of one core, in JupyterLab on loopback, over {SECONDS:.0f} s"


def parts(carrier: str) -> Iterator[Part]:
    """The rows of one kind of frames."""
    by = f"with transport={carrier!r}, in JupyterLab on loopback"

    def spec(name: str, unit: str, budget: float | None, how: str, at_least: bool = False) -> Spec:
        return Spec(name.format(carrier), unit, budget, f"{how}, {by}", at_least)

    yield Part(carrier, (spec(FIRST, "ms", 250, "as the row of startup"),), over(carrier, startup))
    as_latency = "as the row of latency"
    specs = (
        spec(SPEAK, "ms", 140, as_latency),
        spec(INTERRUPT, "ms", None, as_latency),
        spec(BUTTON, "ms", None, as_latency),
    )
    yield Part(carrier, specs, over(carrier, latency))
    specs = (
        spec(OFFSET, "ms", 20, "as the row of avsync, by the frames' display times"),
        spec(OFFSET_MEDIAN, "ms", None, "as above"),
    )
    yield Part(carrier, specs, over(carrier, avsync))
    gaps = f"stretches over {GAP_MS:.0f} ms in speech, PyDLL usleep"
    yield Part(
        carrier,
        (
            spec(TALKING, "fps", 24.8, "as the row of fps", at_least=True),
            spec(BYTES, "kB/s", None, "as the page counts them at 720p"),
            spec(LOOP, "fps", 24, "as the row of fps", at_least=True),
            spec(GAPS, "", 0, gaps),
        ),
        over(carrier, busy),
    )


def work_of(carrier: str) -> Part:
    """The rows that compare carriers by what they take."""
    shares = (
        Spec(WORK.format(carrier, name), "%", None, f"720p, {_ONE}")
        for name in ("host", "kernel", "page")
    )
    load = Spec(LOAD.format(carrier), "kB/s", None, f"as the page counts them, {_ONE}")
    return Part("carriers", (*shares, load), over(carrier, work))


PARTS = (
    *itertools.chain.from_iterable(map(parts, FRAMES)),
    *map(work_of, CARRIERS),
)
