import threading

from ipyavatar.widget.frontends.solara import Solara
from tests.support.fakes.closable import Closable


class Context:
    """A visitor's virtual kernel."""

    def __init__(self):
        self.closed_event = threading.Event()
        self.depth = 0
        self.ends = []
        self.on_close = self.ends.append

    def __enter__(self):
        self.depth += 1

    def __exit__(self, *error):
        self.depth -= 1


def test_messages_and_observers_are_in_the_visitors_context():
    """Threads of ours have another visitor's, or none."""
    context = Context()
    here, depths = Solara(context), []
    here.deliver(lambda: depths.append(context.depth))
    here.call(lambda more: depths.append(context.depth + more), 10)
    assert depths == [1, 11]
    context.closed_event.set()
    here.deliver(lambda: depths.append("nobody is there"))
    assert depths == [1, 11]


def test_it_is_closed_when_the_visitor_leaves():
    context, widget = Context(), Closable()
    Solara(context).adopt(widget)
    (end,) = context.ends
    assert not widget.closed.is_set()
    end()
    assert widget.closed.is_set()
