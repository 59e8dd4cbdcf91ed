"""Who is connected, and who has had its time."""

import pytest

from ipyavatar.twin.connection_watch import DEADLINES_S, ConnectionWatch, Wait


class Connection:
    def __init__(self, owes=None) -> None:
        self.owes = owes
        self.given_up = []
        self.aborted = False

    def wait(self):
        return self.owes

    def give_up(self, step) -> None:
        self.given_up.append(step)

    def abort(self) -> None:
        self.aborted = True


class Time:
    at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.mark.parametrize("step", DEADLINES_S)
def test_each_step_has_its_deadline(step):
    """A client is given up when its time for a step is over, and not before."""
    now, late = Time(), Connection(Wait(step))
    watch = ConnectionWatch(now)
    watch.add(late)
    now.at = DEADLINES_S[step] - 0.1
    watch.sweep()
    assert late.given_up == []
    now.at = DEADLINES_S[step]
    watch.sweep()
    assert late.given_up == [step]


def test_another_request_has_its_own_time_and_what_is_ours_has_none():
    """The time counts for each request; while the twin works for a client it does not run."""
    now, client = Time(), Connection(Wait("request", 1))
    watch = ConnectionWatch(now)
    watch.add(client)
    for at, owes in (
        (9, None),
        (1000, Wait("request", 2)),
        (1009, Wait("request", 3)),
        (1018, None),
    ):
        now.at, client.owes = at, owes
        watch.sweep()
    assert client.given_up == []


def test_the_one_that_waits_longest_makes_way_and_who_is_served_never():
    """Where there are too many, a newcomer takes the place of who has owed something longest."""
    now = Time()
    watch = ConnectionWatch(now, limit=3)
    served, old, older = Connection(), Connection(Wait("request")), Connection(Wait("body"))
    for at, connection in ((0, served), (2, older), (3, old)):
        now.at = at
        watch.add(connection)
    now.at = 4
    watch.add(Connection())
    assert [c.aborted for c in (served, old, older)] == [False, False, True]
    watch.add(Connection())
    assert [c.aborted for c in (served, old)] == [False, True]
    watch.add(Connection())
    assert not served.aborted


def test_the_end_aborts_who_owes_something():
    """What is under way is left to the server, which lets it end."""
    watch = ConnectionWatch(Time())
    served, half = Connection(), Connection(Wait("request"))
    for connection in (served, half):
        watch.add(connection)
    watch.close()
    assert (served.aborted, half.aborted, len(watch)) == (False, True, 1)
