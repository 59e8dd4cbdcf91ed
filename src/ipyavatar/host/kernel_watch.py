"""Notices the end of the kernel where a child that it has forked holds the pipe open."""

from __future__ import annotations

import os
from collections.abc import Callable

from ..core.clock import Clock
from ..paid.process_identity import start_mark

LOOK_EVERY_S = 0.5


async def wait_for_end(
    pid: int,
    clock: Clock,
    *,
    mark_of: Callable[[int], str | None] = start_mark,
    parent: Callable[[], int] = os.getppid,
    platform: str = os.name,
) -> None:
    """Return when the process `pid` has ended, or its id is another process' by now.

    Args:
        pid: The kernel. (The death signal of Linux would not do: it tells the end of a thread.)
        clock: Time.
        mark_of: Says when the living process of an id began; None when there is none, empty when
            that is hidden from us.
        parent: The parent of this process. On POSIX it changes with the parent's end.
        platform: As `os.name`.
    """
    if platform == "posix" and parent() == pid:
        while parent() == pid:
            await clock.sleep_until(clock.now() + LOOK_EVERY_S)
        return
    # Windows; or something stands between, like a launcher. Or it has ended already.
    began = mark_of(pid)
    while began is not None and mark_of(pid) == began:
        await clock.sleep_until(clock.now() + LOOK_EVERY_S)
