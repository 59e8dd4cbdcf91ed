"""Users' iterators of sound, run on the thread that asks for the next piece.

Asynchronous ones, and coroutines, run on a loop for users' code that goes on: what a voice keeps
from one sentence to the next, such as a client, belongs to it.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import inspect
import threading
from collections.abc import AsyncIterable, Coroutine, Iterable, Iterator
from typing import Any

from ..core.user_loop import UserLoop

_user_loop = UserLoop("ipyavatar-sound-loop")
_END = object()

CLOSE_S = 5.0
"""The end of an asynchronous iterator is waited for so long."""


class SoundPull:
    """Gets pieces out of what a user gave. Used on one thread, but for `cancel`.

    Args:
        loop: Runs what is asynchronous.

    Attributes:
        busy: Whether what `result` waited for still runs: it may block its loop, and does not heed
            that it is cancelled.
    """

    def __init__(self, loop: UserLoop = _user_loop) -> None:
        self._loop = loop
        self.busy = False
        self._lock = threading.RLock()  # a finalizer may cancel on a thread that has it
        self._waiting: concurrent.futures.Future[Any] | None = None
        self._cancelled = False

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for more."""
        return self._cancelled

    def pieces(self, source: Iterable[Any] | AsyncIterable[Any]) -> Iterator[Any]:
        """The pieces of `source`; its own end is run when this is closed."""
        if isinstance(source, AsyncIterable):
            yield from self._asynchronous(source)
            return
        iterator = iter(source)
        try:
            yield from iterator
        finally:
            close = getattr(iterator, "close", None)
            if close is not None:
                close()

    def result(self, value: Any) -> Any:
        """What a function gave; of an asynchronous one, what it will give.

        Raises:
            CancelledError: `cancel` was called meanwhile.
        """
        return self._run(self._work(value)) if inspect.isawaitable(value) else value

    def cancel(self) -> None:
        """Have what an asynchronous source waits for end; idempotent, from any thread."""
        with self._lock:
            self._cancelled = True
            waiting = self._waiting
        if waiting is not None:
            waiting.cancel()

    def _asynchronous(self, source: AsyncIterable[Any]) -> Iterator[Any]:
        iterator = source.__aiter__()
        try:
            while (piece := self._run(_next(iterator))) is not _END:
                yield piece
        finally:
            aclose = getattr(iterator, "aclose", None)
            if aclose is not None:
                # One that was cancelled may still be at its own end.
                with contextlib.suppress(RuntimeError, concurrent.futures.TimeoutError):
                    self._loop.start(_await(aclose())).result(CLOSE_S)

    async def _work(self, value: Any) -> Any:
        self.busy = True
        try:
            return await value
        finally:
            self.busy = False

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        waiting = self._loop.start(work)
        with self._lock:
            self._waiting = waiting
            cancelled = self._cancelled
        if cancelled:
            waiting.cancel()
        try:
            return waiting.result()
        finally:
            with self._lock:
                self._waiting = None


async def _await(value: Any) -> Any:
    return await value


async def _next(iterator: Any) -> Any:
    try:
        return await iterator.__anext__()
    except StopAsyncIteration:
        return _END
