"""marimo: notebooks, and apps with a kernel per visitor."""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

from ...core.threads import GuardedThread
from .base import KEPT_S, FrontEnd, Shown, asker, closer, stopper
from .visitor import Visitor


class Marimo(FrontEnd):
    """Outputs come when their cell has run, and what a page says waits for the cell that runs."""

    name = "marimo"
    has_pages = True
    unshown_wait_s = shown_wait_s = KEPT_S
    holds_up_page = True

    def __init__(self, context: Any) -> None:
        self._context = context
        self._visitor: Visitor | None = None

    def adopt(self, widget: Shown) -> None:
        """It is closed when its cell runs again or is deleted, and when the visitor has left."""
        close = closer(widget)
        self._context.cell_lifecycle_registry.add(_CellItem(close))
        kernel = threading.current_thread()
        if kernel is not threading.main_thread():  # an app: it has one visitor
            self._visitor = _visitors.setdefault(kernel, Visitor())
            self._visitor.adopt(stopper(widget), asker(widget))
            _close_after(kernel, widget)

    def hear(self, *, leaving: bool = False) -> None:
        """A page has said something."""
        if self._visitor is not None:
            self._visitor.hear(leaving=leaving)


class _CellItem:
    """Closes what a cell has made, when marimo disposes of it."""

    def __init__(self, close: Callable[[], None]) -> None:
        self._close = close

    def create(self, context: Any) -> None:
        """It is there already."""
        del context

    def dispose(self, context: Any, deletion: bool) -> bool:
        """The cell runs again, or is deleted."""
        del context, deletion
        self._close()
        return True


_visitors: weakref.WeakKeyDictionary[threading.Thread, Visitor] = weakref.WeakKeyDictionary()


_widgets: weakref.WeakKeyDictionary[threading.Thread, weakref.WeakSet[Any]] = (
    weakref.WeakKeyDictionary()
)


def _close_after(kernel: threading.Thread, widget: Shown) -> None:
    """Close it when the thread has ended: marimo ends it two minutes after the visitor has left."""
    if kernel in _widgets:
        _widgets[kernel].add(widget)
        return
    widgets = _widgets[kernel] = weakref.WeakSet([widget])

    def watch() -> None:
        kernel.join()
        for one in list(widgets):
            closer(one)()

    GuardedThread(target=watch, name="ipyavatar-marimo", daemon=True).start()


def find() -> FrontEnd | None:
    """marimo, where it runs us."""
    runtime = sys.modules.get("marimo._runtime.context")
    context = runtime.safe_get_context() if runtime else None
    return None if context is None else Marimo(context)
