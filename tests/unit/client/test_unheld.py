"""A session that nobody holds any more is ended."""

import gc
import threading
import weakref

import pytest

from ipyavatar.client.phases import Phase
from ipyavatar.client.session import AvatarSession
from ipyavatar.client.session_setup import SessionSetup
from ipyavatar.core import log
from ipyavatar.core.serving import is_serving, serving
from ipyavatar.core.uninterrupted import run_uninterrupted
from tests.support.fakes.memory_host import MemoryHost, Ticks
from tests.support.memory_sessions import PAID, bring_to


class WeakHost(MemoryHost):
    """Holds its listeners as `HostClient` does."""

    def __init__(self, paid):
        super().__init__(Ticks(), paid)
        self.listeners = weakref.WeakValueDictionary()


@pytest.fixture
def warned(monkeypatch):
    gc.collect()  # what earlier tests left
    run_uninterrupted(lambda: None)
    warnings = []
    monkeypatch.setattr(
        "ipyavatar.client.unheld.warn", lambda what, kind: warnings.append((what, kind))
    )
    return warnings


def make(paid=False):
    host = WeakHost(paid)
    setup = SessionSetup(clock=host.clock)
    return AvatarSession(host=host, _setup=setup, **(PAID if paid else {})), host


def settle(host):
    """The end that was noted is asked for, and carried out."""
    gc.collect()
    run_uninterrupted(lambda: None)
    host.settle()


@pytest.mark.parametrize("paid", [False, True])
@pytest.mark.parametrize("phase", [Phase.OPENING, Phase.LIVE, Phase.RECONNECTING, Phase.RESTARTING])
def test_what_is_open_and_thrown_away_is_ended_and_warned_of(phase, paid, warned):
    """Nobody could stop it any more."""
    session, host = make(paid)
    bring_to(session, host, phase)
    with serving():  # wherever it is thrown away
        del session
    settle(host)
    assert not host.sessions
    ((text, kind),) = warned
    assert "Keep it in a variable" in text
    assert kind is ResourceWarning


@pytest.mark.parametrize(
    "phase", [Phase.NEW, Phase.STOPPING, Phase.STOPPED, Phase.ENDED, Phase.CLOSING, Phase.CLOSED]
)
def test_what_is_over_or_being_ended_is_nothing_to_warn_of(phase, warned):
    """And it does end."""
    session, host = make()
    bring_to(session, host, phase)
    gone = weakref.ref(session)
    del session
    settle(host)
    settle(host)
    assert gone() is None
    assert warned == []
    assert {one.status for one in host.sessions.values()} <= {"ended"}


def test_it_goes_at_once_without_the_garbage_collector(warned):
    """Nothing in it holds itself."""
    session, host = make()
    bring_to(session, host, Phase.LIVE)
    session.speak("Hello.")
    host.settle()
    gc.disable()
    try:
        del session
        run_uninterrupted(lambda: None)
        host.settle()
    finally:
        gc.enable()
    assert not host.sessions
    assert len(warned) == 1


def test_what_it_was_told_to_say_is_said_first(warned):
    """Nobody need hold the session, nor the speech."""
    session, host = make()
    said = threading.Semaphore(0)
    session.observe(lambda report: getattr(report, "state", "") == "said" and said.release())
    session.speak("One.")
    session.speak("Two.")
    del session
    gc.collect()
    assert not warned
    settle(host)
    settle(host)
    # Observers are called on a thread of their own.
    assert said.acquire(timeout=20)
    assert said.acquire(timeout=20)
    assert not host.sessions
    assert len(warned) == 1


@pytest.mark.parametrize("verb", ["start", "stop", "close", "keep_alive"])
def test_who_waits_for_a_handle_holds_its_session(verb, warned):
    """Else it would never be answered."""
    session, host = make()
    if verb != "start":
        bring_to(session, host, Phase.LIVE)
    handle = getattr(session, verb)()
    del session
    gc.collect()
    host.settle()
    assert handle.done
    assert handle.error is None
    settle(host)
    assert not [one for one in host.sessions.values() if one.status != "ended"]


def test_the_warning_is_pythons_own(monkeypatch):
    """Whoever shows warnings, or turns them into errors, has it where it holds up nobody."""
    session, host = make()
    bring_to(session, host, Phase.LIVE)
    seen = []
    monkeypatch.setattr(
        "warnings.warn_explicit", lambda what, kind, *_where: seen.append((kind, is_serving()))
    )
    del session
    settle(host)
    assert log.flush(20)
    assert set(seen) == {(ResourceWarning, False)}  # earlier tests may have left some, too
