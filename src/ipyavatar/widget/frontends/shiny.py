"""Shiny for Python: an app with a session per visitor, all on one loop."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import deque
from collections.abc import Callable
from typing import Any

from ...core.log import get_logger
from .base import KEPT_S, FrontEnd, Shown, closer

log = get_logger(__name__)


class Shiny(FrontEnd):
    """Messages are taken on its loop, in a session, and go out when that is flushed."""

    name = "Shiny"
    has_pages = True
    unshown_wait_s = shown_wait_s = KEPT_S
    holds_up_page = True

    def __init__(self, session: Any, shiny: Any) -> None:
        self._session = session
        self._shiny = shiny
        self._loop = asyncio.get_running_loop()
        self._sends: deque[Callable[[], object]] = deque()
        self._sending: asyncio.Task[None] | None = None

    def adopt(self, widget: Shown) -> None:
        """It is closed when the visitor has left; shinywidgets closes what is rendered anew."""
        self._session.on_ended(closer(widget))

    def deliver(self, send: Callable[[], object]) -> None:
        """Send it on the loop, in the session."""
        self._sends.append(send)
        with contextlib.suppress(RuntimeError):  # the program has ended
            self._loop.call_soon_threadsafe(self._send_soon)

    def _send_soon(self) -> None:
        if self._sending is None or self._sending.done():
            self._sending = self._loop.create_task(self._send_all())

    async def _send_all(self) -> None:
        reactive = self._shiny.reactive
        while self._sends:
            async with reactive.lock():
                with self._shiny.session.session_context(self._session):
                    while self._sends:
                        self._send(self._sends.popleft())
                # What was sent waits for a flush, and nothing else may bring one.
                await reactive.flush()

    @staticmethod
    def _send(send: Callable[[], object]) -> None:
        try:
            send()
        except Exception:  # the visitor has left
            log.debug("A message to a page was not sent", exc_info=True)


def find() -> FrontEnd | None:
    """Shiny, where it runs us."""
    shiny = sys.modules.get("shiny")
    current = shiny.session.get_current_session() if shiny else None
    if current is None or current.is_stub_session():
        return None
    return Shiny(current.root_scope(), shiny)
