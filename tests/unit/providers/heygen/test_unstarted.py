"""After a lost answer to HeyGen's `new`: which sessions are stopped, which are left."""

import asyncio

from ipyavatar.errors import ServiceUnavailable
from ipyavatar.providers.cloud.models import ListedSession
from ipyavatar.providers.heygen.unstarted import SETTLE_S, stop_unstarted


def listed(session_id, status="new", created_at=1000.0):
    return ListedSession("heygen", session_id, status, created_at)


def look(lists, known=(), stop_fails=(), **more):
    stopped, waits = [], []

    async def list_open():
        return lists.pop(0)

    async def stop(session_id):
        if session_id in stop_fails:
            raise ServiceUnavailable(".", service="heygen", call="stop")
        stopped.append(session_id)

    async def sleep(seconds):
        waits.append(seconds)

    result = asyncio.run(
        stop_unstarted(
            list_open, stop, known=known, asked_at=1000.0, now=lambda: 1010.0, sleep=sleep, **more
        )
    )
    assert stopped == list(result[0])
    return result, waits


def test_the_lost_session_is_found_and_stopped():
    assert look([[listed("mine")], [listed("mine")]]) == ((("mine",), ()), [SETTLE_S])


def test_sessions_of_others_are_left_alone():
    """Not stopped; but unstarted ones nobody knows are told: if a clock is wrong they are ours."""
    others = [
        listed("known"),
        listed("older", created_at=900.0),
        listed("running", status="connected"),
        listed("undated", created_at=None),
    ]
    assert look([others], known={"known"}) == (((), ("older", "undated")), [])
    fresh = [listed("theirs")]
    assert look([fresh, [listed("theirs", status="connecting")]]) == (((), ()), [SETTLE_S])
    assert look([fresh, [*fresh, listed("later")]])[0] == (("theirs",), ("later",))


def test_what_could_not_be_stopped_is_told():
    both = [listed("a"), listed("b")]
    assert look([both, both], stop_fails={"b"})[0] == (("a",), ("b",))


def test_a_service_whose_clock_is_hours_off_is_read_by_its_own():
    """What it says of its own time, with each answer, is asked for when it has listed."""
    ahead = []

    def skewed():
        ahead.append(7200.0)
        return listed("mine", created_at=8200.0)

    class Lists:
        def pop(self, _):
            return [skewed()]

    assert look(Lists(), ahead_s=lambda: ahead[-1])[0] == (("mine",), ())
