"""Calls a function of the user's that answers, away from the twin's own loop.

It may block, hang or raise, be async or a generator. Each call has a thread; what is async in it
runs on one loop for all calls, since clients of services that it keeps belong to a loop. What does
not end when it is told to is left behind; while too many are, no more are begun.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import inspect
import threading
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Coroutine, Iterable, Mapping
from typing import Any

from ..core.text import name_error
from ..core.threads import GuardedThread
from ..core.user_loop import UserLoop
from ..errors import type_name

MAX_ANSWER = 20_000
"""Characters of one answer; what comes after them is not asked for."""

_OF_LOOPS = (
    StopIteration,
    StopAsyncIteration,
    TimeoutError,
    asyncio.TimeoutError,  # another one before Python 3.11
    concurrent.futures.CancelledError,
)
"""Raised on a loop, these say that something has ended, was not there in time, or was cancelled."""

MAX_CALLS = 16
"""Calls that run at one time, those left behind among them."""


class TooManyCalls(Exception):
    """So many calls have not come back that no more is begun."""


class ResponderFailed(Exception):
    """The function raised what means something to a loop: it would end it, or a wait in it."""


class UserFunction:
    """A function from text to an answer: text, an iterable of texts, or async ones of either."""

    def __init__(self, function: Callable[[str], Any]) -> None:
        self._function = function
        self._places = threading.BoundedSemaphore(MAX_CALLS)
        self._loop = UserLoop("ipyavatar-responder-loop")

    async def __call__(self, session: str, text: str) -> AsyncGenerator[str, None]:  # noqa: ARG002
        """The parts of the answer, as they come; closing the iterator ends the call.

        Raises:
            TypeError: It gives something that is no text.
            ResponderFailed: It raised what is no common error, as by `sys.exit()`.
            TooManyCalls: Too many have not come back.
        """
        if not self._places.acquire(blocking=False):
            raise TooManyCalls(f"{MAX_CALLS} calls of the responder have not come back")
        call = _Call(self._function, text, self._loop.start)
        GuardedThread(
            target=call.run, args=(self._places.release,), name="ipyavatar-responder", daemon=True
        ).start()
        try:
            while (part := await call.parts.get()) is not None:
                if isinstance(part, Exception):
                    raise part
                yield part
        finally:
            call.abandon()


class _Call:
    """One call; `parts` are its texts, an exception, or None at the end."""

    def __init__(
        self,
        function: Callable[[str], Any],
        text: str,
        run_async: Callable[[Coroutine[Any, Any, None]], concurrent.futures.Future[None]],
    ) -> None:
        self.parts: asyncio.Queue[str | Exception | None] = asyncio.Queue()
        self._function = function
        self._text = text
        self._run_async = run_async
        self._loop = asyncio.get_running_loop()
        self._length = 0
        self._abandoned = threading.Event()
        self._pending: concurrent.futures.Future[None] | None = None

    def run(self, on_end: Callable[[], None]) -> None:
        """On the call's own thread."""
        try:
            self._answer()
        except BaseException as error:  # also of sys.exit(): it is the user's code
            if not self._abandoned.is_set():
                self._put(_as_failure(error))
        finally:
            on_end()
            self._put(None)

    def _answer(self) -> None:
        answer = self._function(self._text)
        if not inspect.isawaitable(answer) and not isinstance(answer, AsyncIterable):
            self._take_all(answer)
            return
        self._pending = self._run_async(self._drain(answer))
        if self._abandoned.is_set():
            self._pending.cancel()
        self._pending.result()

    def _take_all(self, answer: Any) -> None:
        if isinstance(answer, str):
            self._take(answer)
            return
        if isinstance(answer, (bytes, bytearray, Mapping)) or not isinstance(answer, Iterable):
            raise TypeError(f"a responder gave {type_name(answer)}, not text")
        for part in answer:
            if not self._take(part):
                break

    async def _drain(self, answer: Any) -> None:
        if inspect.isawaitable(answer):
            answer = await answer
        if not isinstance(answer, AsyncIterable):
            self._take_all(answer)
            return
        async for part in answer:
            if not self._take(part):
                break

    def _take(self, part: Any) -> bool:
        """Pass a part on; False when no more is wanted."""
        if not isinstance(part, str):
            raise TypeError(f"a responder gave {type_name(part)}, not text")
        self._put(part[: MAX_ANSWER - self._length])
        self._length += max(1, len(part))  # nothing, for ever, is too much as well
        return self._length < MAX_ANSWER and not self._abandoned.is_set()

    def _put(self, part: str | Exception | None) -> None:
        # The twin may have ended meanwhile.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self.parts.put_nowait, part)

    def abandon(self) -> None:
        """No more is wanted; what blocks stays where it is, and keeps its place."""
        self._abandoned.set()
        if self._pending is not None:
            self._pending.cancel()


def _as_failure(error: BaseException) -> Exception:
    """What can be raised on the twin's loop, where some errors would be taken for its own."""
    kind = type(error)
    if not issubclass(kind, Exception) or issubclass(kind, _OF_LOOPS):
        failure = ResponderFailed(name_error(error))
        failure.__cause__ = error
        return failure
    return error  # type: ignore[return-value]
