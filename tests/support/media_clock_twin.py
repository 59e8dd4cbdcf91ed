"""The offline twin as a process whose RTP time stamps begin at zero, not anywhere.

Then every packet tells its media time, and a listener can hold sound and pictures against each
other without decoding them. Everything else is the twin as it is.
"""

from __future__ import annotations

import itertools
import sys

from aiortc import rtcrtpsender

from ipyavatar.twin.server import main

# aiortc takes SSRCs and the first time stamps from here: numbers that differ, but are so small
# that they are less than a millisecond of either clock for the first few dozen senders.
_numbers = itertools.count(1)
rtcrtpsender.random32 = lambda: next(_numbers)  # type: ignore[attr-defined]

if __name__ == "__main__":
    sys.exit(main())
