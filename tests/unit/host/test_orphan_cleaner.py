"""What nobody holds any more is stopped, whatever else is in the ledger."""

import asyncio
import itertools
import logging

import pytest

from ipyavatar.errors import ServiceError
from ipyavatar.host.orphan_cleaner import (
    EVERY_S,
    FIRST_AFTER_S,
    GRACE_S,
    WATCH_S,
    OrphanCleaner,
    report_orphans,
)
from ipyavatar.host.paid_resources import PaidResources
from ipyavatar.paid.ledger import Ledger
from ipyavatar.paid.orphans import FIRST_PAUSE_S, LONGEST_PAUSE_S, STALE_S, is_due
from ipyavatar.paid.process_identity import ProcessIdentity
from ipyavatar.protocol.options import Credentials
from ipyavatar.providers.cloud.client_factory import ClientFactory
from ipyavatar.providers.heygen.spec import SPEC as HEYGEN
from tests.support.virtual_time import VirtualClock, run_virtual

ME = ProcessIdentity("here", 2, "began")
DEAD = ProcessIdentity("here", 1, "began")
DEAD_KERNEL = ProcessIdentity("here", 3, "began")
LIVING = ProcessIdentity("here", 4, "began")
FAR = ProcessIdentity("here", 5, "elsewhere")
GONE = {ME: False, LIVING: False, DEAD: True, DEAD_KERNEL: True, FAR: None}
URL = "https://x"


class World:
    """A cleaner, its ledger, and a service that ends sessions, or raises."""

    def __init__(self, tmp_path, monkeypatch):
        self.now = asyncio.get_running_loop().time
        clock = VirtualClock()
        self.ledger = Ledger(tmp_path / "sessions.db", now=self.now, watch_every_s=None)
        self.paid = PaidResources(clock, self.ledger, ClientFactory(clock, self.now), ME)
        self.paid.add_credentials(Credentials("heygen", URL))
        self.cleaner = OrphanCleaner(self.paid, clock, is_gone=GONE.__getitem__)
        self.stopped = []
        self.raises = None
        monkeypatch.setattr(type(HEYGEN), "stop_session", self._stop)

    async def _stop(self, credentials, session_id, clients):
        if self.raises is not None:
            raise self.raises
        self.stopped.append((session_id, round(self.now())))
        return True

    def open(self, session_id="s", provider="heygen", **more):
        return self.ledger.opened(self.ledger.opening(provider, URL, **more), session_id)


@pytest.fixture
def play(tmp_path, monkeypatch):
    """Runs `scenario(world)`."""

    def run(scenario):
        async def go():
            world = World(tmp_path, monkeypatch)
            try:
                return await scenario(world)
            finally:
                world.ledger.close()

        return run_virtual(go())

    return run


async def run_for(world, seconds):
    reports = []
    running = asyncio.ensure_future(world.cleaner.run(reports.append))
    await asyncio.sleep(seconds)
    running.cancel()
    await asyncio.wait({running})
    return reports


def test_a_session_of_a_service_this_version_does_not_know_stops_nothing(play):
    """A later version may have noted it: it is told like one whose key is missing."""

    async def scenario(world):
        world.open("id-1", "of later", owner=DEAD)
        world.open("id-2", "liveavatar", owner=DEAD)
        await world.cleaner.clean()
        await asyncio.sleep(GRACE_S)
        settled = await world.cleaner.clean()
        assert [outcome for _, outcome in settled] == ["no key", "no key"]
        assert len(world.ledger.open_rows()) == 2
        return report_orphans(settled)

    text = play(scenario)
    assert "of later id-1" in text
    assert "liveavatar id-2" in text


def test_where_no_ledger_can_be_there_is_nothing_to_clean(play, monkeypatch, caplog):
    """Neither is that a failure: the folder may be one that nobody may look into."""
    monkeypatch.setenv("IPYAVATAR_STATE_DIR", "x" * 5000)

    async def scenario(world):
        clock = VirtualClock()
        paid = PaidResources(clock, None, ClientFactory(clock, world.now), ME)
        world.cleaner = OrphanCleaner(paid, clock)
        return await run_for(world, GRACE_S)

    assert play(scenario) == []
    assert caplog.text == ""


def test_only_who_has_been_gone_for_a_while_is_cleaned_up(play):
    """Its kernel may have a new host take it over; so it is looked for twice, 10 s apart."""

    async def scenario(world):
        world.open(owner=DEAD, kernel=DEAD_KERNEL)
        await run_for(world, FIRST_AFTER_S + GRACE_S + 1)
        return world.stopped

    assert play(scenario) == [("s", FIRST_AFTER_S + GRACE_S)]


def test_one_that_is_taken_over_in_time_stays(play):
    async def scenario(world):
        row = world.open(owner=DEAD, kernel=DEAD_KERNEL)
        asyncio.get_running_loop().call_later(
            FIRST_AFTER_S + GRACE_S - 1, world.ledger.take_over, row, LIVING
        )
        await run_for(world, 500)
        return world.stopped

    assert play(scenario) == []


def test_what_a_living_kernel_has_is_left_to_it_until_nobody_has_seen_it_for_long(play):
    """Its host has died; another host of that kernel takes it over. A frozen kernel never does."""

    async def scenario(world):
        world.open(owner=DEAD, kernel=LIVING)
        await run_for(world, 2 * STALE_S)
        return world.stopped

    ((_, at),) = play(scenario)
    assert STALE_S < at <= STALE_S + EVERY_S + GRACE_S


def test_what_another_host_of_our_own_kernel_has_left_is_ours(play):
    """It died while it opened a session: nobody else would look for that."""

    async def scenario(world):
        world.open(owner=DEAD, kernel=ME)
        await run_for(world, 60)
        return world.stopped

    assert play(scenario) == [("s", FIRST_AFTER_S + GRACE_S)]


@pytest.mark.parametrize("alive_for", [0, 3000])
def test_one_of_another_place_is_cleaned_up_when_nobody_has_seen_it_for_long(play, alive_for):
    """Nothing is known of its process; while it is seen alive, it is left alone."""

    async def scenario(world):
        row = world.open(owner=FAR)
        running = asyncio.ensure_future(world.cleaner.run(lambda report: None))
        while world.now() < alive_for:
            await asyncio.sleep(60)
            world.ledger.alive(row)
        await asyncio.sleep(STALE_S + EVERY_S + 1)
        running.cancel()
        await asyncio.wait({running})
        return world.stopped

    ((_, at),) = play(scenario)
    assert alive_for + STALE_S < at <= alive_for + STALE_S + EVERY_S + 1


def test_after_a_sleep_one_of_another_place_has_time_to_show_that_it_lives(play):
    """An hour by everybody's clock, in which nobody could: then it is seen alive, and left alone.

    Another one is not, and is stopped after as long a look.
    """

    async def scenario(world):
        row, dead = world.open(owner=FAR), world.open("dead", owner=FAR)
        running = asyncio.ensure_future(world.cleaner.run(lambda report: None))
        await asyncio.sleep(200)
        asleep = [3600.0]
        awake = world.ledger._now
        world.ledger._now = lambda: awake() + asleep[0]  # the wall clock has gone on
        world.cleaner._clock = SleptClock(asleep[0])  # as ours has
        for _ in range(20):
            await asyncio.sleep(30)
            world.ledger.alive(row)
        running.cancel()
        await asyncio.wait({running})
        assert dead.session_id == "dead"
        return world.stopped

    ((name, at),) = play(scenario)
    assert name == "dead"
    assert 200 + WATCH_S <= at <= 200 + WATCH_S + 2 * EVERY_S


class SleptClock(VirtualClock):
    """One that has gone on while the machine slept."""

    def __init__(self, slept_s):
        self._slept_s = slept_s

    def now(self):
        return super().now() + self._slept_s

    async def sleep_until(self, deadline):
        await asyncio.sleep(max(0.0, deadline - self.now()))


@pytest.mark.parametrize("error", [ServiceError("no", service="heygen", call="stop"), KeyError(1)])
def test_one_that_cannot_be_stopped_is_tried_again_after_growing_pauses(play, error, caplog):
    """Whatever it raises; and the number of tries is in the ledger."""

    async def scenario(world):
        row = world.open(owner=DEAD)
        other = world.open("other", owner=DEAD, kernel=DEAD_KERNEL)
        world.raises = error
        tries = []
        running = asyncio.ensure_future(world.cleaner.run(lambda report: None))
        while world.now() < 24 * 3600:
            await asyncio.sleep(10)
            (mine,) = (r for r in world.ledger.open_rows() if r.id == row.id)
            if not tries or mine.tries > tries[-1][0]:
                tries.append((mine.tries, world.now()))
        world.raises = None
        await asyncio.sleep(2 * LONGEST_PAUSE_S)
        running.cancel()
        await asyncio.wait({running})
        assert not world.ledger.open_rows()
        assert {name for name, _ in world.stopped} == {"s", "other"}
        assert type(error).__name__ in mine.note
        assert other.id != row.id
        return tries

    with caplog.at_level(logging.CRITICAL):
        tries = play(scenario)
    pauses = [after - before for (_, before), (_, after) in itertools.pairwise(tries[1:])]
    assert pauses == sorted(pauses)
    assert pauses[0] <= 2 * FIRST_PAUSE_S
    assert pauses[-1] >= LONGEST_PAUSE_S
    assert len(tries) < 40


def test_a_clock_that_goes_back_does_not_put_a_try_off_for_ever(play):
    async def scenario(world):
        row = world.ledger.unstopped(world.open(), "in vain")
        assert not is_due(row, row.tried_at + 1)
        assert is_due(row, row.tried_at - 1)

    play(scenario)


def test_a_round_that_fails_is_not_the_last_one(play, monkeypatch, caplog):
    """Logged; and a minute later there is another."""
    rounds = []

    async def clean():
        rounds.append(asyncio.get_running_loop().time())
        if len(rounds) == 1:
            raise RuntimeError("nobody foresaw this")
        return []

    async def scenario(world):
        monkeypatch.setattr(world.cleaner, "clean", clean)
        return await run_for(world, FIRST_AFTER_S + EVERY_S + 1)

    with caplog.at_level(logging.CRITICAL):
        assert play(scenario) == [""]
    assert rounds == [FIRST_AFTER_S, FIRST_AFTER_S + EVERY_S]
