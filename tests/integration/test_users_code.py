"""Users' code around an avatar: threads, copies, inspectors."""

import asyncio
import contextlib
import copy
import gc
import inspect
import pickle
import sys
import threading

import ipywidgets
import pytest

from ipyavatar import Avatar, AvatarSession
from ipyavatar.client.phases import Phase
from ipyavatar.errors import InvalidArgument, NotCopyable, SessionClosed
from ipyavatar.protocol.host import ExpectPage
from ipyavatar.widget.frontends.base import SHOWN_S
from tests.support.memory_sessions import bring_to, make_avatar
from tests.support.users_code import SOON_S, in_threads, values_of

pytestmark = pytest.mark.usefixtures("hosts_closed")


# ---- handles ------------------------------------------------------------------------------------


@pytest.mark.parametrize("timeout", ["soon", float("nan"), True, [], object(), 1j])
def test_a_time_out_that_is_no_time_is_refused(made, timeout):
    """By our own error, done or not."""
    avatar, host = made
    speech = avatar.speak("Words.")
    for _ in range(2):
        with pytest.raises(InvalidArgument, match="wait"):
            speech.wait(timeout)
        host.settle()


@pytest.mark.parametrize("timeout", [0, -1, 0.0, float("-inf"), -(10**400), 1e-9])
def test_a_time_out_that_is_over_at_once_is_one(made, timeout):
    """The speech goes on; when it is done, it is done for them all."""
    avatar, host = made
    speech = avatar.speak("Words.")
    with pytest.raises(TimeoutError):
        speech.wait(timeout)
    host.settle()
    assert speech.wait(timeout) is speech


@pytest.mark.parametrize("timeout", [float("inf"), 10**400, 1e300, sys.maxsize, None])
def test_a_time_out_beyond_all_times_is_none(made, timeout):
    """A lock cannot wait that long; we can."""
    avatar, host = made
    speech = avatar.speak("Words.")
    later = threading.Timer(0.05, host.settle)
    later.start()
    assert speech.wait(timeout).state == "said"
    later.join()


def test_a_handle_is_waited_for_by_threads_and_loops_at_once():
    """Three threads, and two loops with two tasks each; one that gives up ends nothing."""
    avatar = Avatar(host="thread", quality="low")
    speech = avatar.speak("One speech for them all.")

    async def wait_twice():
        async def one():
            return await speech

        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(one(), 0.001)
        return [done.state for done in await asyncio.gather(one(), one())]

    turns = [lambda: speech.wait(SOON_S).state] * 3 + [lambda: asyncio.run(wait_twice())] * 2

    def wait_once():
        return turns.pop()()

    results = in_threads(5, wait_once)
    assert sorted(map(str, results)) == sorted(["said"] * 3 + [str(["said", "said"])] * 2)
    avatar.stop().wait(SOON_S)
    avatar.close()


# ---- verbs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["thread", "process"])
def test_it_is_stopped_and_closed_by_twenty_threads_at_once(how):
    """In the middle of its opening; everybody is answered."""
    session = AvatarSession(host=how, quality="low")
    started, speech = session.start(), session.speak("Words.")
    for handle in in_threads(20, session.stop):
        handle.wait(SOON_S)
    assert session.status == "ended"
    started = session.start()
    for handle in in_threads(20, session.close):
        handle.wait(SOON_S)
    assert session.phase is Phase.CLOSED
    assert started.done
    assert speech.done


def test_every_verb_after_the_end_says_so_or_does_nothing():
    """Whichever thread calls it."""
    avatar, host = make_avatar()
    bring_to(avatar.session, host, Phase.LIVE)
    avatar.close()
    host.settle()
    for verb in (avatar.start, lambda: avatar.speak("Words.")):
        (error,) = in_threads(1, verb)
        assert isinstance(error, SessionClosed)
        assert error.fix
    for verb in (avatar.stop, avatar.session.stop, avatar.session.close):
        (handle,) = in_threads(1, verb)
        assert handle.done
        assert handle.error is None
    assert isinstance(avatar.keep_alive().error, SessionClosed)
    avatar.interrupt()
    avatar.close()
    avatar.quality = "low"
    assert avatar.status == "ended"
    assert not host.commands


@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt])
def test_a_with_block_that_is_left_by_an_error_ends_the_session(error):
    """And the error is what is raised."""
    opened, speeches = [], []

    def leave():
        with AvatarSession(quality="low") as session:
            opened.append(session)
            speeches.append(session.speak("Words. " * 50))
            raise error

    async def leave_on_a_loop():
        async with AvatarSession(quality="low") as session:
            opened.append(session)
            speeches.append(session.speak("Words. " * 50))
            raise error

    with pytest.raises(error):
        leave()
    with pytest.raises(error):
        asyncio.run(leave_on_a_loop())
    assert [session.phase for session in opened] == [Phase.CLOSED] * 2
    assert [speech.state for speech in speeches] == ["interrupted"] * 2


# ---- copies -------------------------------------------------------------------------------------


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
@pytest.mark.parametrize("which", ["avatar", "session", "speech", "handle", "inside"])
def test_what_goes_on_cannot_be_copied(made, which, duplicate):
    """A copy would be of nothing: it says so, and nothing has happened to the first one."""
    avatar, host = made
    speech = avatar.speak("Words.")
    one = {
        "avatar": avatar,
        "session": avatar.session,
        "speech": speech,
        "handle": avatar.start(),
        "inside": {"cells": [avatar]},
    }[which]
    if which == "inside" and duplicate is copy.copy:
        assert copy.copy(one)["cells"][0] is avatar
        return
    with pytest.raises(NotCopyable, match="neither copied nor pickled") as caught:
        duplicate(one)
    assert isinstance(caught.value, TypeError)
    host.settle()
    assert speech.state == "said"


# ---- inspectors of variables ---------------------------------------------------------------------


def inspect_all(one):
    """What inspectors do: look at everything that can be looked at."""
    repr(one)
    str(one)
    f"{one!r:>30}"
    dir(one)
    vars(one)
    with contextlib.suppress(AssertionError):  # by a property of ipywidgets', of every widget
        inspect.getmembers(one)
    for name in (*dir(one), *dir(type(one))):
        with contextlib.suppress(AssertionError, AttributeError):
            getattr(one, name)
    gc.get_referrers(one)
    sys.getsizeof(one)
    bool(one)
    hash(one)


@pytest.mark.parametrize("phase", Phase, ids=lambda phase: phase.value)
@pytest.mark.parametrize("paid", [False, True])
def test_an_inspector_of_variables_changes_nothing(phase, paid):
    """Whatever it looks at, and in whatever phase; in its own thread it may even show it."""
    avatar, host = make_avatar(paid=paid)
    bring_to(avatar.session, host, phase)
    opened, commands, before = len(host.opened), list(host.commands), values_of(avatar)
    inspect_all(avatar)
    inspect_all(avatar.session)
    (shown,) = in_threads(1, avatar._repr_mimebundle_)
    assert not isinstance(shown, Exception)
    in_threads(1, lambda: inspect_all(avatar))
    assert len(host.opened) == opened
    assert list(host.commands) == commands
    assert values_of(avatar) == before
    assert avatar.session.phase is phase
    avatar.close()
    host.settle()


def test_a_page_opens_what_was_shown_in_another_thread():
    """A display from a thread is seen by its page all the same."""
    avatar, host = make_avatar()
    in_threads(1, avatar._repr_mimebundle_)
    assert not host.opened
    avatar.page_says(type="offer", page="p", peer="p.1", sdp="v=0")
    assert len(host.opened) == 1
    avatar.close()
    host.settle()


def test_speeches_wait_for_the_page_of_what_a_thread_has_made_and_shown():
    """As in a cell; it is no inspector that makes avatars."""

    def show():
        avatar, host = make_avatar()
        avatar._repr_mimebundle_()
        return avatar, host

    ((avatar, host),) = in_threads(1, show)
    assert len(host.opened) == 1
    assert [one.within_s for one in host.commands if isinstance(one, ExpectPage)] == [SHOWN_S]
    avatar.close()
    host.settle()


# ---- what a widget brings along ------------------------------------------------------------------


def test_a_closed_avatar_takes_its_layout_with_it():
    """Else ipywidgets keeps it, in kernel and page; one that is the user's stays."""
    avatar, host = make_avatar()
    own, shared = avatar.layout, ipywidgets.Layout(width="50%")
    avatar.layout = shared
    avatar.close()
    host.settle()
    assert own.comm is None
    assert shared.comm is not None
    shared.close()
