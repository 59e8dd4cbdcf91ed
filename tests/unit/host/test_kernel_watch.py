"""The end of the kernel is noticed, whatever holds its pipe open."""

import asyncio

import pytest

from ipyavatar.host.kernel_watch import LOOK_EVERY_S, wait_for_end

KERNEL, INIT = 42, 1


class Steps:
    """A clock that takes a step whenever somebody waits."""

    def __init__(self):
        self.time = 0.0

    def now(self):
        return self.time

    async def sleep_until(self, deadline):
        self.time = deadline
        await asyncio.sleep(0)


@pytest.fixture
def clock():
    return Steps()


def noticed_after(clock, platform="posix", marks=(), parents=(KERNEL,)):
    """When it returns, given what is seen one look after the other; the last goes on for ever."""
    marks, parents = list(marks), list(parents)

    def look(seen):
        return seen.pop(0) if len(seen) > 1 else seen[0]

    watching = wait_for_end(
        KERNEL,
        clock,
        mark_of=lambda pid: look(marks),
        parent=lambda: look(parents),
        platform=platform,
    )
    asyncio.run(asyncio.wait_for(watching, 10))
    return clock.time


def test_a_child_sees_that_it_has_another_parent(clock):
    """At the next look."""
    assert noticed_after(clock, parents=[KERNEL] * 5 + [INIT]) == pytest.approx(4 * LOOK_EVERY_S)


@pytest.mark.parametrize("after", [None, "another"])
def test_behind_a_launcher_and_on_windows_it_looks_for_the_process_itself(clock, after):
    """Its id may be another process' by now. (On Windows a parent stays what it was.)"""
    for platform, parents in (("posix", [77]), ("nt", [KERNEL])):
        clock.time = 0.0
        marks = ["began"] * 4 + [after]
        found = noticed_after(clock, platform, marks, parents)
        assert found == pytest.approx(3 * LOOK_EVERY_S)


def test_a_kernel_that_ended_while_we_started_is_noticed_at_once(clock):
    """It has no parent by then, and nobody has that id."""
    assert noticed_after(clock, marks=[None], parents=[INIT]) == 0.0


def test_two_looks_are_within_the_two_seconds_it_may_take():
    """`kill -9` of the kernel -> paid session stopped."""
    assert 2 * LOOK_EVERY_S <= 1.0
