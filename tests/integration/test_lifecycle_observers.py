"""Observers of users' that raise or wait in the life of an avatar."""

import asyncio
import logging
import threading

import pytest

from ipyavatar import Avatar
from ipyavatar.client.session import AvatarSession
from ipyavatar.errors import (
    AvatarError,
    HostError,
    SessionClosed,
)
from ipyavatar.protocol import page as p
from tests.support.processes import until

SOON_S = 30.0
pytestmark = pytest.mark.usefixtures("hosts_closed", "rescued")


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
