"""The ipykernel 7.4 subshell trap.

JupyterLab sends widget messages to a subshell, so that they are handled while a cell runs.
ipykernel 7.4 undoes that: it remembers the shell on which a comm last published (the main one, for
a widget made in a cell) and sends the page's messages there, where they wait for the cell. Without
that memory the front end's own choice counts again. The attribute is private, so this is guarded,
and `tests/e2e/test_subshell_canary.py` tells when it has changed.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import Any


def has_subshells(kernel: Any) -> bool:
    """Whether this kernel can hear a page while a cell runs."""
    return getattr(kernel, "shell_channel_thread", None) is not None


def in_subshell() -> bool:
    """Whether this thread is a subshell: there a page's messages are handled."""
    ipykernels = getattr(sys.modules.get("ipykernel.subshell"), "SubshellThread", ())
    return isinstance(threading.current_thread(), ipykernels)


def hear_while_busy(widget: Any) -> None:
    """Have messages to `widget` handled on the shell the front end chose.

    One that chooses none (nbclassic, VS Code) waits for the cell, or for a `wait()` in it
    (`kernel_messages`): sent to a subshell of ours, what nbclassic shows vanished from its page.
    """
    with contextlib.suppress(Exception):
        widget.comm._reply_subshell_for = None
