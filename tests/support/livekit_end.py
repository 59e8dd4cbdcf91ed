"""How a process that uses LiveKit's native library ends."""

from __future__ import annotations

import json
import os
import sys
from typing import NoReturn


def tell(diary: object) -> NoReturn:
    """Print `diary` as JSON and end at once.

    The library's threads are not ended by `disconnect()`. While the interpreter ends, they abort
    the process once in some hundred runs (SIGABRT, after everything was printed).
    """
    print(json.dumps(diary))
    sys.stdout.flush()
    os._exit(0)
