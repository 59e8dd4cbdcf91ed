"""Where nobody may wait."""

import threading

import pytest

from ipyavatar.core.handle import Handle
from ipyavatar.core.own_process import OwnLock
from ipyavatar.core.serving import is_serving, serving
from ipyavatar.core.uninterrupted import locked, run_uninterrupted
from ipyavatar.errors import HostError, SessionClosed


def test_a_wait_that_would_never_end_is_refused():
    """The way out is named; what has ended already is answered."""
    with serving():
        with serving():
            pass
        with pytest.raises(HostError, match="all avatars wait for this thread") as raised:
            Handle().wait()
        assert "thread of your own" in raised.value.fix
        assert Handle.finished(3).wait() == 3
        with pytest.raises(SessionClosed):
            Handle.failed(SessionClosed("It was stopped.")).wait()
    with pytest.raises(TimeoutError):
        Handle().wait(0)


class Waiter:
    """Waits for a handle under its lock, as what users' code makes of our methods may."""

    def __init__(self):
        self._lock = OwnLock()

    @locked
    def wait(self):
        Handle().wait()


def in_another_thread(call):
    """What it raised there."""
    raised = []

    def run():
        try:
            call()
        except HostError as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return raised


def test_it_is_refused_under_our_locks_and_on_the_verbs_thread():
    """On whatever thread the call came."""
    with pytest.raises(HostError):
        Waiter().wait()
    assert len(in_another_thread(Waiter().wait)) == 1
    assert run_uninterrupted(is_serving)
    assert not is_serving()
