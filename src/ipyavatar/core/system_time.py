"""The system's own clocks, whatever the program puts in their place.

Tests and notebooks freeze time or replace `time.sleep`; a deadline of ours must come all the same.
"""

from __future__ import annotations

import time


class SystemTime:
    """Attributes of a class: libraries that freeze time replace those of modules."""

    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)
