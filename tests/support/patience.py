"""How long a test waits: on a machine that has more to do everything takes longer."""

from __future__ import annotations

import os


def patient(seconds: float) -> float:
    """`seconds` where nothing else runs; as much longer as the machine is loaded."""
    if not hasattr(os, "getloadavg"):  # Windows
        return 2 * seconds
    return seconds * (1 + os.getloadavg()[0] / (os.cpu_count() or 1))
