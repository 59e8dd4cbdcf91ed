"""Run a coroutine to its end, in a script and in a notebook cell alike, and change nothing."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import sys
import threading
from collections.abc import Awaitable, Coroutine, Iterator
from typing import Any, TypeVar

from ..core.secret import hides_keys
from ..errors import AvatarError, InvalidArgument, describe, type_name

T = TypeVar("T")

_ABSENT = object()


@hides_keys
def run(awaitable: Awaitable[T]) -> T:
    """Run a coroutine, or whatever else can be awaited, and return its result.

    In a notebook a loop is running already; then, and only then, nest-asyncio is applied to it so
    that it can run this to its end first. What that changes is as before when this returns. Plain
    `await` does the same in a cell and is better.

    Raises:
        InvalidArgument: It is nothing that can be awaited.
        AvatarError: The loop that is running is none that nest-asyncio knows (uvloop's).
    """
    _check(awaitable)
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return _run_alone(_as_coroutine(awaitable))
    with contextlib.ExitStack() as nested:
        try:
            nested.enter_context(_nesting.applied_to(loop))
        except AvatarError:
            if isinstance(awaitable, Coroutine):
                awaitable.close()  # it will not be awaited
            raise
        return loop.run_until_complete(_as_coroutine(awaitable))


def _check(given: object) -> None:
    if not inspect.isawaitable(given):
        what = f"run() takes a coroutine, or what else can be awaited, not {describe(given)}."
        raise InvalidArgument(what, "Call the async function: run(main()).")


async def _as_coroutine(awaitable: Awaitable[T]) -> T:
    return await awaitable


def _run_alone(coroutine: Coroutine[Any, Any, T]) -> T:
    if sys.version_info < (3, 11):
        return asyncio.run(coroutine)
    # With a factory, the loop that was set for this thread stays set.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(coroutine)


class _Nesting:
    """Applies nest-asyncio, and takes back what it changed when the last one is through."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._before: list[tuple[Any, str, object]] = []

    @contextlib.contextmanager
    def applied_to(self, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        """While this lasts, `loop` can be run from within.

        Raises:
            AvatarError: It is of a kind that nest-asyncio cannot change.
        """
        with self._lock:
            self._users += 1
            try:
                self._apply(loop)
            except BaseException:
                self._release()
                raise
        try:
            yield
        finally:
            with self._lock:
                self._release()

    def _apply(self, loop: asyncio.AbstractEventLoop) -> None:
        import nest_asyncio

        places = _changed_places(loop)
        before = [dict(vars(place)) for place in places]
        try:
            nest_asyncio.apply(loop)
        except ValueError as error:
            kind = type_name(loop)
            what = f"run() cannot run within a loop of the kind {kind}."
            raise AvatarError(what, "Use `await` instead.") from error
        finally:
            for place, had in zip(places, before, strict=True):
                for name, value in vars(place).items():
                    if had.get(name, _ABSENT) is not value:
                        self._before.append((place, name, had.get(name, _ABSENT)))

    def _release(self) -> None:
        self._users -= 1
        if self._users:
            return
        while self._before:
            place, name, value = self._before.pop()
            if value is _ABSENT:
                delattr(place, name)
            else:
                setattr(place, name, value)


def _changed_places(loop: asyncio.AbstractEventLoop) -> list[Any]:
    """Where nest-asyncio puts something else: modules, and the classes of loop and policy."""
    modules = [asyncio, asyncio.events, asyncio.tasks, asyncio.futures, asyncio.base_events]
    if (tornado := sys.modules.get("tornado.concurrent")) is not None:
        modules.append(tornado)
    policy = asyncio.get_event_loop_policy()
    return [*modules, *type(loop).__mro__[:-1], *type(policy).__mro__[:-1]]


_nesting = _Nesting()
