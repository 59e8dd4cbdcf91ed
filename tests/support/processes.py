"""Waiting for real processes: on conditions, with a bound."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from tests.support.patience import patient


def until(condition: Callable[[], object], seconds: float, what: str) -> float:
    """Wait until `condition` holds; returns the seconds it took, fails after `patient(seconds)`."""
    begin = time.monotonic()
    while not condition():
        if time.monotonic() - begin > patient(seconds):
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.01)
    return time.monotonic() - begin


def alive(pid: int) -> bool:
    """Whether the process exists and is more than a zombie."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


Identity = tuple[int, float]
"""A process for good: its number is another one's some 30,000 processes and threads later."""


def identify(pid: int) -> Identity:
    """The process that has this number now; one that nobody is when none has."""
    try:
        return pid, psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return pid, 0.0


def is_running(process: Identity) -> bool:
    """Whether this very process exists and is more than a zombie."""
    pid, started = process
    # Processes reckon the machine's start, and so all others', each to a second or so.
    return alive(pid) and abs(identify(pid)[1] - started) < 5.0


def program(folder: Path, shell: str) -> str:
    """The path of a program in `folder` that is not Python."""
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{shell}\n")
    path.chmod(0o755)
    return str(path)


def script(code: str, python: str = sys.executable, **options: Any) -> subprocess.Popen[str]:
    """A Python process that runs `code`; talk to it over its pipes."""
    return subprocess.Popen(
        [python, "-c", textwrap.dedent(code)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **options,
    )
