"""How a session rests where nobody is there, on a host in memory."""

import pytest

from ipyavatar.client.phases import Phase
from ipyavatar.errors import SessionClosed
from tests.support.memory_sessions import bring_to, make_session


@pytest.mark.parametrize("phase", [Phase.OPENING, Phase.LIVE, Phase.RECONNECTING])
def test_one_that_rests_goes_on_when_it_is_told_to_speak(phase):
    session, host = make_session()
    bring_to(session, host, phase)
    before = session.speak("Is anybody there?")
    session.rest()
    host.settle()
    assert session.phase is Phase.ENDED
    assert before.state == "interrupted"
    session.speak("Hello again!")
    host.settle()
    assert session.phase is Phase.LIVE


def test_one_that_is_paid_for_is_stopped():
    """What nobody watches is not opened again by itself."""
    session, host = make_session(paid=True)
    bring_to(session, host, Phase.LIVE)
    session.rest()
    host.settle()
    assert session.phase is Phase.STOPPED
    with pytest.raises(SessionClosed):
        session.speak("Hello again!")


@pytest.mark.parametrize(
    ("phase", "after"),
    [(Phase.LOST, Phase.STOPPED), (Phase.STOPPING, Phase.STOPPED), (Phase.CLOSED, Phase.CLOSED)],
)
def test_where_it_cannot_rest_it_ends(phase, after):
    session, host = make_session()
    bring_to(session, host, phase)
    session.rest()
    host.settle()
    assert session.phase is after
