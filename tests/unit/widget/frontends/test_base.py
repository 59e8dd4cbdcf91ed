import gc
import weakref

from ipyavatar.protocol.page import Sync
from ipyavatar.widget.frontends.base import FrontEnd, asker, closer, stopper
from tests.support.fakes.closable import Closable


def test_what_closes_a_widget_does_not_keep_it():
    """A widget that is thrown away earlier is closed by nobody."""
    widget = Closable()
    seen, close = weakref.ref(widget), closer(widget)
    close()
    assert widget.closed.is_set()
    del widget
    gc.collect()
    assert seen() is None
    close()


def test_a_widget_that_cannot_be_closed_ends_no_hook():
    widget = Closable()
    widget.closed = None
    closer(widget)()


def test_what_goes_on_is_asked_and_stopped_and_what_has_ended_by_itself_is_left_as_it_is():
    """It would have to be started again; so it goes on when somebody looks, or has it speak."""
    live, ended = Closable(), Closable("ended")
    for widget in (live, ended):
        asker(widget)()
        stopper(widget)()
    assert live.sent == [Sync()]
    assert live.stopped.is_set()
    assert ended.sent == []
    assert not ended.stopped.is_set()


def test_a_front_end_that_is_not_known_does_as_it_is_told():
    done = []
    here = FrontEnd()
    here.deliver(lambda: done.append("sent"))
    here.call(done.append, "called")
    here.adopt(Closable())
    assert done == ["sent", "called"]
    assert not here.holds_up_page
