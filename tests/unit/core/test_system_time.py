"""Where the program has replaced the clock, what is waited for still ends in time."""

import threading
import time

import pytest

from ipyavatar.core.clock import MonotonicClock
from ipyavatar.core.handle import Handle
from ipyavatar.core.loops import new_loop
from ipyavatar.core.system_time import SystemTime

SOON_S = 10.0


def frozen():
    return 5.0


def broken():
    raise RuntimeError("this clock is the program's")


@pytest.fixture(params=[frozen, broken])
def replaced(request, monkeypatch):
    """The clock, as the program has it while this lasts."""
    monkeypatch.setattr(time, "monotonic", request.param)
    return request.param


def ends(call):
    """Whether it does, on a thread that may be left behind; with what it raised."""
    raised = []

    def run():
        try:
            call()
        except Exception as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(SOON_S)
    return not thread.is_alive(), raised


@pytest.mark.usefixtures("replaced")
def test_a_wait_with_a_deadline_ends():
    """By its own error, and not by that of the clock."""
    ended, raised = ends(lambda: Handle().wait(1e-6))
    assert ended
    assert [type(error) for error in raised] == [TimeoutError]


@pytest.mark.usefixtures("replaced")
def test_timers_of_our_loops_come():
    """Of those that sessions run on, in a thread of the program."""
    loop, fired = new_loop(), []

    async def sleep():
        fired.append(loop.time())
        deadline = MonotonicClock().now() + 0.001
        await MonotonicClock().sleep_until(deadline)
        fired.append(loop.time())

    ended, raised = ends(lambda: loop.run_until_complete(sleep()))
    loop.close()
    assert ended
    assert not raised
    assert fired[0] < fired[1]


def test_it_is_no_name_of_a_module():
    """Libraries that freeze time look through those."""
    assert SystemTime.monotonic is time.monotonic
    assert not any(
        value is time.monotonic for value in vars(__import__(SystemTime.__module__)).values()
    )
