"""What a session in the kernel believes of what its hosts report."""

from ipyavatar.client.phases import Phase
from ipyavatar.client.session import AvatarSession
from ipyavatar.client.session_setup import SessionSetup
from ipyavatar.protocol import host as m
from ipyavatar.protocol import page as p
from tests.support.fakes.host_link import FakeHostLink

NOW = 100.0
"""The time, of which nothing passes."""


def report(session, status, microsecond):
    """As a host reports: each a little later than the one before, from now on."""
    at = NOW + microsecond * 1e-6
    session.on_event(m.Announced(session.id, p.Status(status, "", at)))


def test_another_host_counts_its_reports_anew():
    """What it reports is no old news, however soon after the host before it comes."""
    link = FakeHostLink()
    session = AvatarSession(host=link, _setup=SessionSetup(clock=lambda: NOW))
    session.start()
    for microsecond, status in enumerate(("live", "reconnecting", "live", "reconnecting"), 1):
        report(session, status, microsecond)
    link.die()
    link.come_back()
    started = session.start()
    report(session, "live", 1)
    assert session.phase is Phase.LIVE
    assert started.done
    report(session, "ended", 1)
    assert session.phase is Phase.LIVE, "of one host, in turn"
