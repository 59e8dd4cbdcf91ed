"""An executor that takes work also while the interpreter ends."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from .threads import GuardedThread

T = TypeVar("T")


class DaemonExecutor(ThreadPoolExecutor):
    """Runs each call on a daemon thread of its own.

    The usual one refuses work as soon as the main thread has ended, and asyncio looks up names
    with it: then no paid session that a script has left open could be stopped. For few calls.
    """

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Call `fn` on another thread."""
        future: Future[T] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:
                future.set_exception(error)

        GuardedThread(target=run, name="ipyavatar-call", daemon=True).start()
        return future
