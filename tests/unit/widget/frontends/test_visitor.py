import pytest

from ipyavatar.widget.frontends.visitor import LEFT_S, SILENT_S, Timer, Visitor


class World:
    """A clock, and timers that run by it."""

    def __init__(self):
        self.now = 100.0
        self.timers = []
        self.stopped = []
        self.asked, self.answers = 0, False
        self.visitor = Visitor(lambda: self.now, self.make_timer)
        self.visitor.adopt(lambda: self.stopped.append("one"), self.ask)
        self.visitor.adopt(lambda: self.stopped.append("other"), lambda: None)

    def ask(self):
        self.asked += 1
        if self.answers:
            self.visitor.hear()

    def make_timer(self, seconds, call):
        self.timer = Timer(seconds, call)
        self.timer.start = lambda: self.timers.append((self.now + seconds, call))
        return self.timer

    def advance(self, seconds):
        self.now += seconds
        due = [timer for timer in self.timers if timer[0] <= self.now]
        self.timers = [timer for timer in self.timers if timer not in due]
        for _, call in due:
            call()


def test_the_avatars_of_who_is_silent_are_stopped():
    """Once for each time that a page has been there; a single timer runs."""
    world = World()
    for _ in range(2):
        world.stopped.clear()
        for _ in range(60):
            world.visitor.hear()
            world.advance(1)
            assert len(world.timers) == 1
        assert world.stopped == []
        world.advance(SILENT_S)
        world.advance(SILENT_S)
        assert world.stopped == ["one", "other"]
        assert world.timers == []
    assert world.timer.daemon, "it would keep the program from ending"


def test_where_no_page_ever_was_nobody_has_left():
    world = World()
    world.advance(3600)
    assert world.stopped == []


def test_who_hung_up_is_gone_sooner_unless_something_is_said():
    """A page that is loaded anew, or connects anew, says so; then nobody has left."""
    world = World()
    world.visitor.hear()
    world.advance(1)
    world.visitor.hear(leaving=True)
    world.advance(LEFT_S - 1)
    world.visitor.hear()
    world.advance(SILENT_S - 1)
    assert world.stopped == []
    world.visitor.hear(leaving=True)
    world.advance(LEFT_S)
    assert world.stopped == ["one", "other"]
    world.advance(SILENT_S)
    assert world.timers == []
    assert len(world.stopped) == 2


def test_a_page_that_has_nothing_to_say_is_asked_before_it_is_taken_for_gone():
    """With a quiet avatar, in a tab that nobody sees, or where one way of two is given up."""
    world = World()
    world.answers = True
    world.visitor.hear()
    world.advance(1)
    world.visitor.hear(leaving=True)
    for _ in range(300):
        world.advance(1)
    assert world.stopped == []
    assert world.asked == pytest.approx(300 / (SILENT_S / 2), abs=3)
    world.answers = False
    for _ in range(int(SILENT_S) + 1):
        world.advance(1)
    assert world.stopped == ["one", "other"]


def test_who_says_something_all_the_time_is_not_asked():
    world = World()
    for _ in range(60):
        world.visitor.hear()
        world.advance(1)
    assert world.asked == 0
