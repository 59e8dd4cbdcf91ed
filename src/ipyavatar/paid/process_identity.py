"""Which process owns a session, and whether it is gone.

A process id alone is not enough: ids are used again. A process id with the time the process began
is. And it only means something on its own machine: home directories are shared between them.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """A process on a machine; `started` is a mark of when it began, comparable only for equality.

    An empty `started` means that this could not be found out.
    """

    host: str
    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> ProcessIdentity:
        """The process `pid` of this machine."""
        return cls(socket.gethostname(), pid, start_mark(pid) or "")

    @classmethod
    def me(cls) -> ProcessIdentity:
        """This process."""
        return cls.of(os.getpid())


def is_gone(
    owner: ProcessIdentity,
    *,
    host: str | None = None,
    mark_of: Callable[[int], str | None] | None = None,
) -> bool | None:
    """Whether `owner` has ended; None when that cannot be known from here.

    Args:
        owner: The process.
        host: This machine's name.
        mark_of: Gives the start mark of a living process, None for one that does not live.
    """
    if owner.host != (socket.gethostname() if host is None else host):
        return None
    mark = (mark_of or start_mark)(owner.pid)
    if mark is None:
        return True
    if not mark or not owner.started:
        return None  # some process has this id; whether it is the same cannot be told
    return mark != owner.started


def start_mark(pid: int) -> str | None:
    """When the living process `pid` began; empty when it lives but that is hidden; None when not.

    On Linux these are ticks since boot and the boot's id, which a change of the clock does not
    touch: wall-clock start times, as psutil gives them, move with it, and a running session would
    then look abandoned.
    """
    if pid <= 0:
        return None
    if Path("/proc/self/stat").exists():
        return _linux_mark(pid)
    return _psutil_mark(pid)


def _linux_mark(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    except OSError:
        return ""
    # The second field is the command in brackets, and may hold spaces and brackets itself.
    state, *fields = stat.rpartition(")")[2].split()
    if state in {"Z", "X"}:
        return None  # ended, only not yet fetched by its parent
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        boot = ""
    return f"{boot}:{fields[18]}"  # field 22, starttime, in clock ticks since boot


def _psutil_mark(pid: int) -> str | None:
    try:
        import psutil  # type: ignore[import-untyped]  # its stubs are a package of their own
    except ImportError:
        return ""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return f"{process.create_time():.0f}"
    except psutil.NoSuchProcess:
        return None
    except psutil.Error:
        return ""
