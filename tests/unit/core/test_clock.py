"""Time that goes on while the machine sleeps."""

import asyncio
import time

import pytest

from ipyavatar.core.clock import LOOK_EVERY_S, AwakeClock, MonotonicClock, time_through_sleep


class Machine:
    """Sleeps once, for `asleep_s`, in the middle of what somebody waits for."""

    def __init__(self, asleep_s, at):
        self.now = 100.0
        self.asleep_s = asleep_s
        self.at = at
        self.naps = []

    def read(self):
        return self.now

    async def sleep(self, seconds):
        """A timer: it stands still while the machine sleeps."""
        self.naps.append(seconds)
        if self.now < self.at <= self.now + seconds:
            self.now += self.asleep_s
        self.now += seconds


@pytest.mark.parametrize("asleep_s", [0.0, 3.0, 3600.0])
def test_a_deadline_that_passes_in_a_sleep_is_noticed_within_a_second_of_the_wake(asleep_s):
    machine = Machine(asleep_s, at=110.5)
    asyncio.run(AwakeClock(machine.read, machine.sleep).sleep_until(160.0))
    assert sum(machine.naps) <= max(60.0 - asleep_s, 10.5 + LOOK_EVERY_S) + 1e-6
    assert machine.now >= 160.0
    assert max(machine.naps) <= LOOK_EVERY_S


def test_what_is_over_is_not_waited_for():
    machine = Machine(0.0, at=0.0)
    asyncio.run(AwakeClock(machine.read, machine.sleep).sleep_until(99.0))
    assert machine.naps == []


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32", "freebsd"])
def test_every_platform_has_a_clock_that_never_goes_back(platform):
    read = time_through_sleep(platform)
    first, second = read(), read()
    assert second >= first


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="a clock of Linux")
def test_on_linux_it_is_the_one_that_counts_sleep():
    assert AwakeClock().now() == pytest.approx(time.clock_gettime(time.CLOCK_BOOTTIME), abs=1.0)
    assert MonotonicClock().now() == pytest.approx(time.monotonic(), abs=1.0)


def test_elsewhere_the_wall_clock_shows_a_sleep_and_going_back_does_no_harm():
    from ipyavatar.core.clock import WallProgress

    times = {"monotonic": 10.0, "wall": 1000.0}
    clock = WallProgress(lambda: times["monotonic"], lambda: times["wall"])
    for monotonic, wall, now in [(11, 1001, 1), (12, 4602, 3602), (13, 50, 3603), (14, 51, 3604)]:
        times.update(monotonic=monotonic, wall=wall)
        assert clock.read() == pytest.approx(now)
