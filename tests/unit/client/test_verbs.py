"""Verbs that are called in the middle of another one, as finalizers may."""

import traceback

import pytest

from ipyavatar.client.phases import Phase
from ipyavatar.client.session import AvatarSession
from ipyavatar.core.uninterrupted import run_uninterrupted
from ipyavatar.errors import AvatarError, HostError, InvalidArgument, SessionClosed
from ipyavatar.protocol import host as m
from tests.support.memory_sessions import bring_to, make_session

SOON_S = 20.0

PASS_ON = (
    *("core/uninterrupted.py", "core/secret.py", "client/verbs.py"),
    *("client/options.py", "providers/options.py"),
    *("providers/embedded_spec.py", "providers/cloud/spec.py"),
)
"""Where a call goes through on its way to what raises."""


REFUSED = {
    "speak": lambda session: session.speak("Hello."),
    "start": lambda session: session.start(),
    "express": lambda session: session.express("nod"),
    "listen": lambda session: session.listen(lambda samples: ""),
    "frames": lambda session: session.frames(),
    "made with a slip": lambda session: type(session)(charcter="leo"),
    "made with another's name": lambda session: type(session)(voice="leo"),
    "made without a face": lambda session: type(session)("kaltura"),
    "made with a key that is none": lambda session: type(session)("heygen", api_key="a b"),
}
"""Calls that a closed session refuses, or any."""


@pytest.mark.parametrize("call", REFUSED)
def test_a_notebook_shows_no_frame_of_what_only_passes_the_call_on(call):
    """Where IPython leaves out what hides itself, but for the line that raises."""
    session, _ = make_session()
    session.close()
    with pytest.raises(AvatarError) as caught:
        REFUSED[call](session)
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    passing = [frame for frame in frames[:-1] if frame.f_code.co_filename.endswith(PASS_ON)]
    assert passing, "it passes there"
    shown = [one.f_code.co_name for one in passing if not one.f_locals.get("__tracebackhide__")]
    assert shown == []


class Finalizer:
    """Calls a verb when it is thrown away; the garbage collector does that anywhere."""

    def __init__(self, call, results):
        self.call, self.results = call, results

    def __del__(self):
        try:
            self.results.append(self.call())
        except Exception as error:
            self.results.append(error)


def in_the_middle(host, call, kind):
    """Have `call` made by a finalizer while a command of that kind is being sent."""
    results = []
    waiting = [Finalizer(call, results)]

    def throw_away(command):
        if isinstance(command, kind):
            waiting.clear()

    host.on_send = throw_away
    return results


def done(host):
    """All that was noted is carried out, and answered."""
    for _ in range(3):
        run_uninterrupted(lambda: None)
        host.settle()


VERBS = ["start", "stop", "close", "keep_alive"]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("paid", [False, True])
def test_a_verb_in_the_middle_of_opening_comes_after_it(verb, paid):
    """It met a session that was said to be opening, and that no host knew of: a stop was lost."""
    session, host = make_session(paid=paid)
    results = in_the_middle(host, getattr(session, verb), m.OpenSession)
    started = session.start()
    (handle,) = results
    done(host)
    assert handle.done
    assert started.done
    states = {"stop": Phase.STOPPED, "close": Phase.CLOSED}
    assert session.phase is states.get(verb, Phase.LIVE)
    in_host = [one.status for one in host.sessions.values()]
    assert ("live" in in_host) == (session.phase is Phase.LIVE)
    host.on_send = lambda command: None
    session.close()
    done(host)


def test_what_is_said_in_the_middle_of_a_speech_comes_behind_it():
    session, host = make_session()
    bring_to(session, host, Phase.LIVE)
    results = in_the_middle(host, lambda: session.speak("Goodbye."), m.Speak)
    first = session.speak("Hello.")
    (second,) = results
    assert second.state == "queued"
    done(host)
    assert (first.state, second.state) == ("said", "said")
    assert [entry["text"] for entry in session.transcript] == ["Hello.", "Goodbye."]
    session.close()
    done(host)


def test_what_cannot_be_done_then_is_answered_by_the_handle():
    """Nobody is there any more who could catch it."""
    session, host = make_session()
    bring_to(session, host, Phase.LIVE)
    calls = [lambda: session.speak("Goodbye."), session.start, session.keep_alive]
    results = in_the_middle(host, lambda: [call() for call in calls], m.StopSession)
    closed = session.close()
    done(host)
    assert closed.done
    ((speech, *handles),) = results
    assert speech.state == "failed"
    assert "closed" in speech.reason
    assert [type(handle.error) for handle in handles] == [SessionClosed, SessionClosed]


def test_verbs_without_a_handle_come_after_it_as_well():
    """An interrupt drops what was asked for before it."""
    session, host = make_session()
    bring_to(session, host, Phase.LIVE)

    def call():
        session.interrupt()
        session.change_quality("low")

    results = in_the_middle(host, call, m.Speak)
    speech = session.speak("Hello.")
    assert results == [None]
    done(host)
    assert speech.state == "interrupted"
    assert session.options.quality == "low"
    with pytest.raises(InvalidArgument):
        session.interrupt(3)
    session.close()
    done(host)


def test_nothing_can_be_made_there():
    """It would need what is in the middle of a change."""
    session, host = make_session()
    results = in_the_middle(host, AvatarSession, m.OpenSession)
    session.start()
    (error,) = results
    assert isinstance(error, HostError)
    assert error.fix
    session.close()
    done(host)
