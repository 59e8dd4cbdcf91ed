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
