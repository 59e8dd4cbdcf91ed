"""Two subscribers of one room of a real twin, for as long as it takes to see that nothing grows.

A minute in CI; ten minutes by `make long`. Meanwhile a third subscriber, in a process of its own,
is stopped dead: it neither reads nor says so.
"""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import numpy as np
import psutil
import pytest

from tests.support.processes import until
from tests.support.room_listeners import listeners
from tests.support.sdk import TwinProcess

pytestmark = pytest.mark.alone  # seconds of sound and of delay are counted

TEN_MINUTES = bool(os.environ.get("IPYAVATAR_TEN_MINUTES"))
SECONDS = 600 if TEN_MINUTES else 56
PART = 60 if TEN_MINUTES else 10
"""Seconds at the beginning that are held against as many at the end."""

TEXT = "Well, she was sure that many more people would be coming along the river road today. "
SPEECH_EVERY_S = 12


@contextmanager
def twin():
    command = [sys.executable, "-m", "tests.support.media_clock_twin", "--port", "0", "--warm"]
    command += ["--max-duration", "3600", "--idle-timeout", "3600"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield TwinProcess(process, json.loads(process.stdout.readline())["url"], None)
        finally:
            process.terminate()
            process.wait(10)


def enter(ears, server, session, name):
    ears.join(name, server.url, server.viewer(session["session_id"], name))
    until(lambda: ears.of(name) and ears.of(name)[-1]["pictures"], 20, f"{name} sees something")


@pytest.fixture(scope="module")
def run():
    """Reports by name, RSS of the twin each second, its events, who is in the room at the end."""
    with twin() as server, listeners() as ears, listeners() as dead:
        session = server.heygen(quality="medium")
        for name in ("one", "two"):
            enter(ears, server, session, name)
        enter(dead, server, session, "dead")
        server.say(session["session_id"], "The voice is loaded now.")
        time.sleep(4)
        first = len(ears.of("one"))
        dead.process.send_signal(signal.SIGSTOP)
        try:
            begin, rss = time.monotonic(), []
            for second in range(SECONDS):
                if second % SPEECH_EVERY_S == 0:
                    server.say(session["session_id"], TEXT)
                time.sleep(max(0.0, begin + second + 1 - time.monotonic()))
                rss.append(psutil.Process(server.process.pid).memory_info().rss)
            state = server.state()
            present = [row["identity"] for row in state["rooms"][session["session_id"]]]
        finally:
            dead.process.kill()
        got = {name: ears.of(name)[first:] for name in ("one", "two")}
        yield got, rss, state["events"], present


def ends(values):
    """The medians of the first and of the last `PART`."""
    return float(np.median(values[:PART])), float(np.median(values[-PART:]))


@pytest.mark.parametrize("name", ["one", "two"])
def test_delay_does_not_grow(run, name):
    """Arrival less media time: a queue anywhere, or a clock that runs slow, would show."""
    reports = run[0][name]
    for kind in ("audio", "video"):
        before, after = ends([r[kind] for r in reports if r[kind] is not None])
        print(f"{name}: {kind} {(after - before) * 1000:+.1f} ms; load {os.getloadavg()[0]:.1f}")
        assert abs(after - before) < 0.060


@pytest.mark.parametrize("name", ["one", "two"])
def test_pictures_arrive_with_their_sound(run, name):
    """The time stamps are exact (see the hour); this is what the machine adds."""
    before, after = (
        np.array([apart for report in part for apart in report["av"]])
        for part in (run[0][name][:PART], run[0][name][-PART:])
    )
    for when, part in (("begin", before), ("end", after)):
        p50, p95 = np.percentile(part, [50, 95]) * 1000
        print(f"{name}, {when}: p50 {p50:.1f} ms, p95 {p95:.1f} ms")
    assert abs(np.median(after)) < 0.040
    assert abs(np.median(after) - np.median(before)) < 0.020


@pytest.mark.parametrize("name", ["one", "two"])
def test_all_of_the_sound_comes(run, name):
    reports = run[0][name]
    sounds = sum(r["packets"] for r in reports) / len(reports)
    pictures = [r["pictures"] for r in reports]
    print(f"{name}: {sounds:.2f} packets, {np.mean(pictures):.1f} pictures a second")
    assert sounds == pytest.approx(50, abs=0.5)
    assert min(pictures) >= 1
    events = [event for r in reports for event in r["data"]]
    assert events.count("avatar_start_talking") >= SECONDS // SPEECH_EVERY_S - 1


def test_memory_is_flat(run):
    before, after = ends(run[1])
    print(f"RSS {before / 1e6:.1f} MB, then {after / 1e6:.1f} MB")
    assert after - before < (10e6 if TEN_MINUTES else 25e6)


def test_one_who_does_not_read_any_more_is_given_up(run):
    """What it does not acknowledge is noticed in half a minute, and written down."""
    _, _, events, present = run
    told = [entry["what"] for entry in events if entry["who"] == "dead"]
    print(told)
    assert present == ["one", "two"]
    assert told[0] == "joined"
    assert len(told) > 1
