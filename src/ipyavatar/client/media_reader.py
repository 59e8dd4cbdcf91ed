"""What `frames()` and `audio()` return: iterators of arrays, for loops and for async loops."""

from __future__ import annotations

import queue
import warnings
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from ..core.handle import Handle
from ..core.live_object import LiveObject
from ..core.near_miss import GuessesNames
from ..core.serving import refuse_to_wait
from ..core.uninterrupted import SLICE_S
from ..errors import AvatarError, SlowReader
from ..protocol import host as m
from ..protocol import media as mm

if TYPE_CHECKING:
    from typing_extensions import Self

    # NumPy takes longer to import than all of ours: a kernel that reads no media does without.
    from .timed_array import Frame, Sound

T = TypeVar("T", "Frame", "Sound")


class MediaReader(LiveObject, GuessesNames, Iterator[T], AsyncIterator[T], Generic[T]):
    """Gives arrays with their time, until the session ends, `until` is done, or it is closed.

        for frame in avatar.frames(until=avatar.speak("Hello!")):
            print(frame.timestamp, frame.shape)

    Where nobody watches the avatar live, the reader sets the pace: it gets everything, as fast as
    it takes it, and a speech is over sooner than it sounds. Where somebody watches, a reader that
    is too slow misses pictures, never sound. It is closed when nobody holds it any more.

    Attributes:
        dropped: Pictures that it was too slow for, so far.
    """

    kind: ClassVar[mm.ReaderKind]
    window: ClassVar[int]
    """How many are asked for ahead."""

    def __init__(
        self,
        session: str,
        name: str,
        send: Callable[[m.Command], object],
        until: Handle[Any] | None = None,
    ) -> None:
        self._session, self._name, self._send = session, name, send
        self.holds: object = None
        self._until = until
        self._taken = 0  # since more was asked for
        self._closing = self._over = False
        self.dropped = 0
        # No lock: what queues and lists do is C, and done at one stroke.
        self._events: queue.SimpleQueue[mm.MediaItem | _End] = queue.SimpleQueue()
        self._wakes: list[Handle[None]] = []
        self._end: weakref.finalize[Any, Any] = weakref.finalize(
            self, send, mm.CloseReader(session, name)
        )
        self._end.atexit = False

    def __repr__(self) -> str:
        state = "closed" if self._closing or self._over else "open"
        return f"<{type(self).__name__}: {state}, {self.dropped} dropped>"

    @property
    def command(self) -> mm.OpenReader:
        """What has the host begin."""
        return mm.OpenReader(self._session, self._name, self.kind, self.window)

    def close(self) -> None:
        """Read no more. Idempotent; what is on its way is still given out."""
        if not self._closing:
            self._closing = True
            self._end()

    def take(self, event: mm.MediaRead) -> None:
        """The host sends this; called on any thread."""
        self.dropped = max(self.dropped, event.dropped)
        for item in event.items:
            self._events.put(item)
        if event.ended:
            self.end(None if event.failure is None else event.failure.error())
        self._wake()

    def end(self, error: AvatarError | None) -> None:
        """Nothing more comes, since `error`; called on any thread."""
        self._events.put(_End(error))
        self._wake()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        while True:
            self._look_at_until()
            try:
                item = self._events.get_nowait()
            except queue.Empty:
                if self._over:
                    raise StopIteration from None
                refuse_to_wait()
                try:
                    item = self._events.get(timeout=SLICE_S)
                except queue.Empty:
                    continue
            given = self._give(item)
            if given is None:
                raise StopIteration
            return given

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while True:
            self._look_at_until()
            try:
                item = self._events.get_nowait()
            except queue.Empty:
                if self._over:
                    raise StopAsyncIteration from None
                await self._next_event()
                continue
            given = self._give(item)
            if given is None:
                raise StopAsyncIteration
            return given

    def _convert(self, item: mm.MediaItem) -> T:
        raise NotImplementedError

    def _look_at_until(self) -> None:
        if self._until is not None and self._until.done:
            self.close()

    async def _next_event(self) -> None:
        woken = Handle[None]()
        self._wakes.append(woken)
        if self._events.empty():
            await woken

    def _wake(self) -> None:
        while self._wakes:
            try:
                self._wakes.pop().finish(None)
            except IndexError:
                return

    def _give(self, item: mm.MediaItem | _End) -> T | None:
        """What the loop gets; None at the end."""
        if isinstance(item, _End):
            self._over = True
            self.close()
            if self.dropped:
                what = f"The loop was too slow for {self.dropped} pictures, which it did not get."
                warnings.warn(what, SlowReader, stacklevel=3)
            if item.error is not None:
                raise item.error
            return None
        self._taken += 1
        if self._taken >= self.window // 2 and not self._closing:
            self._taken, count = 0, self._taken
            self._send(mm.AskForMedia(self._session, self._name, count))
        return self._convert(item)


class FrameReader(MediaReader["Frame"]):
    """Pictures: `uint8[height, width, 3]`, RGB, 25 a second, with their `timestamp`."""

    kind = "frames"
    window = 4

    def _convert(self, item: mm.MediaItem) -> Frame:
        from .timed_array import Frame

        return Frame.of(item)


class AudioReader(MediaReader["Sound"]):
    """Sound: `float32[960]`, mono, 48,000 samples a second, with its `timestamp`."""

    kind = "audio"
    window = 50

    def _convert(self, item: mm.MediaItem) -> Sound:
        from .timed_array import Sound

        return Sound.of(item)


class _End:
    """The last of a reader's events."""

    def __init__(self, error: AvatarError | None) -> None:
        self.error = error
