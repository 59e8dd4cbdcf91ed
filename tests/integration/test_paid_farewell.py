"""The kernel is killed while the service is slow, refuses or is silent: nothing is left open."""

import os
import signal
import time

import pytest

from ipyavatar.paid.ledger import Ledger
from tests.support.paid_kernels import PaidKernel, place
from tests.support.processes import alive, until
from tests.support.twin_process import twin_process

STAY_S = 60.0
"""So long the companion stays at most."""


@pytest.fixture
def twin(tmp_path, monkeypatch):
    with twin_process("--concurrency", "20") as running:
        place(monkeypatch, tmp_path, running.url)
        yield running


def rows():
    ledger = Ledger(busy_s=5.0)
    try:
        return ledger.rows()
    finally:
        ledger.close()


def gone_from(twin, seconds):
    return until(lambda: not twin.open(), seconds, f"all stopped: {twin.open()}")


def used(twin, fault):
    """How often a fault has been applied: the calls it hit carry its kind."""
    return [c for c in twin.state()["calls"] if c["fault"] == fault]


@pytest.mark.parametrize("service", ["heygen", "liveavatar", "kaltura"])
@pytest.mark.parametrize("how", ["kill -9", "close"])
def test_a_kernel_that_ends_while_start_is_under_way_leaves_nothing_open(twin, service, how):
    """The create call takes 7 s: the companion waits for it, and ends what it has opened."""
    create = {"heygen": "new", "liveavatar": "start", "kaltura": "create"}[service]
    twin.fault(kind="slow", service=service, call=create, seconds=7, times=1)
    with PaidKernel(service) as kernel:
        kernel.do("start")
        until(lambda: used(twin, "slow"), 20, "the call is under way")
        began = time.monotonic()
        if how == "kill -9":
            kernel.kill()
        else:
            kernel.do("exit")
            kernel.wait(4)  # Jupyter would not wait any longer
        until(lambda: not alive(kernel.companion), STAY_S, "the companion is done")
        assert time.monotonic() - began >= 3
        assert not twin.open()
        assert [row.state for row in rows()] == ["closed"]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "503", "times": 7},
        {"kind": "reset", "times": 6},
        {"kind": "hang", "times": 1},
        {"kind": "html", "times": 5},
        {"kind": "half", "times": 3},
    ],
    ids=lambda fault: fault["kind"],
)
def test_a_stop_that_is_not_confirmed_is_tried_until_it_is(twin, fault):
    """Refused, reset or without an answer: the companion stays, though it is asked to end."""
    twin.fault(service="heygen", call="stop", **fault)
    with PaidKernel("heygen") as kernel:
        kernel.do("start")
        kernel.hear("live")
        kernel.kill()
        until(lambda: used(twin, fault["kind"]), 20, "the fault fired")
        for polite in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            os.kill(kernel.companion, polite)
        until(lambda: not alive(kernel.companion), STAY_S + 5, "the companion is done")
        assert not twin.open()
        (row,) = rows()
        assert row.state == "closed"
        assert row.session_id


def test_a_create_whose_answer_is_lost_is_looked_up_before_the_companion_leaves(twin):
    twin.fault(kind="reset", service="heygen", call="new", effect=True, times=1)
    twin.fault(kind="503", service="heygen", call="list", times=1)
    with PaidKernel("heygen") as kernel:
        kernel.do("start")
        until(lambda: used(twin, "reset"), 20, "the answer was lost")
        kernel.kill()
        until(lambda: not alive(kernel.companion), STAY_S, "the companion is done")
        assert not twin.open()
        assert {row.state for row in rows()} == {"closed"}


def test_what_is_free_ends_at_once(twin):
    """An embedded avatar beside a paid one whose end is not confirmed takes no picture more."""
    twin.fault(kind="503", service="heygen", call="stop", times=9)
    with PaidKernel("heygen", "embedded") as kernel:
        kernel.do("start")
        kernel.hear("live live")
        kernel.kill()
        until(lambda: len(used(twin, "503")) >= 6, 30, "the end is refused")
        assert alive(kernel.companion)
        until(lambda: kernel.companion_cpu(0.5) < 0.3, 10, "the pump has ended")
        gone_from(twin, STAY_S)


def test_what_could_not_be_confirmed_is_listed_and_the_next_host_ends_it(twin):
    """The service refuses for as long as the companion stays: the row says why, and how often."""
    twin.fault(kind="503", service="liveavatar", call="stop")
    with PaidKernel("liveavatar", stay_s=10.0) as kernel:
        kernel.do("start")
        kernel.hear("live")
        kernel.kill()
        until(lambda: not alive(kernel.companion), 40, "the companion gave up")
    (row,) = rows()
    assert row.state == "stopping"
    assert "ServiceUnavailable" in row.note
    assert row.tries >= 1
    assert len(twin.open()) == 1
    twin.forgive()
    with PaidKernel("embedded") as following:
        following.do("start")
        until(lambda: rows()[0].state == "closed", 90, "the next host ended it")
    assert not twin.open()


NO_MORE_THREADS = """
import pathlib, threading
real = main.read_frame
def refuse(_):
    raise RuntimeError("can't start new thread")
def read(source):
    body = real(source)
    if body is None:
        threading.Thread.start = refuse
        pathlib.Path({mark!r}).touch()
    return body
main.read_frame = read
"""


def test_what_is_paid_for_is_stopped_though_no_thread_can_be_started(twin, tmp_path):
    """A hub limits threads: without one for its last resort the companion ended, and left it."""
    mark = tmp_path / "no more threads"
    with PaidKernel("heygen", code=NO_MORE_THREADS.format(mark=str(mark))) as kernel:
        kernel.do("start")
        kernel.hear("live")
        assert twin.open()
        kernel.kill()
        gone_from(twin, 10)
        assert mark.exists()
        until(lambda: not alive(kernel.companion), 10, "the companion is done")
        assert [row.state for row in rows()] == ["closed"]
