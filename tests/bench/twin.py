"""What the offline twin costs: CPU of a room, of a further viewer, and rooms before it stutters.

The viewers are in one other process, take in all media and decode none of it.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil

from tests.support.room_listeners import Listeners, listeners
from tests.support.sdk import TwinProcess

from .cpu import TALK
from .numbers import median, percentile
from .rows import Part, Reading, Spec
from .stand import Stand

SECONDS = 8.0
SETTLE_S = 5.0
FIRST_ROOMS, WANTED_ROOMS, MOST_ROOMS = 6, 8, 16
LEAST_FPS = 24.0
CORES = 2

IDLE, TALKING = "twin: room, idle", "twin: room, talking"
VIEWER = "twin: further viewer"
VIEWER_RATIO = "twin: further viewer / room, talking"
APART = "twin: picture after its sound, p95"
ROOMS = "twin: rooms at 24 fps"
SHARE = f"twin: {WANTED_ROOMS} rooms, with their viewers"


class Theatre:
    """A twin, its rooms, and a process of viewers."""

    def __init__(self, twin: TwinProcess, ears: Listeners) -> None:
        self._twin, self.ears = twin, ears
        self.process = psutil.Process(twin.process.pid)
        self.viewers = psutil.Process(ears.process.pid)
        self.rooms: list[str] = []

    def room(self) -> str:
        """A new room at 480p25 with a viewer, who sees something."""
        session: str = self._twin.heygen(quality="medium")["session_id"]
        self.rooms.append(session)
        self.enter(session, "1")
        return session

    def enter(self, room: str, name: str) -> None:
        """A further viewer.

        Raises:
            TimeoutError: It sees nothing within 20 s.
        """
        viewer = f"{room}/{name}"
        self.ears.join(viewer, self._twin.url, self._twin.viewer(room, name))
        deadline = time.monotonic() + 20
        while not any(report["pictures"] for report in self.ears.of(viewer, 1)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"viewer {name} sees nothing")
            time.sleep(0.1)

    def talk(self) -> None:
        """Have every room talk for the next half minute and longer."""
        for room in self.rooms:
            self._twin.say(room, (TALK * 8).strip())

    def cpu_percent(self, seconds: float = SECONDS) -> tuple[float, float]:
        """CPU over the next `seconds`, percent of one core: of the twin, of the viewers."""
        before, begin = self._times(), time.monotonic()
        time.sleep(seconds)
        spent = time.monotonic() - begin
        twin, viewers = (100 * (b - a) / spent for a, b in zip(before, self._times(), strict=True))
        return twin, viewers

    def _times(self) -> tuple[float, float]:
        return _cpu_s(self.process), _cpu_s(self.viewers)

    def fps(self, seconds: float = SECONDS) -> list[float]:
        """Pictures a second that each room's first viewer got in the last `seconds`."""
        count = round(seconds)
        reports = [self.ears.of(f"{room}/1", count) for room in self.rooms]
        return [sum(r["pictures"] for r in told) / len(told) for told in reports]


def _cpu_s(process: psutil.Process) -> float:
    """What a process and its children have used."""
    used = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(times.user + times.system for times in used)


@contextlib.contextmanager
def theatre() -> Iterator[Theatre]:
    """A twin and viewers of their own."""
    command = [sys.executable, "-m", "tests.support.media_clock_twin", "--port", "0", "--warm"]
    command += ["--concurrency", "50", "--idle-timeout", "3600"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        with listeners() as ears:
            yield Theatre(TwinProcess(process, url, None), ears)
    finally:
        process.terminate()
        process.wait(10)


def load() -> str:
    """How busy the machine is, the twin included."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def cost(_: Stand) -> Iterator[Reading]:
    """One room: idle, talking, with three more viewers."""
    with theatre() as stage:
        room = stage.room()
        stage.talk()  # loads the voice
        time.sleep(2)
        stage._twin.call("POST", "/v1/streaming.interrupt", {"session_id": room})
        time.sleep(SETTLE_S)
        twin, _viewers = stage.cpu_percent()
        yield Reading(IDLE, twin, 1, f"{stage.fps()[0]:.1f} pictures a second; {load()}")
        stage.talk()
        time.sleep(SETTLE_S)
        talking, viewers = stage.cpu_percent()
        apart = [a for told in stage.ears.of(f"{room}/1", round(SECONDS)) for a in told["av"]]
        where = f"{stage.fps()[0]:.1f} pictures a second; viewer {viewers:.1f} %; {load()}"
        yield Reading(TALKING, talking, 1, where)
        where = f"p50 {median(apart) * 1000:.1f} ms; {load()}"
        yield Reading(APART, percentile(apart, 95) * 1000, len(apart), where)
        for number in range(3):
            stage.enter(room, str(number + 2))
        time.sleep(2)
        more, viewers = stage.cpu_percent()
        where = f"4 viewers: twin {more:.1f} %, viewers {viewers:.1f} %; {load()}"
        viewer = (more - talking) / 3
        yield Reading(VIEWER, viewer, 1, where)
        yield Reading(VIEWER_RATIO, viewer / talking, 1, where)


@contextlib.contextmanager
def on_few_cores(rooms: int) -> Iterator[Theatre]:
    """A theatre on `CORES` cores, its viewers too, with so many rooms."""
    with theatre() as stage:
        for process in (stage.process, stage.viewers):
            process.cpu_affinity(list(range(min(CORES, os.cpu_count() or 1))))
        for _room in range(rooms):
            stage.room()
        yield stage


def share(_: Stand) -> Iterator[Reading]:
    """As many rooms as are wanted, all talking: what they take.

    Raises:
        RuntimeError: Pictures were dropped; what remains of them costs less, and says nothing.
    """
    with on_few_cores(WANTED_ROOMS) as stage:
        stage.talk()
        time.sleep(SETTLE_S)
        twin, viewers = stage.cpu_percent()
        fps = min(stage.fps())
    where = f"{twin:.0f} % + {viewers:.0f} % of one core; slowest {fps:.1f} fps; {load()}"
    if fps < LEAST_FPS:
        raise RuntimeError(where)
    yield Reading(SHARE, (twin + viewers) / CORES, 1, where)


def capacity(_: Stand) -> Iterator[Reading]:
    """One room more at a time, all talking, until one of them gets too few pictures."""
    carried, steps = 0, []
    with on_few_cores(FIRST_ROOMS - 1) as stage:
        while len(stage.rooms) < MOST_ROOMS:
            stage.room()
            stage.talk()
            time.sleep(SETTLE_S)
            twin, viewers = stage.cpu_percent()
            fps = min(stage.fps())
            if fps < LEAST_FPS:  # once more: other work on the machine is not the twin's
                twin, viewers = stage.cpu_percent()
                fps = max(fps, min(stage.fps()))
            steps.append(f"{len(stage.rooms)}: {fps:.1f} fps, {twin:.0f} % + {viewers:.0f} %")
            if fps < LEAST_FPS:
                break
            carried = len(stage.rooms)
    yield Reading(
        ROOMS, carried, 1, f"rooms: slowest, twin + viewers: {'; '.join(steps)}; {load()}"
    )


_HOW = (
    f"psutil cpu_times of the twin over {SECONDS:.0f} s, percent of one core; 854x480, 25 pictures "
    "a second, H264; aiortc viewers in one other process that decode nothing; {}"
)

PARTS = (
    Part(
        "twin",
        (
            Spec(IDLE, "%", None, _HOW.format("one viewer, nothing said")),
            Spec(TALKING, "%", None, _HOW.format("one viewer, talking without pauses")),
            Spec(
                APART,
                "ms",
                None,
                "arrival at the viewer's socket, of a picture less that of the sound of its time",
            ),
            Spec(VIEWER, "%", None, _HOW.format("talking, four viewers less one, by three")),
            Spec(VIEWER_RATIO, "x", None, "the two rows above, of one run"),
        ),
        cost,
    ),
    Part(
        "twin",
        (
            Spec(
                SHARE,
                "%",
                100,
                f"CPU time of twin and viewers, percent of {CORES} cores, while every room gets "
                f"{LEAST_FPS:.0f} pictures a second or more",
            ),
        ),
        share,
    ),
    Part(
        "twin",
        (
            Spec(
                ROOMS,
                "rooms",
                8,
                f"rooms that talk, one viewer each, before the slowest is under {LEAST_FPS:.0f} "
                f"pictures a second, {MOST_ROOMS} at most; on {CORES} cores, which viewers share",
                at_least=True,
            ),
        ),
        capacity,
    ),
)
