"""The host's end, in process: what was asked for a moment before it is ended, too."""

import asyncio

from ipyavatar.core.clock import MonotonicClock
from ipyavatar.host.host import Host
from ipyavatar.paid.ledger import Ledger
from ipyavatar.protocol import host as m
from ipyavatar.protocol.options import SessionOptions
from ipyavatar.providers.heygen.options import HeyGenOptions
from tests.support.fakes.credentials import credentials_of
from tests.support.twin_process import KEY, twin_process


def test_a_session_that_is_opened_in_the_same_moment_as_the_end_is_ended(tmp_path, monkeypatch):
    """Its lease is made after the host has begun to close; its create call takes a while."""
    monkeypatch.setenv("IPYAVATAR_STATE_DIR", str(tmp_path))
    with twin_process() as twin:
        twin.fault(kind="slow", service="heygen", call="new", seconds=4, times=1)
        at = credentials_of("heygen")
        here = type(at)("heygen", twin.url, type(at.key)(KEY))
        service = HeyGenOptions(credentials=here)

        async def go():
            host = Host(lambda event: None, MonotonicClock())
            host.handle(m.OpenSession("x", SessionOptions("heygen", service=service)))
            assert host.last_resort_s > 60
            await host.close("The kernel has stopped.", wait=False)

        asyncio.run(go())
        assert not twin.open()
        ledger = Ledger(busy_s=5.0)
        assert {row.state for row in ledger.rows()} <= {"closed"}
        ledger.close()
