"""The end of a speech waits for a page that may not have heard it, and for no other."""

import asyncio

import pytest

from ipyavatar.providers.hearing import ANSWER_S, COMES_S, LOOK_S, LOST_S, POLL_S, Hearing
from tests.support.virtual_time import VirtualClock, run_virtual


class Line:
    """A connection: packets come once a second until it breaks; each question is acknowledged."""

    def __init__(self, breaks_at=float("inf"), *, every_s=1.0):
        self.breaks_at, self.every_s, self.asked = breaks_at, every_s, 0

    async def received(self):
        at = min(asyncio.get_running_loop().time(), self.breaks_at)
        return int(at / self.every_s) + (self.asked if at < self.breaks_at else 0)

    def ask(self):
        self.asked += 1

    sound_has_come = None
    ahead_s = 0.0


class FrameLine(Line):
    """Frames of which each is acknowledged within 0.1 s, until it breaks; sound comes ahead."""

    ahead_s = 1.5

    def __init__(self, breaks_at=float("inf"), said_s=10.0, passes=True):
        super().__init__(breaks_at, every_s=0.1)
        self.sent_s, self.passes = said_s - self.ahead_s, passes

    async def received(self):
        return await super().received() if self.passes else 0

    @property
    def sound_has_come(self):
        return self.passes and self.breaks_at > self.sent_s


class Scene:
    unheard_since = None

    def __init__(self, line):
        self.line, self.pages = line, True
        self.hearing = Hearing(lambda: self.line, lambda: self.pages, VirtualClock())


def waits(line, *steps, said_s=10.0):
    """A speech of `said_s`, and what happens after it, `(seconds, act)`; how long its end waits."""

    async def go():
        scene, loop = Scene(line), asyncio.get_running_loop()
        watch = asyncio.ensure_future(scene.hearing.watch())
        await asyncio.sleep(said_s)
        for seconds, act in steps:
            loop.call_later(seconds, act, scene)
        began = loop.time()
        scene.unheard_since = await scene.hearing.until_heard()
        scenes.append(scene)
        watch.cancel()
        return loop.time() - began

    return run_virtual(go())


scenes = []
"""Of the latest the last: how `waits` found out."""


def takes_another_way(scene):
    scene.line = None


def says_what_it_missed(scene):
    scene.hearing.note_missed()


def leaves(scene):
    scene.pages, scene.line = False, None


def recovers(scene):
    scene.line.breaks_at = float("inf")


def test_a_page_of_which_something_has_just_come_holds_nothing_up():
    line = Line()
    assert waits(line) == 0
    assert line.asked == 0
    assert waits(None) == 0


@pytest.mark.parametrize("every_s", [7.0, 0.99])
def test_else_it_is_asked_and_answers_before_anybody_waits_for_the_next_word(every_s):
    """One that shows no picture reports every five seconds; others, every second."""
    line = Line(every_s=every_s)
    assert 0 < waits(line) <= 2 * POLL_S < ANSWER_S
    assert line.asked == 1


@pytest.mark.parametrize("broken_s", [LOOK_S, 1.0, 5.0])
def test_one_that_broke_is_waited_for_until_it_has_said_what_it_missed(broken_s):
    lines = takes_another_way, says_what_it_missed
    waited = waits(Line(10.0 - broken_s), (3.0, lines[0]), (3.5, lines[1]))
    assert waited == pytest.approx(3.5, abs=0.4)


@pytest.mark.parametrize(
    ("step", "least_s"),
    [
        (recovers, 2.0),
        (leaves, 2.0),
        (takes_another_way, 2.0 + COMES_S),
        (says_what_it_missed, 2.0),
    ],
)
def test_it_is_waited_for_no_longer_than_it_is_of_use(step, least_s):
    assert waits(Line(5.0), (2.0, step)) == pytest.approx(least_s, abs=0.4)


def test_one_that_goes_without_a_word_is_not_waited_for_for_ever():
    assert waits(Line(5.0)) == pytest.approx(ANSWER_S + LOST_S, abs=0.4)
    assert scenes[-1].unheard_since == pytest.approx(5.0, abs=1.0)
    waits(Line(5.0), (2.0, leaves))
    assert scenes[-1].unheard_since == pytest.approx(5.0, abs=1.0)


@pytest.mark.parametrize("breaks_at", [float("inf"), 9.0])
def test_frames_that_have_come_are_heard_whatever_becomes_of_the_line(breaks_at):
    """Sound comes ahead of its time, and the page plays it without a line."""
    assert waits(FrameLine(breaks_at)) == 0
    assert scenes[-1].unheard_since is None


@pytest.mark.parametrize("breaks_at", [5.0, 8.0])
def test_frames_that_have_not_come_are_waited_for(breaks_at):
    assert waits(FrameLine(breaks_at), (3.0, recovers)) == pytest.approx(3.0, abs=0.4)
    assert waits(FrameLine(breaks_at), (3.0, says_what_it_missed)) == pytest.approx(3.0, abs=0.4)
    assert scenes[-1].unheard_since is None
    assert waits(FrameLine(breaks_at)) == pytest.approx(ANSWER_S + LOST_S, abs=0.4)
    assert scenes[-1].unheard_since == pytest.approx(breaks_at + 1.5, abs=LOOK_S)


def test_where_acknowledgements_wait_for_the_cell_nobody_waits_for_them():
    assert waits(FrameLine(passes=False)) == 0
    assert scenes[-1].unheard_since is None


def test_what_is_said_to_a_line_that_was_given_up_is_heard_by_nobody_and_not_waited_for():
    async def go():
        clock, line = VirtualClock(), FrameLine(5.0)
        hearing = Hearing(lambda: line, lambda: True, clock)
        ends = []
        for seconds in (10.0, 4.0, 4.0):
            watch = asyncio.ensure_future(hearing.watch())
            began = clock.now()
            await asyncio.sleep(seconds)
            ends.append((await hearing.until_heard() - began, clock.now() - began))
            watch.cancel()
        return ends

    (first, *others) = run_virtual(go())
    assert first[0] == pytest.approx(6.5, abs=LOOK_S)
    assert others == [(0.0, pytest.approx(4.0))] * 2
