"""What a session in the kernel believes of what its hosts report."""

import pytest

from ipyavatar.client import phases
from ipyavatar.client.phases import Phase
from ipyavatar.client.session import AvatarSession
from ipyavatar.client.session_setup import SessionSetup
from ipyavatar.errors import SessionClosed
from ipyavatar.protocol import host as m
from ipyavatar.protocol import page as p
from tests.support.fakes.host_link import FakeHostLink
from tests.support.fakes.memory_host import MemoryHost, Ticks
from tests.support.memory_sessions import bring_to, make_session

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


OPENS = {
    "speak": lambda session, _: session.speak("Hello."),
    "nothing to say": lambda session, _: session.speak(""),
    "express": lambda session, _: session.express("nod"),
    "listen": lambda session, _: session.listen(lambda samples: "Hello."),
    "frames": lambda session, _: session.frames(),
    "audio": lambda session, _: session.audio(),
    "snapshot": lambda session, _: session.snapshot(),
    "record": lambda session, folder: session.record(folder / "it.wav"),
}
"""Verbs that open a session by themselves."""


@pytest.mark.parametrize("phase", [Phase.STOPPING, Phase.STOPPED], ids=lambda one: one.value)
@pytest.mark.parametrize("verb", OPENS)
def test_what_was_stopped_is_opened_by_start_alone(verb, phase, tmp_path):
    """A verb that opens it elsewhere is refused, and says what does."""
    session, host = make_session()
    bring_to(session, host, phase)
    with pytest.raises(SessionClosed, match=r"was stopped\. Call start\(\)"):
        OPENS[verb](session, tmp_path)
    assert session.phase is phase


class Blind(AvatarSession):
    """A class of the user's, of which nothing can be read."""


def _blind(name):
    def read(self):
        raise RuntimeError(f"{name} is of the user's")

    return property(read)


KEPT = ("id", "phase", "callbacks")
"""The test looks at these itself."""

for _name in dir(AvatarSession):
    if isinstance(getattr(AvatarSession, _name), property) and _name not in KEPT:
        setattr(Blind, _name, _blind(_name))


@pytest.mark.parametrize("phase", list(Phase), ids=lambda one: one.value)
def test_what_a_class_of_the_user_makes_of_our_properties_is_not_asked_for_inside(phase):
    """Its life goes on, and what waits is answered: under our lock no code of the user's runs."""
    for name in ("status", "error", "transcript", "provider"):
        assert isinstance(Blind.__dict__[name], property)
    host = MemoryHost(Ticks(), False)
    session = Blind(host=host, _setup=SessionSetup(clock=host.clock))
    bring_to(session, host, phase)
    if phase not in phases.GONE:
        session.say_for_page(p.Say("Hello.", False, "a", 1.0))
    stopped = session.stop()
    host.settle()
    if not host.alive:
        host.come_back()
        host.settle()
    assert stopped.done
    closed = session.close()
    host.settle()
    assert closed.done
    assert session.phase is Phase.CLOSED
