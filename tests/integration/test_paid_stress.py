"""Kernels killed at random moments of a paid session's life leave nothing open."""

import collections
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from ipyavatar.paid.ledger import Ledger
from tests.support.paid_kernels import place
from tests.support.processes import is_running
from tests.support.twin_process import twin_process

KERNELS = 300
FORKED = 0.5
"""Share of kernels that have forked a child."""

AT_ONCE = 24
MOST_FAULTS = 3
"""That wait at one service: one companion may meet them all."""

SEED = 4711
WITHIN_S = 60.0
"""After the death of a kernel nothing of it is open, and its companion is gone."""

LIVES_S = 180.0
"""A kernel has died by then, or the test has a fault: it waits 60 s at most, once."""

MARGIN_S = 8.0
"""What a companion may take beyond, on a busy machine, to notice and to end."""

MOODS = ("healthy", "slow", "refusing", "silent")
MOMENTS = ("opening", "starting", "speaking", "stopping")
DONE = ("creating", "starting", "speaking", "stopping")
"""Moments that must be among those hit."""

CREATE = {"heygen": "new", "liveavatar": "token", "kaltura": "create"}
OPTIONS = {
    "heygen": {"idle_timeout_s": 3000},
    "liveavatar": {"sandbox": True, "lite": False},
    "kaltura": {"avatar_id": "64b1f0c2a1b2c3d4e5f60718"},
}


def faults_of(mood, dice):
    """What goes wrong next at a service in that mood."""
    if mood == "slow":
        yield {"kind": "slow", "call": dice.choice(["new", "create"]), "seconds": 1.5}
        yield {"kind": "slow", "call": dice.choice(["start", "init_client"]), "seconds": 1.5}
        yield {"kind": "slow", "call": dice.choice(["stop", "end"]), "seconds": 2.0}
    elif mood == "refusing":
        yield {"kind": dice.choice(["503", "500", "html"]), "call": "stop", "times": 5}
        yield {"kind": "reset", "call": dice.choice(["start", "stop", "list", "end"])}
        yield {"kind": "reset", "call": "new", "effect": True}
    elif mood == "silent":
        call = dice.choice(["new", "start", "stop", "end"])
        yield {"kind": "hang", "call": call, "effect": dice.random() < 0.5, "seconds": 600}


class Nursery:
    """Where kernels come from, and what is known of each."""

    def __init__(self, folder):
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.kernel_nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.told = []
        self.born = []

    def bear(self, **life):
        self.told.append(self.folder / f"kernel-{len(self.told)}.jsonl")
        self.told[-1].touch()
        self.born.append(time.monotonic())
        self.process.stdin.write(json.dumps({**life, "told": str(self.told[-1])}) + "\n")
        self.process.stdin.flush()

    def known(self, index):
        """What kernel number `index` has told."""
        found = {}
        for line in self.told[index].read_text().splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                found.update(json.loads(line))
        return found

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        for index in range(len(self.told)):
            known = self.known(index)
            for name in ("kernel", "companion", "child"):
                if name in known and is_running(known[name]):
                    os.kill(known[name][0], signal.SIGKILL)


@pytest.fixture
def nursery(tmp_path, monkeypatch):
    place(monkeypatch, tmp_path / "state", "http://127.0.0.1:9")
    made = Nursery(tmp_path)
    yield made
    made.close()


def wait_for(nursery, waiting, most):
    """Until not more than `most` of these are under way; none of them may take too long."""
    while len(waiting) > most:
        for index in sorted(waiting):
            known = nursery.known(index)
            assert "failed" not in known, f"kernel {index}: {known}"
            if "died" in known and not is_running(known["companion"]):
                waiting.discard(index)
            elif "died" in known:
                took = time.time() - known["at"]
                assert took < WITHIN_S + MARGIN_S, f"kernel {index}: {known}, {took:.0f} s ago"
            else:
                lived = time.monotonic() - nursery.born[index]
                assert lived < LIVES_S, f"kernel {index} lives on: {known}, {lived:.0f} s"
        time.sleep(0.05)


def test_kernels_killed_at_any_moment_leave_no_session_open(nursery, tmp_path, record_property):
    """Services are well, slow, refuse, or are silent; kernels have forked children, or none."""
    dice = random.Random(SEED)
    died, conditions = collections.Counter(), collections.Counter()
    with contextlib.ExitStack() as stack:
        twins = {
            mood: stack.enter_context(twin_process("--concurrency", "999", faults_may_stay=True))
            for mood in MOODS
        }
        waiting = set()
        for number in range(KERNELS):
            mood, service = MOODS[number % len(MOODS)], dice.choice(list(OPTIONS))
            forks = dice.random() < FORKED
            conditions.update([mood, "with a forked child" if forks else "without"])
            planned = list(faults_of(mood, dice))
            # Services do not fail for longer than companions stay: no faults are heaped up.
            if len(twins[mood].state()["faults"]) < MOST_FAULTS:
                for fault in planned:
                    twins[mood].fault(service="*", **{"times": 1, **fault})
            nursery.bear(
                service=service,
                options={**OPTIONS[service], "base_url": twins[mood].url},
                moment=dice.choice(MOMENTS),
                delay_s=dice.choice([0.0, dice.random() * 0.5, dice.random() * 3]),
                forks=forks,
            )
            waiting.add(number)
            wait_for(nursery, waiting, AT_ONCE)
        for mood in MOODS:
            twins[mood].forgive()
        wait_for(nursery, waiting, 0)
        for number in range(KERNELS):
            died[nursery.known(number)["died"]] += 1
        left = {mood: twin.open() for mood, twin in twins.items()}
        hit = {mood: sum(c["fault"] is not None for c in twin.state()["calls"])
               for mood, twin in twins.items()}  # fmt: skip
        opened = sum(len(twin.state()["sessions"]) for twin in twins.values())
    ledger = Ledger(busy_s=5.0)
    rows = ledger.rows()
    ledger.close()
    record_property("kernels killed", f"{KERNELS} (seed {SEED})")
    record_property("moments they were killed at", dict(died))
    record_property("of these", dict(conditions))
    record_property("sessions opened by them", opened)
    record_property("faults of services met", hit)
    print(dict(died), dict(conditions), opened, hit, collections.Counter(r.state for r in rows))
    assert not any(left.values()), (left, [row for row in rows if row.is_open])
    # A Kaltura session whose id was lost can only run out; the twin has none open. Where one answer
    # after the other was lost for a minute, the end is not confirmed, and says so.
    unconfirmed = [row for row in rows if row.is_open and row.provider != "kaltura"]
    record_property("ended, and not confirmed within a minute", len(unconfirmed))
    assert all(row.tries for row in unconfirmed)
    assert len(unconfirmed) <= KERNELS // 50
    assert set(DONE) <= set(died)
    assert all(count for mood, count in hit.items() if mood != "healthy")
