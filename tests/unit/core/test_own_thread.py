"""A thread that makes calls in order, one for each process."""

import contextlib
import os
import threading

from ipyavatar.core.own_thread import OwnThread

SOON_S = 20.0


def test_calls_are_made_in_order_on_one_thread_within_what_is_around_them():
    entered, made, reached = [], [], threading.Event()

    @contextlib.contextmanager
    def around():
        entered.append(threading.current_thread().name)
        yield

    thread = OwnThread("in-order", around)
    assert not thread.runs
    for number in range(50):
        thread.put(lambda number=number: made.append((number, thread.current)))
    thread.put(reached.set)
    assert reached.wait(SOON_S)
    assert made == [(number, True) for number in range(50)]
    assert entered == ["in-order"]
    assert thread.runs
    assert not thread.current


def test_what_waits_is_counted():
    thread, go = OwnThread("counted"), threading.Event()
    begun = threading.Event()
    thread.put(lambda: (begun.set(), go.wait(SOON_S)))
    assert begun.wait(SOON_S)
    for _ in range(3):
        thread.put(lambda: None)
    assert thread.waiting == 3
    go.set()


def test_a_forked_child_has_its_own():
    """Its parent's is not there: what is put would wait for ever."""
    thread, reached = OwnThread("forked"), threading.Event()
    thread.put(reached.set)
    assert reached.wait(SOON_S)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        runs, made = thread.runs, threading.Event()
        thread.put(made.set)
        os.write(write, b"%d%d" % (runs, made.wait(SOON_S)))
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 2) == b"01"
