"""The offline twin as a real process, and what it sees."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from tests.support.faults import assert_faults_fired
from tests.support.loopback import http

KEY = "seeded-process-key-4711"
HEADERS = {"X-Api-Key": KEY}


class TwinProcess:
    """A running twin."""

    def __init__(self, url: str) -> None:
        self.url = url

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = http.get(f"{self.url}/_twin/state", headers=HEADERS).json()
        return found

    def open(self) -> list[dict[str, Any]]:
        """The sessions that still exist."""
        return [s for s in self.state()["sessions"] if s["state"] != "closed"]

    def closed(self) -> list[dict[str, Any]]:
        return [s for s in self.state()["sessions"] if s["state"] == "closed"]

    def fault(self, **fault: Any) -> None:
        http.post(f"{self.url}/_twin/faults", json=fault, headers=HEADERS).raise_for_status()

    def forgive(self) -> None:
        """No faults any more."""
        http.delete(f"{self.url}/_twin/faults", headers=HEADERS).raise_for_status()


@contextlib.contextmanager
def twin_process(*options: str, faults_may_stay: bool = False) -> Iterator[TwinProcess]:
    """Start one on a free port, with `KEY` as its key.

    With `faults_may_stay`, for faults that are drawn by chance, not each of them has to happen.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "ipyavatar.cli", "serve", "--port", "0", "--api-key", KEY, *options],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        twin = TwinProcess(json.loads(process.stdout.readline())["url"])
        yield twin
        if not faults_may_stay:
            assert_faults_fired(twin.state())
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()
