"""The life of an avatar in the kernel: one test, or more, for each fault that was ever seen."""

import asyncio
import gc
import logging
import os
import signal
import sys
import threading
import time

import psutil
import pytest

from ipyavatar import Avatar
from ipyavatar.client import host_client, session_life
from ipyavatar.client import session as session_module
from ipyavatar.client.phases import Phase
from ipyavatar.client.session import AvatarSession
from ipyavatar.errors import (
    AvatarError,
    HostError,
    InvalidArgument,
    SessionClosed,
    SpeechFailed,
    UnknownName,
)
from ipyavatar.host.host import Host
from ipyavatar.protocol import host as m
from ipyavatar.protocol import page as p
from ipyavatar.protocol import page_codec
from tests.support import memory_sessions
from tests.support.fakes.memory_host import MemoryHost
from tests.support.fakes.recording_avatar import RecordingAvatar
from tests.support.memory_sessions import bring_to, make_session
from tests.support.processes import alive, program, until
from tests.support.twin_process import KEY, twin_process

SOON_S = 30.0


@pytest.fixture(scope="module", autouse=True)
def _hosts():
    yield
    host_client.close_all()


@pytest.fixture(autouse=True)
def rescued(monkeypatch):
    """What was left to be stopped by other means."""
    grants = []
    monkeypatch.setattr(
        session_life, "stop_without_host", lambda options, grant: grants.append(grant)
    )
    return grants


@pytest.fixture
def make_avatar():
    """Makes avatars on a host in memory, and closes them."""
    made = []

    def make(*, paid=False):
        avatar, host = memory_sessions.make_avatar(paid=paid)
        made.append(avatar)
        return avatar, host

    yield make
    for avatar in made:
        avatar.close()


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


# ---- what is left of closed avatars -------------------------------------------------------------


def living(*kinds):
    """How many of each are in memory."""
    gc.collect()
    objects = gc.get_objects()
    return [sum(isinstance(one, kind) for one in objects) for kind in kinds]


def test_of_500_closed_avatars_nothing_is_left(monkeypatch, record_property):
    """Neither their sessions nor what they were made of, though each was open and spoke."""
    host = MemoryHost(time.monotonic)
    monkeypatch.setattr(session_module, "find_host", lambda kind: host)
    before = living(AvatarSession, Avatar)
    for _ in range(500):
        avatar = Avatar()
        avatar.observe(lambda change: None, "status")
        speech = avatar.speak("Words.")
        host.settle()
        assert speech.state == "said"
        avatar.close()
        host.settle()
    options = [one.options for one in host.opened]
    assert len({id(one) for one in options}) == 500
    host.opened.clear()
    del options, avatar
    assert not host.listeners
    assert not host.sessions

    # The last one's observers may still be hearing of its end.
    # and what the test before has left may be gone by now.
    def gone():
        now = living(AvatarSession, Avatar)
        return all(one <= then for one, then in zip(now, before, strict=True))

    until(gone, 10, "nothing is left")
    record_property("avatars made and closed, and nothing left of them", 500)


def test_a_host_forgets_sessions_that_were_closed():
    """And the options, which hold keys."""
    made = [AvatarSession(host="thread", quality="low") for _ in range(20)]
    for session in made:
        session.start()
    for session in made:
        session.start().wait(SOON_S)
    hosts = [one for one in gc.get_objects() if isinstance(one, Host)]
    ids = {session.id for session in made}
    assert any(ids <= set(host._sessions) for host in hosts)
    for session in made:
        session.close()
    for session in made:
        session.close().wait(SOON_S)
    until(lambda: not any(ids & set(host._sessions) for host in hosts), 10, "they are forgotten")
    assert not any(ids & set(host._options) for host in hosts)
    del made, session
    gc.collect()
    assert not [one for one in gc.get_objects() if isinstance(one, AvatarSession) and one.id in ids]


# ---- a host that is given up --------------------------------------------------------------------


def test_when_the_host_is_given_up_the_transcript_says_so(make_avatar, rescued):
    """Not `queued` for ever; a paid session is stopped by other means."""
    avatar, host = make_avatar(paid=True)
    bring_to(avatar.session, host, Phase.LIVE)
    speeches = [avatar.speak("One."), avatar.speak("Two.")]
    host.die()
    host.give_up()
    assert [entry["state"] for entry in avatar.transcript] == ["failed", "failed"]
    for speech in speeches:
        with pytest.raises(SpeechFailed, match="died too often"):
            speech.wait(0)
    assert avatar.status == "failed"
    assert avatar.error["what"] == "It died too often."
    assert avatar.error["fix"]
    assert isinstance(avatar.session.error, HostError)
    assert [grant.session_id for grant in rescued] == ["id"]


@pytest.mark.parametrize("phase", [Phase.NEW, Phase.ENDED, Phase.STOPPED], ids=lambda p: p.value)
def test_what_was_not_open_does_not_fail_with_its_host(phase, rescued):
    """There is nothing to stop, and nothing to say."""
    session, host = make_session(paid=True)
    bring_to(session, host, phase)
    host.die()
    host.give_up()
    assert session.phase is phase
    assert rescued == []


def test_a_paid_session_whose_host_is_given_up_is_stopped_at_the_service(
    tmp_path, monkeypatch, caplog
):
    """The companion dies for good; a host in this process takes the session over and ends it."""
    monkeypatch.undo()  # the real rescue
    monkeypatch.setenv("IPYAVATAR_STATE_DIR", str(tmp_path))
    host_client.close_all()
    with twin_process() as twin, caplog.at_level(logging.CRITICAL):
        avatar = Avatar("heygen", api_key=KEY, base_url=twin.url)
        try:
            avatar.start().wait(SOON_S)
            until(lambda: avatar.session._grant is not None, SOON_S, "a grant")
            (session,) = twin.open()
            monkeypatch.setattr(sys, "executable", program(tmp_path, "exit 7"))
            os.kill(avatar.session.host_pid, signal.SIGKILL)
            until(lambda: avatar.status == "failed", SOON_S, "it was given up")
            until(lambda: not twin.open(), SOON_S, f"{session} was stopped")
        finally:
            avatar.close()
            monkeypatch.undo()
            host_client.close_all()
    for thread in threading.enumerate():
        if thread.name == "ipyavatar-rescue":
            thread.join(SOON_S)


# ---- commands around a loss ---------------------------------------------------------------------


def test_a_speech_between_a_new_host_and_its_reopening_is_said():
    """It comes after the opening, whatever the threads do."""
    session, host = make_session()
    bring_to(session, host, Phase.LIVE)
    host.die()
    host.alive, host.generation = True, host.generation + 1  # there, and nobody was told yet
    speech = session.speak("Words.")
    assert not host.commands
    session.on_reconnect(host.generation)
    assert [type(command) for command in host.commands] == [m.OpenSession, m.Speak]
    host.settle()
    assert speech.state == "said"


def test_what_was_queued_is_said_by_the_next_host_and_what_sounded_has_failed():
    """Each speech ends once."""
    session, host = make_session()
    bring_to(session, host, Phase.LIVE)
    sounding, queued = session.speak("One."), session.speak("Two.")
    host.carry_out()
    host.go_on(session.id)
    while host.events:
        host.deliver()
    host.die()
    later = session.speak("Three.")
    host.come_back()
    host.settle()
    assert (sounding.state, queued.state, later.state) == ("failed", "said", "said")
    assert "died" in sounding.reason


def companions():
    """Companion processes of this one."""
    children = psutil.Process().children()
    return [one for one in children if alive(one.pid) and "ipyavatar.host" in one.cmdline()]


def test_closing_while_the_host_is_lost_leaves_no_companion_behind(caplog):
    """Whenever it comes: before, while or after another one is started."""
    before = companions()
    with caplog.at_level(logging.CRITICAL):
        for pause_s in (0.0, 0.002, 0.01, 0.05):
            client = host_client.HostClient("process")
            os.kill(client.pid, signal.SIGKILL)
            threading.Event().wait(pause_s)
            client.close()
    until(lambda: companions() == before, 10, "no companion is left")


# ---- an observer that raises --------------------------------------------------------------------


def test_an_observer_that_raises_changes_nothing(caplog):
    """It is shown once; handles end, and later traits are set."""
    avatar = Avatar(host="thread", quality="low")
    for name in ("status", "speaking", "transcript", "caption", "stats"):
        avatar.observe(lambda change: 1 / 0, name)
    with caplog.at_level(logging.ERROR, "ipyavatar"):
        avatar.start().wait(SOON_S)
        assert avatar.speak("Hello.").wait(SOON_S).state == "said"
        until(lambda: avatar.transcript[-1]["state"] == "said", SOON_S, "the transcript is set")
        avatar.stop().wait(SOON_S)
        avatar.close()
        assert avatar.status == "ended"
        until(lambda: caplog.records, SOON_S, "it is shown")
    assert [record.exc_info[0] for record in caplog.records] == [ZeroDivisionError]


# ---- an observer that waits ---------------------------------------------------------------------


def test_an_observer_may_wait_for_a_speech():
    """`speaking` becomes true, and the observer has the next thing said, and waits for it."""
    avatar = Avatar(host="thread", quality="low")
    said, over = [], threading.Event()

    def observe(change):
        if change.new and not said:
            said.append(avatar.speak("Next.").wait(SOON_S).state)
            over.set()

    avatar.observe(observe, "speaking")
    assert avatar.speak("First.").wait(SOON_S).state == "said"
    assert over.wait(SOON_S)
    assert said == ["said"]
    avatar.stop().wait(SOON_S)
    avatar.close()


def test_the_observer_of_the_list_of_faults_works_as_it_stands():
    """It has itself called again and again, and waits each time; nothing else is held up."""
    avatar, other = Avatar(host="thread", quality="low"), Avatar(host="thread", quality="low")
    avatar.observe(lambda c: c.new or avatar.speak("Next.").wait(10), "speaking")
    assert avatar.speak("First.").wait(SOON_S).state == "said"
    until(lambda: len(avatar.transcript) >= 3, SOON_S, "the observer speaks again and again")
    assert other.speak("Another one.").wait(SOON_S).state == "said"
    for one in (avatar, other):
        one.stop().wait(SOON_S)
        one.close()


def test_a_users_lock_that_is_taken_in_an_observer_does_not_deadlock():
    """Whoever holds it may wait for the avatar."""
    avatar, lock, seen = Avatar(host="thread", quality="low"), threading.Lock(), []

    def observe(change):
        with lock:
            seen.append(change.new)

    avatar.observe(observe, "status")
    with lock:
        avatar.start().wait(SOON_S)
        assert avatar.speak("Hello.").wait(SOON_S).state == "said"
        avatar.stop().wait(SOON_S)
    until(lambda: seen and seen[-1] == "ended", SOON_S, "the observer hears of all")
    assert seen[0] == "starting"
    assert "live" in seen
    avatar.close()


def test_an_observer_of_a_script_may_wait_too():
    """`AvatarSession.observe`: the same promise without a widget."""

    async def go():
        heard = asyncio.Event()
        loop = asyncio.get_running_loop()
        async with AvatarSession(host="thread", quality="low") as session:

            def observe(report):
                if isinstance(report, p.SpeechUpdate) and report.state == "speaking":
                    session.speak("Next.").wait(SOON_S) if report.text == "First." else None
                    loop.call_soon_threadsafe(heard.set)

            session.observe(observe)
            assert (await session.speak("First.")).state == "said"
            await asyncio.wait_for(heard.wait(), SOON_S)
            return [entry["text"] for entry in session.transcript]

    assert asyncio.run(go()) == ["First.", "Next."]


def test_what_the_user_changes_calls_observers_at_once(make_avatar):
    """As with every widget: in the same thread, before the line is over."""
    avatar, _ = make_avatar()
    seen = []
    avatar.observe(lambda change: seen.append((change.new, threading.current_thread())), "width")
    avatar.width = 300
    assert seen == [(300, threading.current_thread())]


def test_every_error_is_one_of_ours():
    """What handles fail with can be caught by one class."""
    assert issubclass(SessionClosed, AvatarError)
    assert issubclass(HostError, AvatarError)


# ---- verbs that check what they are given --------------------------------------------------------


def test_a_size_that_is_none_is_refused_and_changes_nothing():
    """At the call, by name; the session opens in the size it had."""
    session, host = make_session()
    with pytest.raises(UnknownName, match="ultra"):
        session.change_quality("ultra")
    bring_to(session, host, Phase.LIVE)
    assert host.opened[-1].options.quality == "medium"


def test_a_speech_is_interrupted_by_itself_or_by_its_id():
    """Both mean the same one, and no other."""
    session, host = make_session()
    bring_to(session, host, Phase.LIVE)
    first, second, third = (session.speak(f"Number {n}.") for n in range(3))
    session.interrupt(second)
    session.interrupt(third.id)
    host.settle()
    assert [one.state for one in (first, second, third)] == ["said", "interrupted", "interrupted"]


# ---- what somebody found who tried to break it ---------------------------------------------------


def test_a_close_that_crosses_the_end_is_answered():
    """The host has ended it already when it is told that it may forget it."""
    session = AvatarSession(host="thread", quality="low")
    session.start().wait(20)
    handles = []

    def cross():
        with session._lock:  # the kernel hears of the end a little later
            handles.append(session.stop())
            time.sleep(0.5)
            handles.append(session.close())

    crossing = threading.Thread(target=cross)
    crossing.start()
    crossing.join(10)
    for handle in handles:
        handle.wait(10)
    assert len(handles) == 2
    assert session.phase is Phase.CLOSED


def test_a_host_that_is_told_to_go_is_replaced_and_the_session_goes_on():
    """SIGTERM is not the kernel's wish; what was queued is said."""
    with AvatarSession(host="process", quality="low") as session:
        session.start().wait(20)
        first = session.host_pid
        os.kill(first, signal.SIGTERM)
        until(lambda: session.host_pid != first and session.status == "live", 20, "another host")
        assert session.speak("Still here.").wait(20).state == "said"


def test_what_no_message_can_hold_ends_nothing():
    """A number instead of an id, a text with half an emoji: refused, or said without it."""
    with AvatarSession(host="process", quality="low") as session:
        session.start().wait(20)
        host = session.host_pid
        with pytest.raises(InvalidArgument, match="int"):
            session.interrupt(5)
        assert session.speak("One.", interrupt=1).wait(20).state == "said"
        session._host.send(m.FromPage(session.id, p.Interrupt("\ud83d")))
        session._host.send(m.FromPage(session.id, p.Interrupt(5)))
        assert session.speak("Two.").wait(20).state == "said"
        assert session.host_pid == host


def test_what_is_typed_after_the_host_has_died_is_told_like_everything():
    """Its name is not one that the host before has given away."""
    with AvatarSession(host="process", quality="low") as session:
        session.say_for_page(p.Say("Before."))
        until(lambda: "said" in {e["state"] for e in session.transcript}, 20, "it is said")
        os.kill(session.host_pid, signal.SIGKILL)
        until(lambda: session.status != "live", 20, "the loss")
        until(lambda: session.status == "live", 20, "another host")
        session.say_for_page(p.Say("After."))
        until(
            lambda: (
                [(e["text"], e["state"]) for e in session.transcript][1:] == [("After.", "said")]
            ),
            20,
            "it is said, and in the transcript",
        )


def test_what_was_typed_without_a_host_is_not_said_later(monkeypatch):
    """It was refused then."""
    session, host = make_session()
    monkeypatch.setattr(host, "revive", refuse)
    with pytest.raises(HostError):
        session.say_for_page(p.Say("Typed long ago."))
    monkeypatch.undo()
    session.start()
    host.settle()
    assert list(session.transcript) == []


def refuse():
    raise HostError("There is no host.")


def test_nothing_is_opened_for_what_cannot_be_said():
    """An empty text from a page, and one that is too long."""
    session, host = make_session()
    session.say_for_page(p.Say("..."))
    with pytest.raises(InvalidArgument):
        session.say_for_page(p.Say("word " * 100_000))
    assert not host.opened


def test_news_of_an_older_host_is_old_news():
    """Two deaths at once may be told out of order."""
    session, host = make_session()
    bring_to(session, host, Phase.LIVE)
    session.on_reconnect(host.generation - 1)
    assert session.phase is Phase.LIVE


def test_more_speeches_than_the_transcript_keeps_stay_in_order():
    """Those that have not ended are kept; the oldest that have are forgotten."""
    session, host = make_session()
    bring_to(session, host, Phase.LIVE)
    for _ in range(250):
        session.speak("Hm.")
    host.settle()
    numbers = [int(entry["speech"][1:]) for entry in session.transcript]
    assert numbers == sorted(numbers)
    assert numbers[-1] == 250
    assert len(numbers) <= 250


def test_a_closed_avatar_can_be_shown():
    """It says that it was closed."""
    avatar = Avatar(host="thread", quality="low")
    avatar.close()
    assert "closed" in avatar._repr_mimebundle_()["text/plain"]
