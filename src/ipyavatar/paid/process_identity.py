"""Which process holds a session, and whether it is gone.

A process id alone is not enough: ids are used again, and it means something only where it was
given. So an identity is a *place* (machine, boot, namespace of process ids), an id there, and when
that process began. Two containers may share a name and a home directory: only a process of the very
same place is judged by its id; of any other one nothing is known here.
"""

from __future__ import annotations

import functools
import hashlib
import os
import socket
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class System(Protocol):
    """What is asked of the operating system."""

    def place(self) -> str:
        """Where process ids mean what they mean here; empty when that cannot be told."""

    def start_of(self, pid: int) -> str | None:
        """When the living process `pid` began; None where there is none.

        Empty when it lives, but that is hidden.
        """


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """A process.

    Attributes:
        host: The machine's name, for people: others may have the same one.
        pid: Its id.
        started: `PLACE:START`, comparable only for equality; empty where it cannot be found out.
    """

    host: str
    pid: int
    started: str

    @classmethod
    def of(cls, pid: int, system: System | None = None) -> ProcessIdentity:
        """The process `pid` of this place."""
        system = system or this_system()
        place, start = system.place(), system.start_of(pid)
        return cls(socket.gethostname(), pid, f"{place}:{start}" if place and start else "")

    @classmethod
    def me(cls) -> ProcessIdentity:
        """This process."""
        return _identity_of(os.getpid())


@functools.lru_cache(maxsize=4)
def _identity_of(pid: int) -> ProcessIdentity:
    return ProcessIdentity.of(pid)


def is_gone(owner: ProcessIdentity, system: System | None = None) -> bool | None:
    """Whether `owner` has ended; None when that cannot be known from here."""
    system = system or this_system()
    place, _, start = owner.started.rpartition(":")
    if not place or place != system.place():
        return None
    now = system.start_of(owner.pid)
    if now is None:
        return True
    return now != start if now else None  # else some process has this id, and that is all we see


@functools.cache
def this_system() -> System:
    """The one this process runs on."""
    return LinuxSystem() if sys.platform == "linux" else PsutilSystem()


def start_mark(pid: int) -> str | None:
    """When the living process `pid` began; None where there is none, empty when that is hidden."""
    return this_system().start_of(pid)


class LinuxSystem:
    """By `/proc`.

    A start is counted in ticks since boot, which a change of the clock does not touch: wall-clock
    times, as psutil gives them, move with it, and a running session would then look abandoned.

    Args:
        root: Where the system's files are.
        own_pid: Gives the id of this process.
    """

    def __init__(self, root: Path = Path("/"), own_pid: Callable[[], int] = os.getpid) -> None:
        self._proc = root / "proc"
        self._machine_id = root / "etc" / "machine-id"
        self._own_pid = own_pid

    def place(self) -> str:
        """Machine, boot, namespaces of process ids and time; hashed: a machine's id is private."""
        try:
            if os.readlink(self._proc / "self") != str(self._own_pid()):
                return ""  # /proc is of another namespace: it shows the processes of others
            namespace = os.readlink(self._proc / "self" / "ns" / "pid")
            boot = (self._proc / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return ""
        try:
            machine = self._machine_id.read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            machine = ""  # a container may have none; boot and namespace are enough to differ
        # In a namespace of time of its own the same process began at another tick.
        return _hash(machine, boot, namespace, self._time_namespace()) if boot else ""

    def _time_namespace(self) -> str:
        try:
            return os.readlink(self._proc / "self" / "ns" / "time")
        except OSError:
            return ""  # an older kernel has none

    def start_of(self, pid: int) -> str | None:
        """In clock ticks since boot."""
        if pid <= 0:
            return None
        try:
            stat = (self._proc / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return None
        except OSError:
            return ""
        # The second field is the command in brackets, and may hold spaces and brackets itself.
        state, *fields = stat.rpartition(")")[2].split()
        if state in {"Z", "X"}:
            return None  # ended, only not yet fetched by its parent
        return fields[18]  # field 22, starttime


class PsutilSystem:
    """Where there is no `/proc`, and process ids have no namespaces."""

    def place(self) -> str:
        """The machine."""
        node = uuid.getnode()
        # With this bit it is not an address of a network card but a number drawn by chance.
        return _hash(sys.platform, socket.gethostname() if node >> 40 & 1 else str(node))

    def start_of(self, pid: int) -> str | None:
        """In Unix seconds."""
        try:
            import psutil  # type: ignore[import-untyped]  # its stubs are a package of their own
        except ImportError:
            return ""
        try:
            process = psutil.Process(pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return None
            return f"{process.create_time():.0f}"
        except (psutil.NoSuchProcess, ValueError):
            return None
        except psutil.Error:
            return ""


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(("ipyavatar", *parts)).encode()).hexdigest()[:16]
