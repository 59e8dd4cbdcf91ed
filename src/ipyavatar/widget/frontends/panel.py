"""Panel: an app with a Bokeh document per visitor."""

from __future__ import annotations

import contextlib
import sys
import weakref
from collections.abc import Callable
from typing import Any

from .base import KEPT_S, FrontEnd, Shown, closer


class Panel(FrontEnd):
    """The page comes when the app's code has run; a document is changed on its own loop."""

    name = "Panel"
    has_pages = True
    unshown_wait_s = shown_wait_s = KEPT_S
    holds_up_page = True

    def __init__(self, document: Any) -> None:
        self._document = document

    def adopt(self, widget: Shown) -> None:
        """It is closed when the visitor has left."""
        found = weakref.ref(widget)

        def end(session_context: object) -> None:
            del session_context
            self._document = None
            living = found()
            if living is not None:
                send_nothing(living)
                closer(living)()

        self._document.on_session_destroyed(end)

    def deliver(self, send: Callable[[], object]) -> None:
        """Send it on the document's loop."""
        document = self._document
        if document is not None:  # one that is gone would keep what it never sends
            with contextlib.suppress(Exception):  # the visitor is leaving
                document.add_next_tick_callback(send)


def send_nothing(widget: Shown) -> None:
    """Its document is gone, and refuses messages: one that cannot be sent keeps a widget alive.

    ipywidgets tells the page of the end first, and then lets go of it.
    """
    for one in (widget, getattr(widget, "layout", None)):
        comm = getattr(one, "comm", None)
        if comm is not None:
            comm.publish_msg = _ignore


def _ignore(*message: object, **more: object) -> None:
    """In place of sending."""


def find() -> FrontEnd | None:
    """Panel's server, where it runs us."""
    panel = sys.modules.get("panel")
    document = getattr(getattr(panel, "state", None), "curdoc", None)
    # In a notebook, and in a script, there is no visitor.
    if document is None or document.session_context is None:
        return None
    return Panel(document)
