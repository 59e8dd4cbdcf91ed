"""Widget messages while a cell waits, in ipykernel 6: there they wait for the end of the cell.

What has arrived is read on the main thread, as the kernel's loop would if the cell did not hold it
up: messages to widgets are handled at once, all else (cells that are to run, completions) goes into
the kernel's queue in its order. Nothing of the loop is nested, so that no other cell begins inside
of this one. The parts that are private there are looked for first; without them nothing is let in.
"""

from __future__ import annotations

import functools
from typing import Any

from ..core.guard import Guard
from ..core.log import get_logger
from ..core.waiting import let_in_while_waiting

log = get_logger(__name__)

FOR_WIDGETS = frozenset({"comm_open", "comm_msg", "comm_close"})

PARTS = (
    *("shell_stream", "shell_handlers", "session", "schedule_dispatch", "dispatch_shell"),
    *("io_loop", "_publish_status"),
)
"""What of the kernel is used."""

AT_ONCE_MOST = 100
"""Messages handled in one go: whoever waits looks whether it is done in between."""


def hear_while_waiting(kernel: Any) -> bool:
    """Have widgets of this kernel heard while its main thread waits for a handle. Whether it can.

    Nothing to do for ipykernel 7, which hears them on another thread.
    """
    if not KernelMessages.can_be_let_in(kernel):
        return False
    let_in_while_waiting(KernelMessages(kernel).let_in)
    return True


class KernelMessages:
    """Used on the kernel's main thread."""

    def __init__(self, kernel: Any) -> None:
        self._kernel = kernel
        self._guard = Guard("A message to a widget could not be handled", log)

    @staticmethod
    def can_be_let_in(kernel: Any) -> bool:
        """Whether this kernel is one whose messages wait for the cell, and can be let in."""
        has_own_thread = getattr(kernel, "shell_channel_thread", None) is not None  # ipykernel 7
        return not has_own_thread and all(getattr(kernel, name, None) for name in PARTS)

    def let_in(self) -> int:
        """Handle what has arrived; returns how many messages that were."""
        socket = self._kernel.shell_stream.socket
        count = 0
        while count < AT_ONCE_MOST and socket.poll(0):
            parts = socket.recv_multipart(copy=False)
            count += 1
            self._guard.run(functools.partial(self._handle, parts), "a message")
        if count:
            # The loop is woken by what comes new, not by what we have left behind.
            self._kernel.io_loop.add_callback(self._kernel.shell_stream.flush)
        return count

    def _handle(self, parts: list[Any]) -> None:
        kernel = self._kernel
        idents, signed = kernel.session.feed_identities(parts, copy=False)
        header = kernel.session.unpack(signed[1].bytes)
        if header["msg_type"] not in FOR_WIDGETS:
            kernel.schedule_dispatch(kernel.dispatch_shell, parts)
            return
        message = kernel.session.deserialize(signed, content=True, copy=False)
        # Not the kernel's own parent: what the cell prints afterwards is still the cell's.
        kernel._publish_status("busy", "shell", parent=message)
        try:
            kernel.shell_handlers[header["msg_type"]](kernel.shell_stream, idents, message)
        finally:
            kernel._publish_status("idle", "shell", parent=message)
