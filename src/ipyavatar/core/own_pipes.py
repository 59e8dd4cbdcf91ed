"""The pipes that a process of ours is talked to through: nobody else reads or writes there.

Libraries print, and so does what an environment runs in every Python that starts (`sitecustomize`,
`.pth` files): between two messages that would end the process. So what starts ours moves the pipes
away first (`core/python_process.py`), and the usual places are nobody's.
"""

from __future__ import annotations

import os
from typing import BinaryIO


def open_pipes(source: int = 0, out: int = 1) -> tuple[BinaryIO, BinaryIO]:
    """What this process reads from and writes to.

    Args:
        source: Its descriptor.
        out: Its descriptor. Where both stand at their usual places, they are moved from there.
    """
    if (source, out) == (0, 1):
        source, out = os.dup(source), os.dup(out)
        os.dup2(2, 1)
    return os.fdopen(source, "rb"), os.fdopen(out, "wb")
