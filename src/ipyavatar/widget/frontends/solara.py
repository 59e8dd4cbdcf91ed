"""Solara: an app with a virtual kernel per visitor, all in one process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from .base import FrontEnd, Shown, closer


class Solara(FrontEnd):
    """Widgets belong to a visitor's context; threads of ours have none, or another one's."""

    name = "Solara"
    has_pages = True
    unshown_wait_s = FrontEnd.shown_wait_s

    def __init__(self, context: Any) -> None:
        self._context = context

    def adopt(self, widget: Shown) -> None:
        """It is closed when the visitor has left."""
        self._context.on_close(closer(widget))

    def deliver(self, send: Callable[[], object]) -> None:
        """Send it in the visitor's context."""
        self.call(send)

    def call(self, function: Callable[..., object], *arguments: object) -> None:
        """Call it in the visitor's context."""
        if self._context.closed_event.is_set():
            return  # there is nothing left to use
        with self._context:
            function(*arguments)


def find() -> FrontEnd | None:
    """Solara's server, where it runs us."""
    server = sys.modules.get("solara.server.kernel_context")
    if server is None or not server.has_current_context():
        return None
    return Solara(server.get_current_context())
