"""What the main thread does while it waits for a handle."""

import threading

import pytest

from ipyavatar.core import waiting
from ipyavatar.core.handle import Handle
from ipyavatar.core.waiting import let_in_while_waiting


@pytest.fixture(autouse=True)
def _nothing_after_it():
    yield
    waiting._here.let_in = None


def test_what_the_cell_holds_up_is_let_in_and_may_end_the_wait():
    handle = Handle()
    calls = []

    def let_in():
        calls.append(threading.current_thread() is threading.main_thread())
        if len(calls) == 3:
            handle.finish("heard")

    let_in_while_waiting(let_in)
    assert handle.wait(20) == "heard"
    assert calls == [True] * 3


def test_on_another_thread_nothing_is_let_in():
    calls = []
    let_in_while_waiting(lambda: calls.append(1))
    handle = Handle()

    def wait():
        with pytest.raises(TimeoutError):
            handle.wait(0.1)

    thread = threading.Thread(target=wait)
    thread.start()
    thread.join()
    assert calls == []
