import threading
from types import SimpleNamespace

from ipyavatar.widget.frontends.marimo import Marimo
from tests.support.fakes.closable import Closable


class Registry:
    def __init__(self):
        self.items = []

    def add(self, item):
        item.create(None)
        self.items.append(item)


def front_end():
    return Marimo(SimpleNamespace(cell_lifecycle_registry=Registry()))


def test_it_is_closed_when_its_cell_runs_again():
    """And marimo is told that this is done with."""
    here, widget = front_end(), Closable()
    here.adopt(widget)
    (item,) = here._context.cell_lifecycle_registry.items
    assert not widget.closed.is_set()
    assert item.dispose(None, deletion=False)
    assert widget.closed.is_set()


def test_it_is_closed_when_the_thread_that_is_its_visitors_kernel_ends():
    widget, go = Closable(), threading.Event()

    def kernel():
        front_end().adopt(widget)
        go.wait()

    thread = threading.Thread(target=kernel)
    thread.start()
    assert not widget.closed.is_set()
    go.set()
    assert widget.closed.wait(10)
    thread.join()


def test_however_often_a_cell_runs_one_thread_waits_for_the_end_of_the_kernel():
    """And closes all that is still there."""
    widgets, made, go = [Closable() for _ in range(20)], threading.Event(), threading.Event()

    def kernel():
        for widget in widgets:
            front_end().adopt(widget)
        made.set()
        go.wait()

    before = threading.active_count()
    thread = threading.Thread(target=kernel)
    thread.start()
    assert made.wait(10)
    assert threading.active_count() - before == 2
    go.set()
    assert all(widget.closed.wait(10) for widget in widgets)
    thread.join()
