import asyncio
import contextlib
from types import SimpleNamespace

import pytest

from ipyavatar.widget.frontends.shiny import Shiny
from tests.support.fakes.closable import Closable


class FakeShiny:
    """Takes messages in a session alone, and sends them when it is flushed, under its lock."""

    def __init__(self):
        self.current = None
        self.waiting = []
        self.gone = []
        self.ends = []
        self._lock = asyncio.Lock()
        self.reactive = SimpleNamespace(lock=lambda: self._lock, flush=self._flush)
        self.session = SimpleNamespace(session_context=self._in_session)
        self.visitor = SimpleNamespace(on_ended=self.ends.append)

    def take(self, message):
        assert self.current is self.visitor
        self.waiting.append(message)

    @contextlib.contextmanager
    def _in_session(self, session):
        self.current = session
        yield
        self.current = None

    async def _flush(self):
        assert self._lock.locked()
        self.gone += self.waiting
        self.waiting.clear()


@pytest.fixture
def anyio_backend():
    return "asyncio"


pytestmark = pytest.mark.anyio


async def sent(shiny, count):
    async def wait():
        while len(shiny.gone) < count:
            await asyncio.sleep(0)

    await asyncio.wait_for(wait(), 20)
    return shiny.gone


async def test_messages_are_sent_on_the_loop_in_the_session_and_flushed():
    """From any thread, in order; one that is refused ends nothing."""
    shiny = FakeShiny()
    here = Shiny(shiny.visitor, shiny)

    def refused():
        raise RuntimeError("The session has ended.")

    def tell():
        for number in range(3):
            here.deliver(lambda number=number: shiny.take(number))
            here.deliver(refused)

    await asyncio.to_thread(tell)
    assert await sent(shiny, 3) == [0, 1, 2]
    here.deliver(lambda: shiny.take("later"))
    assert shiny.gone == [0, 1, 2], "not in the caller's step"
    assert (await sent(shiny, 4))[-1] == "later"


async def test_it_is_closed_when_the_visitor_leaves():
    shiny, widget = FakeShiny(), Closable()
    Shiny(shiny.visitor, shiny).adopt(widget)
    (end,) = shiny.ends
    assert not widget.closed.is_set()
    end()
    assert widget.closed.is_set()
