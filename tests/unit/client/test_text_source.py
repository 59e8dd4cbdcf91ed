"""A user's iterator is read on a thread of its own, as fast as it is used, and closed."""

import asyncio
import concurrent.futures
import threading

import pytest

from ipyavatar.client.text_source import WINDOW, TextSource, describe, require_bits
from ipyavatar.errors import AvatarError, InvalidArgument, SpeechFailed, type_name
from tests.support.odd_errors import NAMES, ODD, hollow

WAIT_S = 10.0


class Sink:
    """Takes it all, and says when it is over."""

    def __init__(self):
        self.bits, self.failures = [], []
        self.over = threading.Event()
        self.changed = threading.Condition()

    def add(self, bit):
        with self.changed:
            self.bits.append(bit)
            self.changed.notify_all()
        return len(bit)

    def end(self, failure):
        self.failures.append(failure)
        self.over.set()

    def wait_for(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.bits) >= count, 10)


class Silence:
    """Time in which a source gives nothing: it passes when a test says so.

    Attributes:
        limits: Of the waits that had one, in turn.
    """

    def __init__(self):
        self.limits = []
        self._noted = threading.Condition()
        self._waits = []
        self._passed = 0

    def wait_for(self, condition, predicate, timeout=None):
        passed = self._passed
        if timeout is not None:
            self.limits.append(timeout)
        if not predicate():
            with self._noted:
                self._waits.append((condition, timeout))
                self._noted.notify_all()
        condition.wait_for(lambda: predicate() or (timeout is not None and self._passed > passed))
        return predicate()

    def pass_by(self, timeout):
        """Once one waits so long at most: as long as that and longer."""
        with self._noted:
            assert self._noted.wait_for(
                lambda: self._waits and self._waits[-1][1] == timeout, WAIT_S
            )
            condition = self._waits[-1][0]
        with condition:
            self._passed += 1
            condition.notify_all()


def read(begin, **options):
    sink = Sink()
    source = TextSource("test", begin, sink, **options)
    source.start()
    return source, sink


async def in_async(bits):
    for bit in bits:
        yield bit


async def answer(value):
    return value


@pytest.mark.parametrize(
    "begin",
    [
        lambda: "a b",
        lambda: ["a ", "b"],
        lambda: iter(["a ", "", None, "b"]),
        lambda: in_async(["a ", "b"]),
        lambda: answer("a b"),
        lambda: answer(iter(["a ", "b"])),
        lambda: answer(in_async(["a ", "b"])),
    ],
)
def test_every_kind_of_source_is_read_to_its_end(begin):
    _, sink = read(begin)
    assert sink.over.wait(10)
    assert "".join(sink.bits) == "a b"
    assert sink.failures == [None]


def fails():
    yield "good"
    raise ValueError("bad")


async def fails_async():
    yield "good"
    raise ValueError("bad")


@pytest.mark.parametrize("begin", [fails, fails_async])
def test_what_it_raises_is_told_after_what_was_good(begin):
    _, sink = read(begin)
    assert sink.over.wait(10)
    assert sink.bits == ["good"]
    assert [repr(failure) for failure in sink.failures] == ["ValueError('bad')"]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_it_is_read_only_as_fast_as_it_is_used_and_closed_at_the_end(kind):
    """Back-pressure and cancellation reach the source."""
    closed = threading.Event()

    def endless():
        try:
            while True:
                yield "ten chars "
        finally:
            closed.set()

    async def endless_async():
        try:
            while True:
                await asyncio.sleep(0)
                yield "ten chars "
        finally:
            closed.set()

    source, sink = read(endless if kind == "sync" else endless_async)
    sink.wait_for(WINDOW // 10)
    assert len(sink.bits) == WINDOW // 10  # and it waits: nothing was used
    source.acknowledge(30)
    sink.wait_for(WINDOW // 10 + 3)
    assert len(sink.bits) == WINDOW // 10 + 3
    assert not closed.is_set()
    source.cancel()
    assert closed.wait(10)
    assert not sink.over.is_set()  # nobody wants to know


def test_what_is_cancelled_while_it_waits_is_closed():
    """An async source that waits for its service is cancelled at once."""
    waiting, closed = threading.Event(), threading.Event()

    async def waits():
        try:
            waiting.set()
            await asyncio.sleep(3600)
            yield "never"
        finally:
            closed.set()

    source, _ = read(waits)
    assert waiting.wait(10)
    source.cancel()
    assert closed.wait(10)


def test_a_response_is_closed_not_only_its_iterator():
    class Response:
        closed = False

        def __iter__(self):
            return iter(["a"])

        def close(self):
            Response.closed = True

    _, sink = read(Response)
    assert sink.over.wait(10)
    assert Response.closed


@pytest.mark.parametrize("bits", [[1], [b"a"], [["a"]]])
def test_a_piece_that_is_no_text_is_named(bits):
    _, sink = read(lambda: iter(bits))
    assert sink.over.wait(10)
    assert isinstance(sink.failures[0], InvalidArgument)
    assert type(bits[0]).__name__ in str(sink.failures[0])


@pytest.mark.parametrize("bit", ["", None, "x" * 1000])
def test_one_that_yields_for_ever_is_ended(bit):
    """Nothing, for ever, is too much as well."""

    def for_ever():
        while True:
            yield bit

    sink = Sink()
    source = TextSource("test", for_ever, sink)
    sink.add = lambda bit: 0  # all of it is used at once
    source.start()
    assert sink.over.wait(30)
    assert isinstance(sink.failures[0], SpeechFailed)


def test_silence_for_too_long_is_an_error():
    let_go = threading.Event()

    def hangs():
        let_go.wait(30)
        yield "late"

    silence = Silence()
    _, sink = read(hangs, silence_s=45, wait_for=silence.wait_for)
    silence.pass_by(45)
    assert sink.over.wait(10)
    assert "gave nothing for 45 s" in str(sink.failures[0])
    assert silence.limits == [45], "it is counted once"
    let_go.set()


@pytest.mark.parametrize("source", [7, b"a", {"a": 1}, {"a"}, object(), ["a", 1]])
def test_what_cannot_be_a_text_is_refused_before_it_is_read(source):
    with pytest.raises(AvatarError) as refused:
        require_bits(source)
    assert refused.value.fix


def test_who_waits_for_room_is_not_silent():
    silence = Silence()
    source, sink = read(lambda: iter(["x" * WINDOW, "y"]), silence_s=45, wait_for=silence.wait_for)
    sink.wait_for(1)
    silence.pass_by(None)
    source.acknowledge(WINDOW)
    assert sink.over.wait(10)
    assert sink.failures == [None]


def test_many_async_sources_that_wait_for_room_hold_up_none():
    """The first of a long queue of speeches is read on, and users' own calls in threads, too."""

    async def long():
        for _ in range(3):
            yield "x" * WINDOW

    many = [read(long) for _ in range(40)]
    for _, sink in many:
        sink.wait_for(1)

    async def in_thread():
        yield await asyncio.to_thread(lambda: "read")

    _, threaded = read(in_thread)
    assert threaded.over.wait(10)
    source, sink = many[0]
    for count in (2, 3):
        source.acknowledge(WINDOW)
        sink.wait_for(count)
    for source, _ in many:
        source.cancel()


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, asyncio.CancelledError])
@pytest.mark.parametrize("how", ["sync", "async"])
def test_whatever_it_raises_is_its_failure(kind, how):
    """None of these ends a speech as if all had been said."""

    def raises():
        yield "good"
        raise kind

    async def raises_async():
        yield "good"
        raise kind

    _, sink = read(raises if how == "sync" else raises_async)
    assert sink.over.wait(10)
    assert sink.bits == ["good"]
    assert isinstance(sink.failures[0], (kind, concurrent.futures.CancelledError))


def test_an_end_that_raises_is_no_failure_of_the_text():
    class Response:
        def __iter__(self):
            return iter(["a"])

        def close(self):
            raise ValueError("closed before")

    _, sink = read(Response)
    assert sink.over.wait(10)
    assert (sink.bits, sink.failures) == (["a"], [None])


def test_an_error_that_cannot_be_shown_is_named_all_the_same():
    class Unshowable(Exception):
        def __str__(self):
            raise ValueError("no words")

    assert "Unshowable" in describe(Unshowable())


@pytest.mark.parametrize("kind", [*ODD, lambda: hollow(SpeechFailed)], ids=[*NAMES, "Hollow"])
def test_whatever_cannot_be_shown_is_told_of_as_well(kind):
    """Else the speech would wait for its text for ever."""
    failure = kind()
    assert describe(failure) == f"What gives the text raised {type_name(failure)}: no message"
