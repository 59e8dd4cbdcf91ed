"""Verbs in the life of an avatar that are given what they cannot take, or cross each other."""

import os
import signal
import threading
import time

import pytest

from ipyavatar import Avatar
from ipyavatar.client.phases import Phase
from ipyavatar.client.session import AvatarSession
from ipyavatar.errors import (
    HostError,
    InvalidArgument,
    UnknownName,
)
from ipyavatar.protocol import host as m
from ipyavatar.protocol import page as p
from tests.support.memory_sessions import bring_to, make_session
from tests.support.processes import until

SOON_S = 30.0
pytestmark = pytest.mark.usefixtures("hosts_closed", "rescued")


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
    """Numbers instead of an id and a switch, a text with half an emoji: refused, or without it."""
    with AvatarSession(host="process", quality="low") as session:
        session.start().wait(20)
        host = session.host_pid
        with pytest.raises(InvalidArgument, match="int"):
            session.interrupt(5)
        with pytest.raises(InvalidArgument, match="interrupt=1"):
            session.speak("One.", interrupt=1)
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
