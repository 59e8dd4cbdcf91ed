"""What a process of ours that plays media sets for itself; one of the user's is left alone."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from .memory import keep_little_free_memory

SWITCH_INTERVAL_S = 0.001
"""Threads hand over the GIL this often (Python's default is 5 ms): sound is due every 20 ms."""

OPENCV_THREADS = "OPENCV_FOR_THREADS_NUM"
"""OpenCV reads it when it is loaded."""


def prepare_media_process() -> None:
    """Set it; call this before OpenCV is loaded, and before threads begin.

    OpenCV would share the parts of each picture with a thread for each core, and those spin while
    they wait for the next one: measured on two cores, with 8 % of all that a talking avatar costs.
    Pictures are drawn by threads of ours as it is, and are too small to gain by more.
    """
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    os.environ.setdefault(OPENCV_THREADS, "1")
    keep_little_free_memory()


def forbid_core_dumps() -> None:
    """Keys are in this process's memory: a crash must not leave them in a file."""
    try:
        import resource
    except ImportError:
        return  # Windows writes none unless its administrator asks for them
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Where a program takes the dumps that limit does not hold; so what goes there is nothing.
    with contextlib.suppress(OSError):
        Path("/proc/self/coredump_filter").write_text("0x0", encoding="ascii")
