from ipyavatar.widget.frontends.visitor import SILENT_S, Timer, Visitor


class World:
    """A clock, and timers that run by it."""

    def __init__(self):
        self.now = 100.0
        self.timers = []
        self.stopped = []
        self.visitor = Visitor(lambda: self.now, self.make_timer)
        self.visitor.adopt(lambda: self.stopped.append("one"))
        self.visitor.adopt(lambda: self.stopped.append("other"))

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
