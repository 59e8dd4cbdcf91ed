"""A Jupyter kernel: JupyterLab, Notebook, nbclassic, VS Code, Colab; Voila; jobs without a page.

And IPython without a kernel.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from IPython.core.getipython import get_ipython

from ..kernel_messages import find_queue, hear_while_waiting
from .base import KEPT_S, SOON_S, FrontEnd, Shown, asker, stopper
from .cell_rerun import replace_in_cell
from .subshell import has_subshells, hear_while_busy, in_subshell
from .visitor import Visitor

VOILA = ("VOILA_BASE_URL", "VOILA_REQUEST_URL")
"""Environment variables that Voila gives its kernels."""


class JupyterFrontEnd(FrontEnd):
    """A page is connected to this kernel, and hears and is heard while a cell runs."""

    name = "the notebook"
    has_pages = True
    unshown_wait_s = SOON_S

    def __init__(self, kernel: Any) -> None:
        self._kernel = kernel

    def adopt(self, widget: Shown) -> None:
        """What an earlier run of its cell made is closed; the kernel's end ends all."""
        hear_while_busy(widget)
        hear_while_waiting(self._kernel)
        replace_in_cell(widget)

    def runs_code(self) -> bool:
        """Cells run on the main thread, what a page's buttons and sliders call on a subshell."""
        return super().runs_code() or in_subshell()


class Terminal(FrontEnd):
    """IPython in a terminal."""

    name = "a terminal"
    shows_widgets = False


class DeafKernel(JupyterFrontEnd):
    """What a page says waits for the cell that runs, and cannot be let in."""

    name = "a notebook with this kernel"
    unshown_wait_s = shown_wait_s = KEPT_S
    holds_up_page = True


_visitor = Visitor()  # of Voila's kernel


class Voila(JupyterFrontEnd):
    """Voila: its page comes when all cells have run, and each visitor has a kernel.

    It would end the kernel when the page is left, but 0.5 refuses the page's request for that.
    """

    name = "Voila"
    unshown_wait_s = shown_wait_s = KEPT_S
    holds_up_page = True

    def adopt(self, widget: Shown) -> None:
        """It is stopped when the visitor has left."""
        super().adopt(widget)
        _visitor.adopt(stopper(widget), asker(widget))

    def hear(self, *, leaving: bool = False) -> None:
        """A page has said something."""
        _visitor.hear(leaving=leaving)


class Batch(JupyterFrontEnd):
    """A job that nobody looks at, as of nbconvert or papermill: there will be no page."""

    unshown_wait_s = shown_wait_s = 0.0


def find() -> FrontEnd | None:
    """The kernel's front end, where a kernel runs us."""
    return choose(get_ipython(), os.environ)


def choose(shell: Any, environ: Mapping[str, str]) -> FrontEnd | None:
    """The front end of the kernel, or the terminal, whose shell this is."""
    if shell is None:
        return None
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return Terminal()
    if any(name in environ for name in VOILA):
        return Voila(kernel)
    if _is_batch(shell):
        return Batch(kernel)
    hears = has_subshells(kernel) or find_queue(kernel) is not None
    return JupyterFrontEnd(kernel) if hears else DeafKernel(kernel)


def _is_batch(shell: Any) -> bool:
    """Whether the running cell was sent by somebody who cannot be asked for anything."""
    parent = shell.get_parent() or {}
    return (parent.get("content") or {}).get("allow_stdin") is False
