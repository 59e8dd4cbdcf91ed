"""What paid sessions cost and promise: calls, keep-alives, ends. All against the offline twin.

The twin is a process of its own, and so is each kernel: a plain Python process, with no front end.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import random
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, cast

import httpx

from ipyavatar.core.clock import MonotonicClock
from ipyavatar.core.secret import Secret
from ipyavatar.media.local_voice import LocalVoice
from ipyavatar.paid.keepalive import LeaseTerms, SessionLimits, keep_alive_rule
from ipyavatar.paid.lease import Lease
from ipyavatar.paid.ledger import Ledger
from ipyavatar.paid.process_identity import ProcessIdentity
from ipyavatar.protocol.options import Credentials
from ipyavatar.providers.base import ProviderListener
from ipyavatar.providers.cloud.client_factory import ClientFactory
from ipyavatar.providers.cloud.http import HttpClient
from ipyavatar.providers.heygen.client import HeyGenClient
from ipyavatar.providers.heygen.options import HeyGenOptions
from ipyavatar.providers.heygen.spec import SPEC
from tests.support.processes import script, until
from tests.support.twin_process import KEY, TwinProcess, twin_process

from .numbers import median, spread
from .rows import Part, Reading, Spec
from .runner import run_in_thread
from .stand import Stand

LIST, KEEP = "paid: list, ours to bare httpx", "paid: keep_alive, ours to bare httpx"
LATE = {
    "idle": "paid: keep-alive, worst lateness, cell idle",
    "loop": "paid: keep-alive, worst lateness, Python loop",
    "GIL": "paid: keep-alive, worst lateness, GIL held",
}
MISSED = "paid: keep-alives missed, all three"
KILLED = "paid: kill -9 of the kernel to all stopped, worst"
ONE, MANY = (
    "paid: sessions opened and closed, in turn",
    "paid: sessions opened and closed, 8 at once",
)

PAIRS, BLOCKS = 100, 5
KILLS = 2
RATE_S = 2.0

BLOCKED_S, EVERY_S, IDLE_S = 20.5, 10.0, 14.0
"""The twin ends a session after 14 s of silence in place of HeyGen's usual 120 s (1/8.6); the
client's pauses are its true ones, 10 s where `idle_timeout_s=30`. So each session owes two calls.
"""
SLACK_S = 0.5
"""A call that was due so shortly before the count may still be under way."""

Sessions = list[tuple[str, dict[str, Any]]]
KALTURA: tuple[str, dict[str, Any]] = ("kaltura", {"avatar_id": "64b1f0c2a1b2c3d4e5f60718"})
EVERY_TEN_S: Sessions = [("heygen", {"idle_timeout_s": 30})] * 3 + [KALTURA]
ONE_EACH: Sessions = [("heygen", {}), ("liveavatar", {"sandbox": True}), KALTURA]

KERNEL = """
    import ctypes, json, os, sys, time
    os.environ["IPYAVATAR_STATE_DIR"] = {state!r}
    from ipyavatar import Avatar
    service = dict(api_key={key!r}, base_url={url!r})
    avatars = [Avatar(name, **service, **options) for name, options in {sessions!r}]
    for handle in [avatar.start() for avatar in avatars]:
        handle.wait(60)
    end = time.monotonic() + {seconds}
    {busy}
    time.sleep(1.5)  # what the companion measured comes once a second
    print(json.dumps([dict(avatar.stats) for avatar in avatars]), flush=True)
    sys.stdin.readline()
"""
BUSY = {
    "idle": f"time.sleep({BLOCKED_S})",
    "loop": "while time.monotonic() < end: pass",
    "GIL": f"ctypes.PyDLL(None).usleep({int(BLOCKED_S * 1e6)})",
}


# ---- calls --------------------------------------------------------------------------------------


def overhead(_: Stand) -> Iterator[Reading]:
    """The same call by the client and by bare httpx, in turn, on one loop."""
    with twin_process() as twin:
        for name, ratios, medians in run_in_thread(_overheads(twin.url)):
            bare, ours = medians
            where = f"ms: bare {bare:.3f}, ours {ours:.3f}; ratio by block: {spread(ratios, 3)}"
            yield Reading(name, ours / bare, PAIRS * BLOCKS, where)


async def _overheads(url: str) -> list[tuple[str, list[float], tuple[float, float]]]:
    # trust_env as the client has it on loopback; all else is httpx as it comes.
    async with HttpClient(SPEC, url) as ours, httpx.AsyncClient(trust_env=False) as http:
        client = HeyGenClient(ours, Secret(KEY))
        session = (await client.new()).session_id
        await client.start(session)
        headers = {"X-Api-Key": KEY}

        async def bare_list() -> None:
            answer = await http.get(f"{url}/v1/streaming.list", headers=headers)
            assert len(answer.raise_for_status().json()["data"]["sessions"]) == 1

        async def our_list() -> None:
            assert len(await client.list_sessions()) == 1

        async def bare_keep() -> None:
            body = {"session_id": session}
            call = http.post(f"{url}/v1/streaming.keep_alive", json=body, headers=headers)
            (await call).raise_for_status().json()

        async def our_keep() -> None:
            await client.keep_alive(session)

        found = [(LIST, *await _pairs(bare_list, our_list))]
        found.append((KEEP, *await _pairs(bare_keep, our_keep)))
        await client.stop(session)
        return found


async def _pairs(
    bare: Callable[[], Awaitable[None]], ours: Callable[[], Awaitable[None]]
) -> tuple[list[float], tuple[float, float]]:
    """Ratios of the blocks' medians, and the medians of all in ms: bare, ours."""
    times: dict[Callable[[], Awaitable[None]], list[float]] = {bare: [], ours: []}
    for number in range(PAIRS * BLOCKS + 20):
        # Who comes first changes: the second one finds warm caches.
        for call in (bare, ours) if number % 2 else (ours, bare):
            begin = time.perf_counter()
            await call()
            if number >= 20:
                times[call].append((time.perf_counter() - begin) * 1000)
    blocks = [slice(i * PAIRS, (i + 1) * PAIRS) for i in range(BLOCKS)]
    ratios = [median(times[ours][block]) / median(times[bare][block]) for block in blocks]
    return ratios, (median(times[bare]), median(times[ours]))


# ---- kernels ------------------------------------------------------------------------------------


def punctuality(stand: Stand) -> Iterator[Reading]:
    """Three kernels side by side: one idle, one in a loop, one that holds the GIL."""
    state, limits = str(stand.scratch / "punctual"), ("--idle-timeout", str(IDLE_S))
    with twin_process(*limits, "--concurrency", "9") as twin:
        with contextlib.ExitStack() as ends:
            kernels = {
                how: ends.enter_context(_kernel(twin, state, EVERY_TEN_S, busy))
                for how, busy in BUSY.items()
            }
            for how, kernel in kernels.items():
                stats = json.loads(_told(kernel))
                calls = sum(int(one["keep_alives"]) for one in stats)
                worst = [one["keep_alive_late_ms"] for one in stats]
                yield Reading(LATE[how], max(worst), calls, f"worst of each session: {worst} ms")
            seen = twin.state()
        until(lambda: not twin.open(), 10, "the companions ended")
    sessions, now = seen["sessions"], seen["now"]
    # Each session owes one call a pause since it was opened: a late one makes good for none.
    due = [int((now - s["created_at"] - SLACK_S) // EVERY_S) for s in sessions]
    came = [s["counts"].get("keep_alive", 0) for s in sessions]
    idle = sum(s["end_reason"] == "idle" for s in sessions)
    where = f"due {due}, arrived {came} by session; {idle} ended by the twin for silence"
    missed = sum(max(0, owed - count) for owed, count in zip(due, came, strict=True))
    yield Reading(MISSED, missed + idle, sum(due), where)


def killed(stand: Stand) -> Iterator[Reading]:
    """A session of each service, and their kernel is killed."""
    took = []
    with twin_process() as twin:
        for _run in range(KILLS):
            with _kernel(
                twin, str(stand.scratch / "killed"), ONE_EACH, "print('open', flush=True); input()"
            ) as kernel:
                _told(kernel)
                assert len(twin.open()) == len(ONE_EACH)
                begin = time.monotonic()
                kernel.kill()
                until(lambda: not twin.open(), 20, "all are stopped")
                took.append(time.monotonic() - begin)
        ends = {s["end_reason"] for s in twin.closed()}
    yield Reading(KILLED, max(took), KILLS, f"{spread(took, 2)} s; ended as {', '.join(ends)}")


@contextlib.contextmanager
def _kernel(
    twin: TwinProcess, state: str, sessions: Sessions, busy: str
) -> Iterator[subprocess.Popen[str]]:
    """A kernel that opens sessions, is busy, and tells the stats; killed at the end."""
    code = KERNEL.format(
        state=state, key=KEY, url=twin.url, sessions=sessions, seconds=BLOCKED_S, busy=busy
    )
    process = script(code)
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=10)


def _told(kernel: subprocess.Popen[str]) -> str:
    """Its next line."""
    assert kernel.stdout is not None
    return kernel.stdout.readline()


# ---- throughput ---------------------------------------------------------------------------------


def throughput(stand: Stand) -> Iterator[Reading]:
    """Leases as the companion has them: ledger on disk, a connection for each session."""
    with twin_process("--concurrency", "8") as twin:
        for name, abreast in ((ONE, 1), (MANY, 8)):
            count, took = run_in_thread(_opened(twin.url, stand.scratch / "rate.db", abreast))
            yield Reading(name, count / took, count)


class _NoListener:
    """Takes whatever it is told."""

    def __getattr__(self, _: str) -> Callable[..., None]:
        return lambda *_: None


async def _opened(url: str, path: Path, abreast: int) -> tuple[int, float]:
    """How many sessions were opened and closed by so many workers, and the seconds it took."""
    clock, ledger, owner = MonotonicClock(), Ledger(path), ProcessIdentity.me()
    clients = ClientFactory(clock)
    options = HeyGenOptions(credentials=Credentials(SPEC.name, url, Secret(KEY)))
    terms = LeaseTerms(
        url, keep_alive_rule(SPEC.idle_timeout_s, SPEC.keep_alive_every_s), SessionLimits()
    )
    nobody, mute = cast(ProviderListener, _NoListener()), cast(LocalVoice, None)

    begin, count = clock.now(), 0

    async def one() -> None:
        driver = SPEC.make_driver(options, "medium", clients, mute)
        lease = Lease(driver, terms, ledger, owner, clock, listener=nobody, random=random.random)
        await lease.open()
        assert await lease.close("measured")

    async def worker() -> None:
        nonlocal count
        while clock.now() - begin < RATE_S:
            await one()
            count += 1

    try:
        await one()  # the first one imports
        begin = clock.now()
        await asyncio.gather(*(worker() for _ in range(abreast)))
        return count, clock.now() - begin
    finally:
        ledger.close()


_OVERHEAD = (
    "HeyGenClient call (typed answer) to the same call by httpx.AsyncClient and .json(), median to "
    "median, interleaved pairs on one loop, twin in its own process"
)
_LATE = (
    "worst keep_alive_late_ms in stats of 3 HeyGen and 1 Kaltura session of a plain Python "
    f"process; {{}} for {BLOCKED_S:g} s; the three kernels side by side; n counts keep-alives"
)
_MISSED = (
    f"keep-alives due less those the twin saw, plus sessions it ended for silence, in "
    f"{BLOCKED_S:g} s; idle time-out at the twin {IDLE_S:g} s for HeyGen's usual 120 s "
    f"(scale 1:{120 / IDLE_S:.1f}), client's pause unscaled, {EVERY_S:g} s; n counts those due"
)
_KILLED = (
    "SIGKILL of a plain Python process with a session of each service, until the twin's state "
    "has none open; the worst run"
)
_RATE = (
    f"HeyGen leases (new, start, stop; ledger on disk; connection each) in {RATE_S:g} s, twin in "
    "its own process"
)
assert math.isclose(EVERY_S, keep_alive_rule(30, SPEC.keep_alive_every_s).every_s)

PARTS = (
    Part("paid", (Spec(LIST, "x", 1.1, _OVERHEAD), Spec(KEEP, "x", 1.1, _OVERHEAD)), overhead),
    Part(
        "paid",
        (
            Spec(LATE["idle"], "ms", None, _LATE.format("main thread asleep")),
            Spec(LATE["loop"], "ms", None, _LATE.format("a pure-Python loop")),
            Spec(LATE["GIL"], "ms", None, _LATE.format("GIL held by ctypes.PyDLL usleep")),
            Spec(MISSED, "calls", 0, _MISSED),
        ),
        punctuality,
    ),
    Part("paid", (Spec(KILLED, "s", 2, _KILLED),), killed),
    Part(
        "paid",
        (Spec(ONE, "1/s", None, _RATE), Spec(MANY, "1/s", None, f"{_RATE}; 8 workers")),
        throughput,
    ),
)
