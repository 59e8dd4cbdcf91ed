"""What a session counts: seconds and credits of what is paid for, up to the moment of asking."""

import queue

import pytest

from ipyavatar.client.session import AvatarSession
from ipyavatar.client.session_setup import SessionSetup
from ipyavatar.protocol import host as m
from ipyavatar.protocol import page as p
from tests.support.fakes.memory_host import MemoryHost, Ticks


@pytest.fixture
def clock():
    return Ticks()


@pytest.fixture
def host(clock):
    return MemoryHost(clock, paid=True)


@pytest.fixture
def session(host):
    session = AvatarSession(host=host, _setup=SessionSetup(clock=host.clock))
    session.start()
    host.settle()
    return session


def count(host, session, *usage):
    host.events.append(m.UsageCounted(session.id, *usage))
    host.settle()


def test_usage_goes_on_between_two_counts(session, host, clock):
    """From the beginning on: the first count comes with the session, others as it is kept alive."""
    assert session.usage == {}
    count(host, session, 0.0, 0.0, 2.0)
    clock.now += 12.0
    assert session.usage == {"seconds": 12.0, "credits": pytest.approx(0.4, abs=0.001)}
    count(host, session, 60.0, 2.0, 2.0)
    assert session.usage == {"seconds": 60.0, "credits": pytest.approx(2.0, abs=0.001)}


def test_without_a_price_there_are_no_credits(session, host, clock):
    count(host, session, 0.0)
    clock.now += 3.0
    assert session.usage == {"seconds": 3.0, "credits": None}


def test_usage_stands_when_the_session_is_over(session, host, clock):
    """What was counted last, at its end, is what it took."""
    count(host, session, 0.0, 0.0, 2.0)
    session.stop()
    count(host, session, 7.5, 0.25, 2.0)
    clock.now += 100.0
    assert session.usage == {"seconds": 7.5, "credits": 0.25}


def test_an_observer_hears_what_was_counted(session, host):
    heard = queue.SimpleQueue()
    session.observe(lambda report: isinstance(report, m.UsageCounted) and heard.put(report))
    count(host, session, 61.5, 2.05, 2.0)
    report = heard.get(timeout=10)
    assert (report.seconds, report.credits) == (61.5, 2.05)


def test_what_was_measured_of_one_way_ends_with_it(session):
    """Else a stream by messages has the addresses of the WebRTC before it; the rest stays."""
    page = p.Stats("p", 854, 480, 25.0, 300.0, 0, 0, 0)
    session._facts.count({"pictures": 12})
    one = {"transport": "webrtc", "fps": 25.0, "local_candidate": "relay", "relay_protocol": "tcp"}
    session.take_page_stats(page, {**one, "first_frame_ms": 80.0})
    session.take_page_stats(page, {"transport": "webrtc", "fps": 24.0})
    stats = session.stats
    assert (stats["relay_protocol"], stats["fps"]) == ("tcp", 24.0)
    session.take_page_stats(page, {"transport": "messages", "fps": 20.0})
    stats = session.stats
    assert not {"local_candidate", "relay_protocol"} & stats.keys()
    assert (stats["pictures"], stats["first_frame_ms"], stats["fps"]) == (12, 80.0, 20.0)
