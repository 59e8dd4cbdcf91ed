"""The life of an avatar in the kernel: one test, or more, for each fault that was ever seen."""

import time

import pytest

from ipyavatar import Avatar
from ipyavatar.client.phases import Phase
from ipyavatar.errors import (
    SessionClosed,
)
from ipyavatar.protocol import host as m
from ipyavatar.protocol import page as p
from ipyavatar.protocol import page_codec
from tests.support.fakes.recording_avatar import RecordingAvatar
from tests.support.memory_sessions import bring_to, make_session
from tests.support.processes import until

SOON_S = 30.0
pytestmark = pytest.mark.usefixtures("hosts_closed", "rescued")


# ---- what a new host opens ----------------------------------------------------------------------


@pytest.mark.parametrize("paid", [False, True])
@pytest.mark.parametrize(
    ("phase", "opened_again"),
    [
        (Phase.NEW, False),
        (Phase.OPENING, True),
        (Phase.LIVE, True),
        (Phase.RECONNECTING, True),
        (Phase.RESTARTING, True),
        (Phase.STOPPED, False),
        (Phase.ENDED, False),
        (Phase.FAILED, False),
        (Phase.CLOSED, False),
    ],
    ids=lambda value: getattr(value, "value", value),
)
def test_a_new_host_opens_only_what_was_open(phase, opened_again, paid):
    """What had ended by itself is not opened anew, and not paid for."""
    session, host = make_session(paid=paid)
    bring_to(session, host, phase)
    before = len(host.opened)
    host.die()
    host.come_back()
    host.settle()
    assert (len(host.opened) > before) is opened_again
    if opened_again:
        assert session.phase is Phase.LIVE
    elif phase is not Phase.CLOSED:
        assert session.phase is phase
        assert not host.sessions


def test_an_open_paid_session_is_taken_over_and_not_opened_anew():
    """The new host gets what it takes to go on with it."""
    session, host = make_session(paid=True)
    bring_to(session, host, Phase.LIVE)
    host.die()
    host.come_back()
    first, second = host.opened
    assert first.grant is None
    assert second.grant is not None


@pytest.mark.parametrize("phase", [Phase.STOPPING, Phase.CLOSING], ids=lambda phase: phase.value)
def test_a_paid_session_that_was_being_stopped_is_taken_over_only_to_be_stopped(phase):
    """Its end was not confirmed when the host died."""
    session, host = make_session(paid=True)
    bring_to(session, host, phase)
    host.die()
    host.come_back()
    opening, ending = list(host.commands)
    assert opening.grant is not None
    assert isinstance(ending, m.StopSession)
    assert ending.forget is (phase is not Phase.STOPPING)
    host.settle()
    assert session.status == "ended"


# ---- every handle is answered -------------------------------------------------------------------


OVER = [Phase.NEW, Phase.ENDED, Phase.FAILED, Phase.STOPPED, Phase.CLOSED]


@pytest.mark.parametrize("phase", OVER, ids=lambda phase: phase.value)
@pytest.mark.parametrize("host_is", ["there", "dead", "given up"])
@pytest.mark.parametrize("verb", ["stop", "close", "keep_alive"])
def test_where_nothing_is_open_a_handle_is_done_at_once(phase, host_is, verb):
    """No event is needed for it: nobody would send one."""
    session, host = make_session()
    bring_to(session, host, phase)
    if host_is != "there":
        host.die()
    if host_is == "given up":
        host.give_up()
    handle = getattr(session, verb)()
    assert handle.done
    if verb == "keep_alive":
        assert isinstance(handle.error, SessionClosed)
    else:
        handle.wait(0)


@pytest.mark.parametrize("phase", Phase, ids=lambda phase: phase.value)
def test_giving_the_host_up_answers_everything_that_waits(phase):
    """Starts, stops, keep-alives and speeches."""
    session, host = make_session()
    handles = []
    bring_to(session, host, phase)
    for verb in (session.keep_alive, session.start, lambda: session.speak("Words."), session.stop):
        try:
            handles.append(verb())
        except SessionClosed:
            assert phase in (Phase.CLOSING, Phase.CLOSED, Phase.STOPPING, Phase.STOPPED)
    if host.alive:
        host.die()
    host.give_up()
    assert all(handle.done for handle in handles)


def test_a_stop_that_crosses_the_sessions_own_end_is_answered():
    """It ended by itself while the stop was on its way."""
    session, host = make_session()
    bring_to(session, host, Phase.LIVE)
    host.end_by_itself(session.id)
    stopped, kept = session.stop(), session.keep_alive()
    host.settle()
    assert stopped.done
    assert kept.done
    assert session.phase is Phase.STOPPED


@pytest.mark.parametrize("failed", [False, True])
def test_a_start_after_a_stop_that_crossed_the_sessions_own_end_is_not_undone(failed):
    """The stop is answered late, when the session is being opened again: that is old news."""
    session, host = make_session()
    bring_to(session, host, Phase.LIVE)
    session.stop()
    host.end_by_itself(session.id, failed=failed)
    host.deliver()
    # What has failed may still be cleared away: only the end is an answer to who asked for it.
    assert session.phase is (Phase.STOPPING if failed else Phase.STOPPED)
    started = session.start()
    host.settle()
    assert started.error is None
    assert session.phase is Phase.LIVE
    assert host.sessions[session.id].status == "live"


# ---- stop, start, speak -------------------------------------------------------------------------


def test_a_start_while_it_is_being_stopped_opens_it_after_that():
    """Its handle is done when the new session is live, and no sooner; speeches are taken."""
    session, host = make_session()
    bring_to(session, host, Phase.LIVE)
    stopped, started = session.stop(), session.start()
    speech = session.speak("Words.")
    host.carry_out()
    assert not stopped.done
    host.deliver()
    assert stopped.done
    assert not started.done
    assert session.status == "starting"
    host.settle()
    assert started.error is None
    assert started.done
    assert speech.state == "said"
    assert len(host.opened) == 2


def test_a_paid_session_that_is_started_again_is_a_new_one():
    """What was stopped is not taken over."""
    session, host = make_session(paid=True)
    bring_to(session, host, Phase.LIVE)
    session.stop()
    started = session.start()
    host.settle()
    assert started.error is None
    assert [opened.grant for opened in host.opened] == [None, None]


def test_a_paid_session_whose_host_died_while_it_was_started_again_is_a_new_one():
    """The old one is taken over, stopped, and then another one is opened."""
    session, host = make_session(paid=True)
    bring_to(session, host, Phase.RESTARTING)
    host.die()
    host.come_back()
    host.settle()
    assert [opened.grant is not None for opened in host.opened] == [False, True, False]
    assert session.phase is Phase.LIVE


@pytest.mark.parametrize("how", ["thread", "process"])
def test_stop_start_and_speak_in_one_go(how):
    """The same with a real host."""
    avatar = Avatar(host=how, quality="low")
    avatar.speak("One.").wait(SOON_S)
    for _ in range(3):
        avatar.stop()
        avatar.start().wait(SOON_S)
        assert avatar.status == "live"
        assert avatar.speak("Two.").wait(SOON_S).state == "said"
    avatar.stop().wait(SOON_S)
    avatar.close()


# ---- what opens a session -----------------------------------------------------------------------

LATE = [
    {"type": "offer", "page": "p", "peer": "p.1", "sdp": "v=0"},
    {"type": "join", "page": "p", "peer": "p.1"},
    {"type": "hello", "page": "p", "protocol": p.PROTOCOL},
    {"type": "hangup", "page": "p", "peer": "p.1"},
    {"type": "interrupt"},
    {"type": "media", "page": "p", "playback": "playing"},
    {"type": "stop"},
]


@pytest.mark.parametrize("message", LATE, ids=lambda message: message["type"])
@pytest.mark.parametrize("phase", [Phase.ENDED, Phase.FAILED, Phase.STOPPED], ids=lambda p: p.value)
def test_a_late_message_of_a_page_opens_nothing(make_avatar, phase, message):
    """It waited for a busy kernel, and the session has ended meanwhile."""
    avatar, host = make_avatar(paid=True)
    bring_to(avatar.session, host, phase)
    before = len(host.opened)
    avatar.page_says(**message)
    host.settle()
    assert len(host.opened) == before
    assert avatar.status in ("ended", "failed")
    if message["type"] in ("offer", "join"):
        refused = avatar.answer("refused", "p.1")
        assert refused["what"]


@pytest.mark.parametrize("phase", [Phase.ENDED, Phase.FAILED, Phase.STOPPED], ids=lambda p: p.value)
@pytest.mark.parametrize("paid", [False, True])
def test_showing_an_avatar_that_has_ended_opens_nothing(make_avatar, phase, paid):
    """Nor does an inspector of variables."""
    avatar, host = make_avatar(paid=paid)
    bring_to(avatar.session, host, phase)
    before = len(host.opened)
    avatar._repr_mimebundle_()
    host.settle()
    assert len(host.opened) == before


def test_showing_a_paid_avatar_opens_nothing_until_its_page_is_there(make_avatar):
    """An inspector shows what nobody looks at; a page asks for the stream."""
    avatar, host = make_avatar(paid=True)
    avatar._repr_mimebundle_()
    repr(avatar)
    avatar.page_says(type="hello", page="p", protocol=p.PROTOCOL)
    assert host.opened == []
    avatar.page_says(type="join", page="p", peer="p.1")
    assert len(host.opened) == 1


@pytest.mark.parametrize(
    "message", [{"type": "start"}, {"type": "say", "text": "Hello."}], ids=lambda one: one["type"]
)
def test_the_users_buttons_open_it_again(make_avatar, message):
    """Play, and what is typed; that is said, too."""
    avatar, host = make_avatar()
    bring_to(avatar.session, host, Phase.ENDED)
    avatar.page_says(**message)
    host.settle()
    assert avatar.status == "live"
    if "text" in message:
        assert [(one["text"], one["state"]) for one in avatar.transcript] == [("Hello.", "said")]


# ---- what sounds --------------------------------------------------------------------------------


def test_speaking_stays_true_while_another_is_queued_and_dropped(make_avatar):
    """What sounds is known by its id, in the trait and for a page that comes."""
    avatar, host = make_avatar()
    bring_to(avatar.session, host, Phase.LIVE)
    first = avatar.speak("One.")
    host.carry_out()
    host.go_on(avatar.session.id)
    while host.events:
        host.deliver()
    assert avatar.speaking
    second = avatar.speak("Two.")
    host.carry_out()
    host.deliver()
    assert avatar.speaking
    second.interrupt()
    host.carry_out()
    host.deliver()
    assert (first.state, second.state) == ("speaking", "interrupted")
    assert avatar.speaking
    avatar.page_says(type="hello", page="p", protocol=p.PROTOCOL)
    assert avatar.answers("speech")[-1]["speech"] == first.id
    assert avatar.answers("speech")[-1]["state"] == "speaking"
    host.settle()
    assert first.state == "said"
    assert not avatar.speaking


# ---- latency of what is typed -------------------------------------------------------------------


def test_latency_of_what_is_typed_counts_from_the_click():
    """The message waited 5 s for a busy kernel."""
    avatar = RecordingAvatar(host="thread", quality="low")
    avatar.speak("A warm voice.").wait(SOON_S)
    now_ms = time.time() * 1000
    avatar.page_says(type="hello", page="p", protocol=p.PROTOCOL, atMs=now_ms)
    avatar.page_says(type="say", text="Typed.", page="p", atMs=now_ms - 5000)
    until(lambda: avatar.transcript[-1] | {"speech": ""} == SAID, SOON_S, "it is said")
    assert 5000 < avatar.stats["speech_latency_ms"] < 5000 + SOON_S * 1000
    speaking = [one for one in avatar.answers("speech") if one["state"] == "speaking"][-1]
    assert speaking["latencyMs"] == pytest.approx(avatar.stats["speech_latency_ms"], abs=0.1)
    avatar.stop().wait(SOON_S)
    avatar.close()


SAID = {"speech": "", "text": "Typed.", "state": "said"}


def test_the_host_hears_how_the_clock_of_a_page_stands(make_avatar):
    """A paid avatar's page says hello before anything is open; its measurements tell it later."""
    avatar, host = make_avatar(paid=True)
    bring_to(avatar.session, host, Phase.LIVE)
    measured = p.Stats("p", 1280, 720, 25.0, 900.0, 0, 0, 0, at_ms=1_700_000_000_000.0)
    avatar.page_says(**page_codec.builtins(measured))
    assert m.FromPage(avatar.session.id, measured) in host.commands
