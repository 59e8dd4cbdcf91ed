"""What a page says is handled while a cell runs: on a subshell of the kernel (ipykernel 7).

JupyterLab and Notebook choose one themselves. ipykernel 7.4 undoes that: it remembers the shell on
which a comm last published (the main one, for a widget made in a cell) and sends the page's
messages there, where they wait for the cell. So we say where they go: where the front end has
chosen, else (nbclassic, VS Code) to one subshell of our own. All that is private there, so it is
guarded, and `tests/e2e/test_subshell_canary.py` tells when it has changed.
"""

from __future__ import annotations

import contextlib
import weakref
from typing import Any


def has_subshells(kernel: Any) -> bool:
    """Whether this kernel can hear a page while a cell runs."""
    return getattr(kernel, "shell_channel_thread", None) is not None


def hear_while_busy(widget: Any) -> None:
    """Have messages to `widget` handled while a cell runs."""
    with contextlib.suppress(Exception):
        kernel = widget.comm.kernel
        widget.comm._reply_subshell_for = lambda _data, chosen: chosen or _own_subshell(kernel)


_own: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()  # one for all avatars


def _own_subshell(kernel: Any) -> str | None:
    """Id of our subshell; None, the main shell, where none can be made.

    Called by the kernel on the thread that makes subshells.
    """
    if kernel not in _own:
        with contextlib.suppress(Exception):
            _own[kernel] = kernel.shell_channel_thread.manager._create_subshell()
    return _own.get(kernel)
