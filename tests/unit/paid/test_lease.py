"""What a lease makes of a service's word that its session is over."""

import asyncio

import pytest

from ipyavatar.errors import AuthenticationError, ServiceUnavailable, SessionGone
from ipyavatar.paid.keepalive import LeaseTerms, SessionLimits, keep_alive_rule
from ipyavatar.paid.lease import Lease
from ipyavatar.paid.ledger import Ledger
from ipyavatar.paid.process_identity import ProcessIdentity
from ipyavatar.protocol.grants import SessionGrant
from ipyavatar.providers.liveavatar.profile import PROFILE
from tests.support.virtual_time import run_virtual

OWNER = ProcessIdentity("here", 1, "a")


class Clock:
    def __init__(self):
        self.now = asyncio.get_running_loop().time

    async def sleep_until(self, deadline):
        await asyncio.sleep(deadline - self.now())


class Service:
    """Answers keep-alives as it is told, then well."""

    profile = PROFILE

    def __init__(self, answers):
        self.answers = [*answers]
        self.asked = []

    async def create(self, on_id):
        on_id("session")

    def adopt(self, grant):
        pass

    def grant(self):
        return SessionGrant(PROFILE.name, "session")

    async def keep_alive(self, timeout_s):
        self.asked.append(asyncio.get_running_loop().time())
        kind = self.answers.pop(0) if self.answers else None
        if kind is not None:
            raise kind("No.", service=PROFILE.name, call="keep_alive", status=404)

    async def stop(self):
        return True

    async def close(self):
        pass


class Listener:
    def __init__(self):
        self.ends = []

    def on_over(self, text, error=None, *, resumes=False, unasked=None):
        self.ends.append(unasked)

    on_recovered = on_trouble = on_notice = on_usage = on_grant = lambda self, *args: None


def live(answers, tmp_path, *, taken_over=False):
    """Three keep-alives' time: how often it was asked, how it ended, whether it is open."""

    async def go():
        clock = Clock()
        ledger = Ledger(tmp_path / "sessions.db", now=clock.now)
        rule = keep_alive_rule(PROFILE.idle_timeout_s, PROFILE.keep_alive_every_s)
        terms = LeaseTerms("https://x", rule, SessionLimits(1e6, 1e6))

        def lease_of(service, listener):
            return Lease(
                service, terms, ledger, OWNER, clock, listener=listener, random=lambda: 0.5
            )

        service, listener = Service(answers), Listener()
        lease = lease_of(service, listener)
        grant, before = None, lease_of(Service(()), Listener())
        if taken_over:
            await before.open()
            grant = SessionGrant(PROFILE.name, "session", row=before.row.id)
        await lease.open(grant)
        same = taken_over and lease.row.id == grant.row
        await asyncio.sleep(3.5 * rule.every_s)
        is_open = lease.row.is_open
        for one in (lease, before):
            await one.close("the test is over")
        ledger.close()
        return len(service.asked), listener.ends, is_open, same

    return run_virtual(go())


@pytest.mark.parametrize("error", [SessionGone, AuthenticationError])
@pytest.mark.parametrize("before", [(), (None,)])
def test_an_end_that_is_told_once_is_none(error, before, tmp_path):
    """Nor is a key that one machine of the service does not know."""
    answers = (*before, error)
    asked, ends, is_open, _ = live(answers, tmp_path)
    assert (ends, is_open) == ([], True)
    assert asked >= 4


def test_an_end_that_is_told_twice_is_one(tmp_path):
    """It is asked no more; whoever is told so closes it, and its row is open until then."""
    asked, ends, is_open, _ = live((None, SessionGone, SessionGone), tmp_path)
    assert [type(end) for end in ends] == [SessionGone]
    assert (asked, is_open) == (3, True)


def test_an_end_and_then_trouble_is_trouble(tmp_path):
    _, ends, is_open, _ = live((SessionGone, ServiceUnavailable), tmp_path)
    assert (ends, is_open) == ([], True)


@pytest.mark.parametrize(("answers", "same"), [((SessionGone,), True), ((SessionGone,) * 2, False)])
def test_a_session_is_taken_over_unless_it_is_told_twice_to_be_over(answers, same, tmp_path):
    assert live(answers, tmp_path, taken_over=True)[3] is same
