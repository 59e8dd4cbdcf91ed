"""A service's stream as the page that watches it has it, where the service lets one of us watch.

The page's browser records what it plays, and sends the file while it grows. It may come late, by a
kernel that is busy, but whole: nothing is left out, and what is under way is bounded.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from ...core.clock import Clock
from ...core.log import get_logger
from ...core.tasks import TaskSet, wait_until
from ...engine.playout import SAMPLE_RATE
from ...errors import CannotRecord, MediaError
from ...protocol.page import ToPage
from ...protocol.page_media import MediaOver, MediaPiece, MediaTaken, SendMedia, StopMedia

if TYPE_CHECKING:
    from ...media.container_reader import Item
    from ...media.received_stream import StreamListener

log = get_logger(__name__)

ASK_EVERY_S = 2.0
"""A page that has not begun is asked again: a server may have dropped the message."""

BEGIN_S = 40.0
"""A page that has not begun by then is given up: it waits for its picture for half of that."""

SILENT_S = 300.0
"""One of which nothing comes for so long is gone: a kernel may be as busy as that."""

ENOUGH_WAITING = 1_000_000
"""With so many bytes that wait to be decoded the page is not told to go on,"""

MOST_WAITING = 8_000_000
"""and one that goes on all the same is not ours."""

HOLD_S = 1.0
"""A picture waits so long for a recording that is busy with those before it,"""

PAGE_IS_FULL = 16_000_000
"""unless the page has so many bytes waiting: then pictures are left out."""

PAGE_WENT = "The page that sends the picture has gone."


class Reader(Protocol):
    """Decodes a file while it comes: a `ContainerReader`."""

    @property
    def waiting(self) -> int:
        """Bytes that have come and were not read."""

    def feed(self, data: bytes) -> None:
        """The next bytes of the file."""

    def end(self) -> None:
        """That was all."""

    def release(self) -> None:
        """One item is used."""

    def close(self) -> None:
        """Read no more."""


OpenReader = Callable[
    [str, Callable[["Item"], None], Callable[["MediaError | None"], None]], Reader
]


def _open_reader(
    kind: str, on_item: Callable[[Item], None], on_end: Callable[[MediaError | None], None]
) -> Reader:
    from ...media.container_reader import ContainerReader  # late: few need it

    return ContainerReader(kind, on_item, on_end)


class PageReception:
    """What one page sends. `begin()`, then `take` what comes of it; `close()` has it end.

    Args:
        page: Its name.
        listener: Told what comes, and when nothing comes any more.
        send: Tells the page something.
        clock: Time.
        open_reader: Opens what decodes a file of a type.

    Attributes:
        closed: Nobody wants it any more.
    """

    def __init__(
        self,
        page: str,
        listener: StreamListener,
        send: Callable[[ToPage], None],
        clock: Clock,
        open_reader: OpenReader = _open_reader,
    ) -> None:
        self.page = page
        self.sending = uuid.uuid4().hex[:12]
        self._listener, self._send, self._clock = listener, send, clock
        self._open_reader = open_reader
        self._tasks = TaskSet("what a page sends")
        self._items: asyncio.Queue[Item | MediaError | None] = asyncio.Queue()
        self._reader: Reader | None = None
        self._taken = 0
        self._waiting_there = 0
        self._began_at = float("inf")  # by our clock, when the file began
        self._heard_until = 0.0  # in the file
        self._came_at = clock.now()
        self._changed = asyncio.Event()
        self._over: MediaError | None = None
        self._told = self._owes = self.closed = False

    async def begin(self) -> None:
        """Have the page begin.

        Raises:
            CannotRecord: Its browser cannot.
            MediaError: It does not.
        """
        deadline = self._clock.now() + BEGIN_S
        while not self._taken and self._over is None:
            if self._clock.now() >= deadline:
                what = f"The page has not begun to send its picture within {BEGIN_S:.0f} s."
                raise MediaError(what, "Reload the page, and record again.")
            self._send(SendMedia(self.page, self.sending))
            self._changed.clear()
            await wait_until(self._clock, self._clock.now() + ASK_EVERY_S, self._changed)
        if self._over is not None:
            raise self._over
        self._tasks.start(self._deliver(), "deliver what a page sends")
        self._tasks.start(self._watch(), "watch a page that sends")

    def take(self, piece: MediaPiece, buffers: Sequence[bytes]) -> None:
        """The next bytes; what came before is acknowledged again."""
        self._came_at = self._clock.now()
        self._waiting_there = piece.waiting
        if self._over is not None:
            return
        if piece.number == self._taken + 1 and (buffers or piece.number == 1):
            try:
                self._put(piece, buffers)
            except MediaError as error:
                self.lose(error)
                return
            self._taken += 1
            self._changed.set()
        self._owes = True
        self._acknowledge()

    def end(self, over: MediaOver) -> None:
        """The page sends nothing more; what has come is still decoded."""
        error = (CannotRecord if over.final else MediaError)(over.what, over.fix)
        if self._reader is None:
            self.lose(error)
        else:
            self._over = self._over or error
            self._reader.end()

    def lose(self, error: MediaError) -> None:
        """Nothing more comes, since `error`."""
        self._over = self._over or error
        self._changed.set()
        if self._taken:
            self._tell_lost()

    async def close(self) -> None:
        """Want no more of it."""
        self._told = self.closed = True
        self._send(StopMedia(self.page, self.sending))
        if self._reader is not None:
            self._reader.close()
        await self._tasks.close()

    # ---- inside -----------------------------------------------------------------------------

    def _put(self, piece: MediaPiece, buffers: Sequence[bytes]) -> None:
        self._began_at = min(self._began_at, self._clock.now() - piece.recorded_ms / 1000)
        if self._reader is None:
            self._reader = self._open(piece.kind)
        for data in buffers:
            self._reader.feed(data)
        if self._reader.waiting > MOST_WAITING:
            raise MediaError("The page sends more than it was asked for.", "Reload the page.")

    def _acknowledge(self) -> None:
        if self._owes and (self._reader is None or self._reader.waiting <= ENOUGH_WAITING):
            self._owes = False
            self._send(MediaTaken(self.page, self.sending, self._taken))

    def _open(self, kind: str) -> Reader:
        loop = asyncio.get_running_loop()

        def pass_on(item: Item | MediaError | None) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._items.put_nowait, item)

        return self._open_reader(kind, pass_on, pass_on)

    async def _deliver(self) -> None:
        """Give the listener what comes; whatever happens, it is told of the end."""
        try:
            over = await self._deliver_items()
            self._over = self._over or over
        except Exception as failure:
            log.exception("What a page sent could not be delivered, in a way nobody foresaw")
            self._over = MediaError(f"What the page sent could not be used: {failure!r}.")
        self._tell_lost()

    async def _deliver_items(self) -> MediaError:
        """Returns why nothing more comes."""
        from ...media.container_reader import Picture

        assert self._reader is not None  # noqa: S101  # it has begun
        while not isinstance(item := await self._items.get(), MediaError | None):
            if isinstance(item, Picture):
                if self._waiting_there < PAGE_IS_FULL:
                    await self._listener.wait_taken(HOLD_S)
                early_s = item.at - self._heard_until
                self._listener.on_picture(item.at, item.picture, early_s)
            else:
                self._heard_until = item.at + len(item.samples) / SAMPLE_RATE
                self._listener.on_sound(item.samples, self._began_at + item.at)
            self._reader.release()
            self._acknowledge()
        return item or MediaError(PAGE_WENT)

    async def _watch(self) -> None:
        """A page may go without a word."""
        while self._clock.now() < self._came_at + SILENT_S:
            await self._clock.sleep_until(self._came_at + SILENT_S)
        self.lose(MediaError(f"Nothing has come of the page for {SILENT_S:.0f} s."))

    def _tell_lost(self) -> None:
        if not self._told and self._over is not None:
            self._told = True
            self._listener.on_lost(self._over)
