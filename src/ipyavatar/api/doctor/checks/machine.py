"""Python, memory, clock, and the folder where state is kept."""

from __future__ import annotations

import contextlib
import os
import platform
import sqlite3
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

from .... import __version__
from ....paid.state_folder import STATE_DIR_VARIABLE, state_folder
from ..context import Context
from ..registry import check
from ..report import Finding

GROUP = "This machine"

PACKAGES = (
    *("aioice", "aiortc", "anywidget", "av", "httpx", "ipykernel", "ipython", "ipywidgets"),
    *("jupyterlab", "livekit", "notebook", "numpy", "onnxruntime"),
)
"""Whose versions a bug report has."""

MEMORY_NEEDED, MEMORY_SHORT = 250_000_000, 500_000_000
"""Bytes: the companion process takes the first; below the second others have little left."""

DISK_NEEDED = 20_000_000


@check(GROUP, "Versions")
def check_versions(context: Context) -> Finding:
    """Ours, Python's, and those of what we use."""
    del context
    versions = {}
    for name in PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    system = f"{platform.system()} {platform.release()} ({platform.machine()})"
    python = platform.python_version()
    what = f"ipyavatar {__version__} on Python {python}, {system}."
    facts = {"ipyavatar": __version__, "python": python, "system": system, "packages": versions}
    if sys.implementation.name != "cpython":
        return Finding("warning", what, "Only CPython was tried.", facts)
    return Finding("ok", what, facts=facts)


@check(GROUP, "Memory")
def check_memory(context: Context) -> Finding:
    """What is free, to this process's group as well as on the whole."""
    del context
    free, cores = free_memory(), _cores()
    facts = {"free_bytes": free, "cores": cores}
    if free is None:
        return Finding("not asked", "How much memory is free cannot be told here.", facts=facts)
    what = f"{free / 1e6:,.0f} MB are free, for {cores} {'cores' if cores > 1 else 'core'}."
    if free < MEMORY_NEEDED:
        fix = f"The avatar takes about {MEMORY_NEEDED / 1e6:.0f} MB: close other kernels."
        return Finding("failed", what, fix, facts)
    if free < MEMORY_SHORT:
        return Finding("warning", what, "Close other kernels before it gets slow.", facts)
    return Finding("ok", what, facts=facts)


@check(GROUP, "Clock")
def check_clock(context: Context) -> Finding:
    """That it goes on; services' clocks are compared where they are asked."""
    del context
    began, wall = time.monotonic(), time.time()
    time.sleep(0.02)
    step, wall_step = time.monotonic() - began, time.time() - wall
    facts = {"monotonic_step_ms": round(step * 1e3, 2), "wall_step_ms": round(wall_step * 1e3, 2)}
    if wall < 1_700_000_000 or not 0 < step < 5 or abs(wall_step - step) > 1:
        fix = "Set it (chrony, ntpd, Windows' time service): tokens of services go by it."
        return Finding("failed", "The clock is wrong, or jumps.", fix, facts)
    return Finding("ok", "It runs evenly.", facts=facts)


@check(GROUP, "State folder")
def check_state_folder(context: Context) -> Finding:
    """Where paid sessions are noted: it can be written, and SQLite can lock a file there."""
    folder = state_folder()
    given = context.environment.read(STATE_DIR_VARIABLE)
    shown = f"The folder of {STATE_DIR_VARIABLE}" if given else "The usual folder"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _try_database(folder)
    except (OSError, sqlite3.Error) as error:
        # Not its whole text: that has the path, and in it the user's name.
        why = getattr(error, "strerror", None) or type(error).__name__
        fix = f"Set {STATE_DIR_VARIABLE} to a folder of yours on a local disk."
        return Finding("failed", f"{shown} cannot be used: {why}.", fix)
    free = _free_bytes(folder)
    if free is not None and free < DISK_NEEDED:
        return Finding("warning", f"{shown} is nearly full.", "Make room there.")
    return Finding("ok", f"{shown} can be written.")


def _try_database(folder: Path) -> None:
    with (
        tempfile.TemporaryDirectory(dir=folder, prefix="doctor-") as place,
        contextlib.closing(sqlite3.connect(Path(place) / "probe.db")) as database,
    ):
        database.execute("CREATE TABLE probe (x)")
        database.commit()


def free_memory(root: Path = Path("/")) -> int | None:
    """Bytes that are free here; None where that cannot be told."""
    found = []
    with contextlib.suppress(OSError, ValueError, IndexError, StopIteration):
        lines = (root / "proc/meminfo").read_text().splitlines()
        line = next(line for line in lines if line.startswith("MemAvailable:"))
        found.append(int(line.split()[1]) * 1024)
    group = root / "sys/fs/cgroup"
    for most, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        with contextlib.suppress(OSError, ValueError):  # "max" is no number
            left = int((group / most).read_text()) - int((group / used).read_text())
            found.append(max(0, left))
    return min(found) if found else None


def _cores() -> int:
    with contextlib.suppress(AttributeError):  # not on every system
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _free_bytes(folder: Path) -> int | None:
    with contextlib.suppress(OSError, AttributeError):
        stat = os.statvfs(folder)
        return stat.f_bavail * stat.f_frsize
    return None
