from types import SimpleNamespace

from ipyavatar.widget.frontends.panel import Panel
from tests.support.fakes.closable import Closable


class Document:
    def __init__(self):
        self.ticks, self.ends = [], []
        self.add_next_tick_callback = self.ticks.append
        self.on_session_destroyed = self.ends.append


def test_messages_are_sent_on_the_documents_loop():
    """Their order is kept; once the visitor has left, they are dropped."""
    document, sent = Document(), []
    here = Panel(document)
    here.deliver(lambda: sent.append(1))
    here.deliver(lambda: sent.append(2))
    assert sent == []
    for tick in document.ticks:
        tick()
    assert sent == [1, 2]
    del document.add_next_tick_callback  # a document that is gone raises
    here.deliver(lambda: sent.append(3))
    assert sent == [1, 2]


def test_it_is_closed_when_the_visitor_leaves():
    document, widget = Document(), Closable()
    Panel(document).adopt(widget)
    (end,) = document.ends
    assert not widget.closed.is_set()
    end(session_context=None)
    assert widget.closed.is_set()


def test_a_document_whose_visitor_has_left_is_given_nothing_more():
    """It would keep what it never sends, and with that the widget."""
    document, widget = Document(), Closable()
    here = Panel(document)
    here.adopt(widget)
    document.ends[0](session_context=None)
    here.deliver(lambda: None)
    assert document.ticks == []


def test_of_one_whose_document_is_gone_nothing_is_kept():
    """Bokeh refuses what ipywidgets sends of the end; its comm would be kept, and the widget."""

    class Comm:
        def publish_msg(self, *message):
            raise AttributeError("The document is gone.")

    class Widget(Closable):
        def close(self):
            for one in (self, self.layout):
                one.comm.publish_msg("comm_close")
                one.comm = None  # what ipywidgets does then
            super().close()

    document, widget = Document(), Widget()
    widget.comm, widget.layout = Comm(), SimpleNamespace(comm=Comm())
    Panel(document).adopt(widget)
    document.ends[0](session_context=None)
    assert widget.closed.is_set()
    assert (widget.comm, widget.layout.comm) == (None, None)
