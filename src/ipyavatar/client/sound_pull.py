"""Users' iterators of sound, run on the thread that asks for the next piece.

Asynchronous ones, and coroutines, run on a loop of that thread's own.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import AsyncIterable, Coroutine, Iterable, Iterator
from typing import Any


class SoundPull:
    """Gets pieces out of what a user gave. Used on one thread, but for `cancel`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: asyncio.Task[Any] | None = None
        self._cancelled = False

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
        return self._run(_await(value)) if inspect.isawaitable(value) else value

    def cancel(self) -> None:
        """Have what an asynchronous source waits for end; idempotent, from any thread."""
        with self._lock:
            self._cancelled = True
            loop, waiting = self._loop, self._waiting
            if loop is not None and waiting is not None:
                loop.call_soon_threadsafe(waiting.cancel)

    def close(self) -> None:
        """End the loop, if there is one."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()

    def _asynchronous(self, source: AsyncIterable[Any]) -> Iterator[Any]:
        iterator = source.__aiter__()
        try:
            while True:
                try:
                    piece = self._run(_await(iterator.__anext__()))
                except StopAsyncIteration:
                    return
                yield piece
        finally:
            aclose = getattr(iterator, "aclose", None)
            if aclose is not None:
                self._own_loop().run_until_complete(aclose())

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        loop = self._own_loop()
        with self._lock:
            task = self._waiting = loop.create_task(work)
            if self._cancelled:
                task.cancel()
        try:
            return loop.run_until_complete(task)
        finally:
            with self._lock:
                self._waiting = None

    def _own_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
            return self._loop


async def _await(value: Any) -> Any:
    return await value
