"""A widget that shows nothing: asks a page what its browser can do, and measures the way to it."""

from __future__ import annotations

import queue
import threading
import time
from typing import Any

import anywidget
from IPython.core.getipython import get_ipython

from .frontends.subshell import hear_while_busy
from .kernel_messages import hear_while_waiting
from .traits import built


class BrowserProbe(anywidget.AnyWidget):
    """Shown, it hears from its page. Its methods are called on another thread than the cell's.

    Attributes:
        waits_for_cell: Whether what the page said waited for the cell, until `wait()` let it in;
            front ends that choose a subshell are heard on another thread.
    """

    def __init__(self) -> None:
        self._heard: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        super().__init__(_esm=built("doctor.js"))
        self.on_msg(self._on_message)
        hear_while_busy(self)
        self.waits_for_cell = False
        hear_while_waiting(getattr(get_ipython(), "kernel", None))

    def _on_message(self, _widget: object, content: object, _buffers: object) -> None:
        self.waits_for_cell = threading.current_thread() is threading.main_thread()
        if isinstance(content, dict) and len(content) <= 20:
            self._heard.put(content)

    def read_facts(self, within_s: float) -> dict[str, Any] | None:
        """What the browser can do; None where no page has answered."""
        return self._await("facts", within_s)

    def ping(self, within_s: float) -> float | None:
        """Seconds to the page and back; None where it has not answered."""
        began = time.monotonic()
        self.send({"type": "ping", "n": 0})
        answer = self._await("pong", within_s)
        return None if answer is None else time.monotonic() - began

    def send_burst(
        self, frames: int, size: int, over_s: float, within_s: float
    ) -> dict[str, Any] | None:
        """Send so many messages of `size` bytes; what the page has counted."""
        payload, began = bytes(size), time.monotonic()
        for number in range(frames):
            time.sleep(max(0.0, began + number * over_s / frames - time.monotonic()))
            self.send({"type": "frame", "of": frames}, [payload])
        return self._await("counted", within_s)

    def _await(self, kind: str, within_s: float) -> dict[str, Any] | None:
        """The next message of that kind."""
        deadline = time.monotonic() + within_s
        while (left := deadline - time.monotonic()) > 0:
            try:
                message = self._heard.get(timeout=left)
            except queue.Empty:
                return None
            if message.get("type") == kind:
                return message
        return None
