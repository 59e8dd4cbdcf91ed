"""The life of an avatar whose host is lost or given up, and what is left of it."""

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
from ipyavatar.client import host_client
from ipyavatar.client import session as session_module
from ipyavatar.client.phases import Phase
from ipyavatar.client.session import AvatarSession
from ipyavatar.errors import (
    HostError,
    SpeechFailed,
)
from ipyavatar.host.host import Host
from ipyavatar.protocol import host as m
from tests.support.fakes.memory_host import MemoryHost
from tests.support.memory_sessions import bring_to, make_session
from tests.support.processes import alive, program, until
from tests.support.twin_process import KEY, twin_process

SOON_S = 30.0
pytestmark = pytest.mark.usefixtures("hosts_closed", "rescued")


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
