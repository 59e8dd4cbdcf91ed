"""Calls that signals do not cut in two."""

import contextvars
import os
import signal
import threading

import pytest

from ipyavatar.core.own_process import OwnLock
from ipyavatar.core.uninterrupted import locked, run_uninterrupted

colour = contextvars.ContextVar("colour", default="none")


class Counter:
    """Adds in two steps, with whatever happens in between."""

    def __init__(self, between=lambda: None):
        self._lock = OwnLock()
        self.between = between
        self.begun = self.done = 0

    @locked
    def add(self, number=1, *, fail=None):
        """Add `number`; returns the sum."""
        self.begun += number
        self.between()
        self.done += number
        if fail is not None:
            raise fail
        return self.done


def test_it_returns_what_the_call_returns_and_raises_what_it_raises():
    counter = Counter()
    assert counter.add(2) == 2
    with pytest.raises(KeyError, match="no"):
        counter.add(fail=KeyError("no"))
    assert counter.done == 3


def test_ctrl_c_is_raised_at_once_and_the_call_goes_on_to_its_end():
    begun, go = threading.Event(), threading.Event()

    def between():
        begun.set()
        go.wait(10)

    counter = Counter(between)

    def press():
        begun.wait(10)
        os.kill(os.getpid(), signal.SIGINT)

    presser = threading.Thread(target=press)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # it may be ignored here
    try:
        presser.start()
        with pytest.raises(KeyboardInterrupt):
            counter.add()
    finally:
        signal.signal(signal.SIGINT, before)
    assert (counter.begun, counter.done) == (1, 0)
    go.set()
    counter.between = lambda: None
    assert counter.add() == 2, "the first one came first"
    presser.join(10)


def test_a_handler_of_signals_may_call_what_it_has_interrupted():
    """It waits for nothing that it holds up itself, and finds nothing half done."""
    seen = []

    def handle(number, frame):
        counter.between = lambda: None
        seen.append(counter.add())

    before = signal.signal(signal.SIGTERM, handle)
    try:
        counter = Counter(lambda: os.kill(os.getpid(), signal.SIGTERM))
        assert counter.add() == 1
        assert run_uninterrupted(lambda: 7) == 7
    finally:
        signal.signal(signal.SIGTERM, before)
    assert seen == [2]


def test_the_context_of_the_caller_is_the_calls():
    colour.set("red")
    assert run_uninterrupted(colour.get) == "red"
    colour.set("none")


def test_other_threads_make_their_calls_themselves():
    threads = []
    thread = threading.Thread(
        target=lambda: threads.append(run_uninterrupted(threading.current_thread))
    )
    thread.start()
    thread.join()
    assert threads == [thread]
    assert run_uninterrupted(threading.current_thread) is not threading.main_thread()
