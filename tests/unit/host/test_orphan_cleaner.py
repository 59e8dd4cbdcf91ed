"""What nobody holds any more is stopped, whatever else is in the ledger."""

import asyncio
import logging

from ipyavatar.host.orphan_cleaner import EVERY_S, FIRST_AFTER_S, OrphanCleaner, report_orphans
from ipyavatar.host.paid_resources import PaidResources
from ipyavatar.paid.ledger import Ledger
from ipyavatar.paid.process_identity import ProcessIdentity
from ipyavatar.providers.cloud.client_factory import ClientFactory
from tests.support.virtual_time import VirtualClock, run_virtual

DEAD = ProcessIdentity("here", 1, "began")


def play(tmp_path, scenario):
    """Run `scenario(cleaner, ledger)`; every process but ours is gone."""

    async def go():
        clock = VirtualClock()
        now = asyncio.get_running_loop().time
        ledger = Ledger(tmp_path / "sessions.db", now=now)
        me = ProcessIdentity("here", 2, "began")
        paid = PaidResources(clock, ledger, ClientFactory(clock, now), me)
        cleaner = OrphanCleaner(paid, clock, is_gone=lambda owner: owner != me)
        try:
            return await scenario(cleaner, ledger)
        finally:
            ledger.close()

    return run_virtual(go())


def test_a_session_of_a_service_this_version_does_not_know_stops_nothing(tmp_path):
    """A later version may have noted it: it is told like one whose key is missing."""

    async def scenario(cleaner, ledger):
        ledger.opened(ledger.opening("of later", "https://x", owner=DEAD), "id-1")
        ledger.opened(ledger.opening("heygen", "https://x", owner=DEAD), "id-2")
        settled = await cleaner.clean()
        assert [outcome for _, outcome in settled] == ["no key", "no key"]
        assert len(ledger.open_rows()) == 2
        return report_orphans(settled)

    text = play(tmp_path, scenario)
    assert "of later id-1" in text
    assert "heygen id-2" in text


def test_a_round_that_fails_is_not_the_last_one(tmp_path, monkeypatch, caplog):
    """Logged; and a minute later there is another."""
    rounds = []

    async def clean():
        rounds.append(asyncio.get_running_loop().time())
        if len(rounds) == 1:
            raise RuntimeError("nobody foresaw this")
        return []

    async def scenario(cleaner, ledger):
        monkeypatch.setattr(cleaner, "clean", clean)
        reports = []
        running = asyncio.ensure_future(cleaner.run(reports.append))
        await asyncio.sleep(FIRST_AFTER_S + EVERY_S + 1)
        running.cancel()
        return reports

    with caplog.at_level(logging.CRITICAL):
        assert play(tmp_path, scenario) == [""]
    assert rounds == [FIRST_AFTER_S, FIRST_AFTER_S + EVERY_S]
