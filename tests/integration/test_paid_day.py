"""A thousand sessions in one process for simulated hours: no deadline missed, memory flat.

Leases, ledger and keep-alive policy are the real ones; the services are counters in place of HTTP,
which would take hours of CPU for a day. Most sessions are LiveAvatar's, whose keep-alives are a
minute apart (HeyGen 40 s, Kaltura 10 s), for the same reason. One call in a hundred fails.
"""

import asyncio
import gc
import os
import pathlib
import random
import tempfile

import psutil

from ipyavatar.errors import ServiceUnavailable
from ipyavatar.paid.keepalive import LeaseTerms, SessionLimits, keep_alive_rule
from ipyavatar.paid.lease import Lease
from ipyavatar.paid.ledger import Ledger
from ipyavatar.paid.process_identity import ProcessIdentity
from ipyavatar.protocol.grants import SessionGrant
from tests.support.services import SERVICES
from tests.support.virtual_time import run_virtual

FULL_DAY = "IPYAVATAR_FULL_DAY"
DAY_S = 86_400.0 if os.environ.get(FULL_DAY) else 21_600.0
"""A whole day takes over a minute of CPU, so CI simulates six hours; set the variable for a day."""

MIX = {"heygen": 40, "liveavatar": 950, "kaltura": 10}
MEMORY = pathlib.Path("/dev/shm")


class LoopClock:
    """The virtual clock of one loop: looked up once, since it is read ten million times."""

    def __init__(self, loop):
        self.now = loop.time

    async def sleep_until(self, deadline):
        await asyncio.sleep(deadline - self.now())


class Counter:
    """A service that only looks at the clock."""

    def __init__(self, name, number, dice, idle_s, now):
        self.spec = SERVICES[name]
        self.id = f"{name}-{number}"
        self.dice = dice
        self.idle_s = idle_s
        self.now = now
        self.last = 0.0
        self.longest = 0.0
        self.calls = self.failures = self.stops = 0

    async def create(self, on_id):
        self.last = self.now()
        on_id(self.id)

    def grant(self):
        return SessionGrant(self.spec.name, self.id)

    async def keep_alive(self, timeout_s):
        self.calls += 1
        if self.dice.random() < 0.01:
            self.failures += 1
            raise ServiceUnavailable("No.", service=self.spec.name, call="keep_alive", status=503)
        now = self.now()
        self.longest = max(self.longest, now - self.last)
        self.last = now

    async def stop(self):
        self.stops += 1
        return True

    async def close(self):
        pass


class EndListener:
    """Notes ends, and nothing else."""

    def __init__(self):
        self.ends = []

    def on_over(self, text, error=None, *, resumes=False):
        self.ends.append(text)

    def on_trouble(self, text):
        pass

    on_recovered = on_notice = on_usage = on_grant = lambda self, *args: None


async def day(folder):
    dice = random.Random(7)
    loop = asyncio.get_running_loop()
    clock = LoopClock(loop)
    ledger = Ledger(folder / "sessions.db", now=loop.time)
    listener, services, leases = EndListener(), [], []
    for name, count in MIX.items():
        spec = SERVICES[name]
        rule = keep_alive_rule(spec.idle_timeout_s, spec.keep_alive_every_s)
        terms = LeaseTerms("https://x", rule, SessionLimits(2 * DAY_S, 2 * DAY_S))
        for number in range(count):
            service = Counter(name, number, dice, rule.timeout_s, loop.time)
            lease = Lease(
                service, terms, ledger, ProcessIdentity("here", 1, "a"), clock,
                listener=listener, random=dice.random,
            )  # fmt: skip
            await lease.open()
            services.append(service)
            leases.append(lease)
    sizes = []
    for _ in range(4):
        await asyncio.sleep(DAY_S / 4)
        gc.collect()
        sizes.append(psutil.Process().memory_info().rss)
    calls = sum(service.calls for service in services)
    latest = max(lease.latest_s for lease in leases)
    await asyncio.gather(*(lease.close("the day is over") for lease in leases))
    left = ledger.open_rows()
    ledger.close()
    return listener, services, sizes, calls, latest, left


def test_a_thousand_sessions_for_hours():
    """No session comes near its deadline, and the second half takes no more memory."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        listener, services, sizes, calls, latest, left = run_virtual(day(pathlib.Path(folder)))
    margin = min(service.idle_s - service.longest for service in services)
    failures = sum(service.failures for service in services)
    growth = (sizes[3] - sizes[1]) / 1024
    print(
        f"{len(services)} sessions, {calls} keep-alives, {failures} failed; closest to a deadline "
        f"{margin:.1f} s; latest {latest * 1000:.1f} ms; memory +{growth:.0f} kB in the second half"
    )
    assert listener.ends == []
    assert margin > 0
    assert latest < 0.001
    assert growth < 4096
    assert all(service.stops == 1 for service in services)
    assert left == ()
