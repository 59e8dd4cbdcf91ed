"""Hooks that the program sets for new threads cannot end ours."""

import queue
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ipyavatar.core.own_thread import OwnThread
from ipyavatar.core.threads import GuardedThread, guarded_executor, refuse_mixed_threads
from ipyavatar.errors import HostError

SOON_S = 20.0
HOOKS = {
    "trace": (threading.gettrace, threading.settrace),
    "profile": (threading.getprofile, threading.setprofile),
}


@pytest.fixture(params=HOOKS)
def hook(request):
    """What reads and sets one of the hooks; put back as it was."""
    get, change = HOOKS[request.param]
    before = get()
    yield get, change
    change(before)


def raising(calls):
    def call(_frame, event, _argument):
        calls.append(event)
        raise ZeroDivisionError("a hook of the program's")

    return call


def test_one_that_raises_has_no_say(hook):
    """It was called, and is as it was; every thread does its work."""
    get, change = hook
    calls, done = [], []
    change(raised := raising(calls))
    threads = [GuardedThread(target=done.append, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON_S)
    assert sorted(done) == [0, 1, 2, 3, 4]
    assert len(calls) == 5
    assert get() is raised


def test_threads_that_are_subclasses_and_workers_too(hook):
    _, change = hook
    calls, reached = [], threading.Event()
    change(raising(calls))

    class Own(GuardedThread):
        def run(self):
            reached.set()

    Own(daemon=True).start()
    assert reached.wait(SOON_S)
    executor = guarded_executor(2, "workers")
    assert [executor.submit(pow, 2, 5).result(SOON_S) for _ in range(3)] == [32, 32, 32]
    executor.shutdown()
    kept = OwnThread("kept")
    kept.put(raised := threading.Event().set)
    again = threading.Event()
    kept.put(again.set)
    assert again.wait(SOON_S)
    assert raised
    assert len(calls) >= 3


def test_one_that_works_is_called_as_ever(hook):
    _, change = hook
    calls = []
    change(lambda _frame, event, _argument: calls.append(event))
    thread = GuardedThread(target=sorted, args=([3, 1],))
    thread.start()
    thread.join(SOON_S)
    assert "call" in calls


def test_one_that_is_set_meanwhile_stays(hook):
    """The program's own change counts."""
    get, change = hook
    calls = []
    change(raising([]))

    def other(_frame, event, _argument):
        calls.append(event)

    class Changing(GuardedThread):
        def is_alive(self):  # asked while it starts
            return super().is_alive()

        def run(self):
            change(other)

    thread = Changing()
    thread.start()
    thread.join(SOON_S)
    assert get() is other


def test_every_thread_of_ours_is_such_a_one():
    """There is one place where a thread is made."""
    source = Path(sys.modules[GuardedThread.__module__].__file__).parents[1]
    made = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        if "threading.Thread(" in (text := path.read_text("utf-8")) or "(threading.Thread)" in text
    }
    assert made == {"core/threads.py"}


def of(module):
    """A class as one of a library that replaces threads."""
    return type("Replaced", (), {"__module__": module})


GREEN, COOPERATIVE = of("gevent.local"), of("gevent.subprocess")


@pytest.mark.parametrize(
    ("local", "simple_queue", "popen", "first", "what"),
    [
        (GREEN, of("gevent.queue"), COOPERATIVE, threading.local, "after ipyavatar was imported"),
        (GREEN, queue.SimpleQueue, COOPERATIVE, GREEN, "threads and queues"),
        (threading.local, of("gevent.queue"), COOPERATIVE, threading.local, "threads and queues"),
        (GREEN, of("gevent.queue"), subprocess.Popen, GREEN, "processes were not"),
        (GREEN, of("queue"), subprocess.Popen, GREEN, "processes were not"),
    ],
    ids=["later", "threads alone", "queues alone", "no processes", "eventlet, no processes"],
)
def test_where_a_part_of_threads_was_replaced_it_is_said(local, simple_queue, popen, first, what):
    """Each waited for ever, or named a thread of one's own as the way out."""
    with pytest.raises(HostError, match=f"{what}.*first line of the program"):
        refuse_mixed_threads(local, simple_queue, popen, first)


@pytest.mark.parametrize(
    ("local", "simple_queue", "popen"),
    [
        (threading.local, queue.SimpleQueue, subprocess.Popen),
        (threading.local, queue.SimpleQueue, of("somebody.else")),
        (threading.local, of("queue"), of("eventlet.green.subprocess")),
        (GREEN, of("gevent.queue"), COOPERATIVE),
        (GREEN, of("queue"), of("eventlet.green.subprocess")),
    ],
    ids=["nothing", "processes", "eventlet without threads", "gevent", "eventlet"],
)
def test_what_fits_together_is_taken(local, simple_queue, popen):
    """All of it, or nothing of what we wait by."""
    refuse_mixed_threads(local, simple_queue, popen, local)
    refuse_mixed_threads()
