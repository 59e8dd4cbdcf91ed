"""Where the text of a streamed speech comes from: the user's iterator, read on its own thread.

It may block, raise, be async, or have no end. Nothing of ours waits for it; when its speech has
ended it is closed, as soon as it lets go of its thread.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import inspect
import threading
from collections.abc import AsyncIterable, Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple, Protocol

from ..core.guard import guard
from ..core.text import LONGEST_TEXT, name_error
from ..core.threads import GuardedThread
from ..core.user_loop import UserLoop
from ..errors import AvatarError, InvalidArgument, SpeechFailed, type_name

WINDOW = 200
"""Characters that are sent ahead of what the host has begun to use: about a sentence and a half."""

_user_loop = UserLoop("ipyavatar-sources-loop")


class Giver(NamedTuple):
    """Who gives the text, as messages tell of it.

    Attributes:
        name: What it is called, at the beginning of a sentence.
        more_time: The keyword that gives it more time; empty where there is none.
    """

    name: str = "What gives the text"
    more_time: str = ""


ITERATOR = Giver()


class TextSink(Protocol):
    """Who gets the text. Called on the source's thread, or on the loop of what is async."""

    def add(self, bit: str) -> int:
        """More of it; returns how many characters were sent on."""

    def end(self, failure: BaseException | None) -> None:
        """There is no more, and why, unless that is as it should be. Called once."""


class _Cancelled(Exception):
    """Nobody wants more."""


class TextSource:
    """One iterator, or a call that gives one, and how far it has been read.

    Args:
        name: Of the thread.
        begin: Gives the text, an iterable or an async one of bits of it, or an awaitable of these.
        sink: Gets it.
        silence_s: What gives nothing for so long has failed; None waits as long as it takes.
        giver: Who gives the text.
        wait_for: How silence is waited for: as by `Condition.wait_for`; tests let time pass by it.
    """

    def __init__(
        self,
        name: str,
        begin: Callable[[], Any],
        sink: TextSink,
        silence_s: float | None = None,
        giver: Giver = ITERATOR,
        *,
        wait_for: Callable[..., bool] = threading.Condition.wait_for,
    ) -> None:
        self._name = name
        self._wait_for = wait_for
        self._giver = giver
        self._begin = begin
        self._sink = sink
        self._silence_s = silence_s
        self._changed = threading.Condition()
        self._ahead = 0
        self._length = 0
        self._bits = 0
        self._over = False
        self._on_room: Callable[[], object] = _nothing
        self._pending: concurrent.futures.Future[Any] | None = None

    def start(self) -> None:
        """Begin to read."""
        GuardedThread(target=self._run, name=self._name, daemon=True).start()
        if self._silence_s is not None:
            GuardedThread(target=self._watch, name=f"{self._name}-watch", daemon=True).start()

    def acknowledge(self, characters: int) -> None:
        """So much of what was sent is in use."""
        with self._changed:
            self._ahead = max(0, self._ahead - characters)
            self._changed.notify_all()
            if self._ahead < WINDOW:
                self._on_room()

    def cancel(self) -> None:
        """No more is wanted. Does not wait: what blocks is closed when it lets go."""
        with self._changed:
            self._over = True
            self._changed.notify_all()
            pending = self._pending
        if pending is not None:
            pending.cancel()

    # ---- inside: on its thread ----------------------------------------------------------------

    def _run(self) -> None:
        failure: BaseException | None = None
        try:
            self._read(self._begin())
        except BaseException as error:  # also of sys.exit(), or a cancelled task of the user's
            failure = error  # of one that we cancelled nobody wants to know
        finally:
            self._begin = _nothing  # what the user gave is let go of
        self._end(failure)

    def _end(self, failure: BaseException | None) -> None:
        with self._changed:
            over, self._over = self._over, True
            self._changed.notify_all()
        if not over:
            self._sink.end(failure)

    def _read(self, source: Any) -> None:
        if not inspect.isawaitable(source) and not isinstance(source, AsyncIterable):
            self._take_all(source)
            return
        pending = _user_loop.start(self._drain(source))
        with self._changed:
            self._pending = pending
            over = self._over
        if over:
            pending.cancel()
        self._take_all(pending.result())

    def _take_all(self, source: Any) -> None:
        if isinstance(source, str):
            self._take(source)
            return
        self._require_bits(source)
        iterator = iter(source)
        try:
            for bit in iterator:
                self._take(bit)
                self._wait_for_room()
        finally:
            # A response is closed itself, not its iterator.
            for one in (iterator,) if iterator is source else (iterator, source):
                close = getattr(one, "close", None)
                if callable(close):
                    with guard("The end of an iterator of text"):
                        close()

    def _require_bits(self, source: Any) -> None:
        """Refuse what a call has given, and is no text.

        Raises:
            InvalidArgument: It is none.
        """
        if source is None:  # a forgotten `return`
            fix = "Return the words to say: a str, or an iterator of str."
            raise InvalidArgument(f"{self._giver.name} returned None.", fix)
        try:
            require_bits(source)
        except InvalidArgument as error:
            what = f"{self._giver.name} returned what is no text. {error.what}"
            raise InvalidArgument(what, error.fix) from error

    async def _drain(self, source: Any) -> Any:
        """Read what is async; returns what is left: it may block, and is for our thread."""
        if inspect.isawaitable(source):
            source = await source
        if not isinstance(source, AsyncIterable):
            return source
        iterator = aiter(source)
        try:
            async for bit in iterator:
                self._take(bit)
                await self._room_on_loop()
        finally:
            close = getattr(iterator, "aclose", None)
            if callable(close):
                with guard("The end of an async iterator of text"):
                    await close()
        return ""

    def _take(self, bit: Any) -> None:
        """Pass a bit on.

        Raises:
            InvalidArgument: It is no text.
            SpeechFailed: There is too much.
        """
        with self._changed:
            if self._over:
                raise _Cancelled
            self._bits += 1
            self._changed.notify_all()
        if bit is None:
            bit = ""  # as services send it that have nothing to say yet
        if not isinstance(bit, str):
            what = f"The text came in pieces, and one of them is {type_name(bit)}, not text."
            fix = "Give an iterator of str; of a chunk, the text in it. Of sound: Audio(it, rate)."
            raise InvalidArgument(what, fix)
        self._length += max(1, len(bit))  # nothing, for ever, is too much as well
        if self._length > LONGEST_TEXT:
            what = f"It has more than {LONGEST_TEXT:,} characters, or pieces; the rest is left out."
            raise SpeechFailed(what, "Is there an end to it? Give each part to a speech.")
        sent = self._sink.add(bit)
        with self._changed:
            self._ahead += sent

    async def _room_on_loop(self) -> None:
        """The same for what is async: no thread waits, or many speeches would take them all."""
        room = asyncio.Event()
        with self._changed:
            if self._ahead < WINDOW:
                return
            self._on_room = partial(asyncio.get_running_loop().call_soon_threadsafe, room.set)
        await room.wait()

    def _wait_for_room(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._over or self._ahead < WINDOW)
            if self._over:
                raise _Cancelled

    def _watch(self) -> None:
        """End it where nothing comes for too long, unless it waits for us."""
        with self._changed:
            while self._comes_in_time():
                pass
            if self._over:
                return
        what = f"{self._giver.name} gave nothing for {self._silence_s:g} s."
        longer = f": {self._giver.more_time}" if self._giver.more_time else ""
        self._end(SpeechFailed(what, f"Look what it waits for, or give it more time{longer}."))
        self.cancel()

    def _comes_in_time(self) -> bool:
        """Wait for the next bit, under the condition; False at the end, and where none comes."""
        self._wait_for(self._changed, lambda: self._over or self._ahead < WINDOW)
        bits = self._bits
        came = lambda: self._over or self._bits != bits or self._ahead >= WINDOW  # noqa: E731
        return self._wait_for(self._changed, came, self._silence_s) and not self._over


def _nothing() -> str:
    return ""


def require_bits(source: object) -> None:
    """Refuse what is no iterable of bits of text, as far as one sees that before it is read.

    Raises:
        InvalidArgument: It is not.
    """
    what = f"A text comes as str, or as an iterator of str, not as {type_name(source)}."
    if isinstance(source, (bytes, bytearray, memoryview)):
        raise InvalidArgument(what, 'Decode it first: value.decode("utf-8").')
    wrong = isinstance(source, (Mapping, set, frozenset)) or hasattr(source, "__array__")
    if wrong or not isinstance(source, (Iterable, AsyncIterable)):
        raise InvalidArgument(what, "Pass a str, for example str(value).")
    if isinstance(source, (list, tuple)):
        for bit in source:
            if bit is not None and not isinstance(bit, str):
                what = f"One of the pieces is {type_name(bit)}, not text."
                raise InvalidArgument(what, "Give pieces of str.")


class SharedSources:
    """The iterators that are read: two speeches would each get a part of one.

    Kept by the program, not by a session. An iterator that can be read twice (a list) is not kept.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read: dict[int, object] = {}

    def claim(self, source: object) -> None:
        """Note that `source` is read now.

        Raises:
            InvalidArgument: Another speech reads it, or it has been read to its end.
        """
        if _has_ended(source):
            what = f"This {type_name(source)} has been read to its end."
            raise InvalidArgument(what, "Make another one for this speech.")
        with self._lock:
            if id(source) in self._read:
                what = "Another speech is reading this iterator; each would get a part of it."
                raise InvalidArgument(what, "Make another one, or use itertools.tee().")
            self._read[id(source)] = source

    def release(self, source: object) -> None:
        """It is not read any more."""
        with self._lock:
            self._read.pop(id(source), None)


def is_read_once(source: object) -> bool:
    """Whether it is an iterator, which gives each of its pieces once."""
    return hasattr(source, "__next__") or hasattr(source, "__anext__")


def _has_ended(source: object) -> bool:
    if inspect.isgenerator(source):
        return inspect.getgeneratorstate(source) == inspect.GEN_CLOSED
    return inspect.isasyncgen(source) and source.ag_frame is None


def describe(failure: BaseException, giver: Giver = ITERATOR) -> str:
    """Why a source has failed, in a sentence of ours or the user's own words."""
    if issubclass(type(failure), AvatarError):  # `isinstance` asks the user's own `__class__`
        with contextlib.suppress(BaseException):  # a class of theirs, made from one of ours
            return str(failure)
    return f"{giver.name} raised {name_error(failure)}"
