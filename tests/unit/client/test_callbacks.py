"""The thread of users' callbacks: in order, outside our locks, whatever they do."""

import gc
import logging
import sys
import threading
import weakref

import pytest

from ipyavatar.client import callbacks as callbacks_module
from ipyavatar.client.callbacks import MOST_WAITING, CallbackThread

SOON_S = 10.0


@pytest.fixture
def callbacks():
    thread = CallbackThread("test-callbacks")
    yield thread
    thread.close()


def all_called(callbacks):
    """Wait until all that was submitted has been called."""
    reached = threading.Event()
    callbacks.submit(reached.set)
    assert reached.wait(SOON_S)


def test_they_run_in_order_on_one_thread_that_is_not_ours(callbacks):
    """What comes later runs later."""
    called, threads = [], set()

    def call(number):
        called.append(number)
        threads.add(threading.current_thread().name)

    for number in range(100):
        callbacks.submit(lambda number=number: call(number))
    all_called(callbacks)
    assert called == list(range(100))
    assert threads == {"test-callbacks"}


def test_one_that_raises_is_shown_once_and_changes_nothing(callbacks, caplog):
    """Each place once, however often it fails; those behind it run."""
    with caplog.at_level(logging.ERROR, "ipyavatar"):
        for _ in range(5):
            callbacks.submit(lambda: 1 / 0)
        callbacks.submit(lambda: int("x"))
        all_called(callbacks)
    shown = [record.exc_info[0] for record in caplog.records]
    assert shown == [ZeroDivisionError, ValueError]
    assert all("callback of yours" in record.message for record in caplog.records)


@pytest.mark.parametrize("leave", [sys.exit, lambda: (_ for _ in ()).throw(KeyboardInterrupt)])
def test_one_that_wants_to_leave_does_not_take_the_thread_with_it(callbacks, leave, caplog):
    """`sys.exit()` in an observer ends that observer's call."""
    with caplog.at_level(logging.CRITICAL, "ipyavatar"):
        callbacks.submit(lambda: next(iter([leave()])))
        all_called(callbacks)


def test_one_that_waits_holds_up_nobody_who_submits(callbacks):
    """Only the callbacks behind it."""
    release, called = threading.Event(), []
    callbacks.submit(lambda: release.wait(SOON_S))
    for number in range(10):
        callbacks.submit(lambda number=number: called.append(number))  # returns at once
    assert called == []
    release.set()
    all_called(callbacks)
    assert called == list(range(10))


def test_a_callback_may_submit_and_close(callbacks):
    """It may be who closes the avatar."""
    done = threading.Event()

    def call():
        callbacks.submit(done.set)
        callbacks.close()

    callbacks.submit(call)
    assert done.wait(SOON_S)


def test_what_was_submitted_before_the_end_is_called_and_nothing_after(callbacks):
    """`close()` does not wait, and is idempotent."""
    release, called, last = threading.Event(), [], threading.Event()
    callbacks.submit(lambda: release.wait(SOON_S))
    callbacks.submit(lambda: called.append("before"))
    callbacks.submit(last.set)
    callbacks.close()
    callbacks.close()
    callbacks.submit(lambda: called.append("after"))
    release.set()
    assert last.wait(SOON_S)
    assert called == ["before"]


def test_the_thread_ends_by_itself_and_comes_again(monkeypatch):
    """After a while without a call; nobody has to close it for that."""
    monkeypatch.setattr(callbacks_module, "IDLE_S", 0.001)
    callbacks = CallbackThread("test-callbacks")
    threads = []
    for _ in range(3):
        called = threading.Event()

        def call(called=called):
            threads.append(threading.current_thread())
            called.set()

        callbacks.submit(call)
        assert called.wait(SOON_S)
        threads[-1].join(SOON_S)
        assert not threads[-1].is_alive()
    assert len(set(threads)) == 3


def test_what_was_called_is_not_kept(callbacks):
    """Neither the callback nor what it holds, while the thread waits for the next."""

    class Held:
        def call(self):
            pass

    held = Held()
    gone = weakref.ref(held)
    callbacks.submit(held.call)
    all_called(callbacks)
    del held
    gc.collect()
    assert gone() is None


def test_no_thread_without_a_call():
    """An avatar without observers has none."""
    before = threading.active_count()
    CallbackThread("test-callbacks").close()
    assert threading.active_count() == before


def test_one_that_never_returns_does_not_fill_the_memory(callbacks, caplog):
    """What waits behind it is bounded; the newest is kept, and it is said."""
    release, begun, over = threading.Event(), threading.Event(), threading.Event()
    heard = []
    callbacks.submit(lambda: begun.set() or release.wait(SOON_S))
    assert begun.wait(SOON_S)
    with caplog.at_level(logging.WARNING, "ipyavatar"):
        for number in range(MOST_WAITING + 6):
            callbacks.submit(lambda number=number: heard.append(number))
        callbacks.submit(over.set)
        release.set()
        assert over.wait(SOON_S)
    assert heard == list(range(7, MOST_WAITING + 6))
    assert ["7 calls were dropped" in record.message for record in caplog.records] == [True]


def test_what_is_dropped_may_call_again_while_it_goes(callbacks):
    """Its finalizer is the user's, and may wait for a thread that has something to submit."""
    go, hung = threading.Event(), []

    class Dropped:
        def __call__(self):
            pass

        def __del__(self):
            thread = threading.Thread(target=callbacks.submit, args=(len,), daemon=True)
            thread.start()
            thread.join(2.0)
            hung.append(thread.is_alive())

    callbacks.submit(lambda: go.wait(60))
    callbacks.submit(Dropped())
    while not hung:
        callbacks.submit(int)
    go.set()
    assert hung == [False]
