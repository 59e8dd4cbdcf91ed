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
