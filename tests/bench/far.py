"""What carriers.py measures, with 40 ms and 10 Mbit/s between two machines, and only TCP."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator

from playwright.sync_api import Browser

from tests.support.lab import Server, chromium, launch, server_in
from tests.support.network_namespaces import Networks, networks

from .cpu import TALK
from .fps import painted
from .latency import TEXTS, trial
from .numbers import median, percentile, spread, stages
from .probe import Probe
from .rows import Part, Reading, Spec
from .source import synthesized
from .stand import Stand
from .startup import CELL as STARTUP_CELL
from .startup import ORDER, one_start

TRIALS = 12
RUNS = 5
SECONDS = 6.0

LINE = {"delay_s": 0.04, "bits_per_s": 10e6}

FIRST = "far: cell run -> first frame, warm"
SPEAK = "far: speak() -> first audible sample, p50"
PYTHON = "far: interrupt() -> silence, p95"
BUTTON = "far: Interrupt button -> silence, p95"
TALKING = "far: painted, talking"
BYTES = "far: sound and pictures, talking"

CELL = "from ipyavatar import Avatar\navatar = Avatar(); avatar"


class FarStand(Stand):
    """The server on one machine, the browser on another."""

    @functools.cached_property
    def nets(self) -> Networks:
        return self._open.enter_context(networks())

    @functools.cached_property
    def server(self) -> Server:
        server = self._open.enter_context(server_in(self.scratch / "lab", self.nets.kernel))
        self.nets.link.set(**LINE, port=server.port)
        return server

    @functools.cached_property
    def browser(self) -> Browser:
        program = self.nets.browser.write_program(self.scratch / "browser", chromium())
        # As at https:// or through a forward: there are decoders.
        flags = [f"--unsafely-treat-insecure-origin-as-secure={self.server.url}"]
        browser = launch(self.playwright, program=program, flags=flags)
        self._open.callback(browser.close)
        return browser


def far(stand: Stand) -> Iterator[Reading]:
    """All of it in one page: to load JupyterLab over such a line takes long."""
    with FarStand(stand) as distant, distant.notebook(STARTUP_CELL) as lab:
        one_start(lab, 0)
        runs = [one_start(lab, 0) for _ in range(RUNS)]
        times = [one["frame"] for one in runs]
        where = f"{spread(times)}; steps in ms: {stages(runs, ORDER)}"
        yield Reading(FIRST, median(times), len(times), where)
        lab.ask("avatar.speak('Hello, I am here.').wait(20)")
        probe = Probe(lab.page)
        offset, _error = probe.clock_offset()
        trials = [
            trial(lab, probe, text, synthesized(text).lead_ms, i % 2 == 1, offset, 0.8 + 0.05 * i)
            for i, text in enumerate(itertools.islice(itertools.cycle(TEXTS), TRIALS))
        ]
        heard = [one.heard for one in trials]
        where = (
            f"{spread(heard)}; kernel, pipe, voice {median(one.handed for one in trials):.0f},"
            f" silence before the first sound itself {median(one.lead for one in trials):.0f}, line"
            f" and jitter buffer {median(t.pulled - t.handed - t.lead for t in trials):.0f}"
        )
        yield Reading(SPEAK, median(heard), len(heard), where)
        for name, by_button in ((PYTHON, False), (BUTTON, True)):
            hushed = [t.hushed for t in trials if t.by_button == by_button and t.hushed is not None]
            yield Reading(name, percentile(hushed, 95), len(hushed), spread(hushed))
        lab.ask(f"speech = avatar.speak({TALK * 12!r})")
        lab.page.wait_for_timeout(2500)
        yield painted(TALKING, lab, probe, SECONDS)
        yield Reading(BYTES, float(lab.ask("", "avatar.stats['bitrate_kbps']")) / 8, 1)


_BY = "as the row of messages, Avatar(), in network namespaces with tests/support/slow_link.py"

PARTS = (
    Part(
        "far",
        (
            Spec(FIRST, "ms", 700, _BY),
            Spec(SPEAK, "ms", 230, _BY),
            Spec(PYTHON, "ms", None, _BY),
            Spec(BUTTON, "ms", None, _BY),
            Spec(TALKING, "fps", 24.5, _BY, at_least=True),
            Spec(BYTES, "kB/s", None, _BY),
        ),
        far,
    ),
)
