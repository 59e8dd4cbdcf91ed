"""Widget messages while a cell waits, where they wait for the end of the cell.

In ipykernel 6 all do; in ipykernel 7 those of front ends that choose no subshell: nbclassic, VS
Code, JupyterLab before 4.4. What has arrived is read on the main thread, as the kernel's loop would
if the cell did not hold it up: messages to widgets are handled at once, all else (cells that are to
run, completions) goes to the kernel's loop in its order. Nothing of the loop is nested, so that no
other cell begins inside of this one. The parts that are private there are looked for first; without
them nothing is let in.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..core.guard import Guard
from ..core.log import get_logger
from ..core.waiting import let_in_while_waiting

log = get_logger(__name__)

FOR_WIDGETS = frozenset({"comm_open", "comm_msg", "comm_close"})

BOTH = ("shell_handlers", "session", "io_loop", "_publish_status")
PARTS = (*BOTH, "shell_stream", "schedule_dispatch", "dispatch_shell")
"""What of ipykernel 6 is used."""

RECEIVE = "_recv_callback"
"""What a stream of pyzmq calls: ipykernel 7's `shell_main` in the context that all cells share."""

AT_ONCE_MOST = 100
"""Messages handled in one go: whoever waits looks whether it is done in between."""


@dataclass(frozen=True)
class Queue:
    """Where messages for the main thread arrive.

    Attributes:
        stream: What the kernel's loop reads them from.
        hand_on: Gives one to that loop, which handles it after the cell.
    """

    stream: Any
    hand_on: Callable[[list[Any]], object]


def find_queue(kernel: Any) -> Queue | None:
    """That of this kernel; None where it is another kernel than we know, or none."""
    if not all(getattr(kernel, name, None) for name in BOTH):
        return None
    shell_channel = getattr(kernel, "shell_channel_thread", None)
    if shell_channel is None:
        if not all(getattr(kernel, name, None) for name in PARTS):
            return None
        dispatch = kernel.dispatch_shell
        return Queue(kernel.shell_stream, lambda parts: kernel.schedule_dispatch(dispatch, parts))
    with contextlib.suppress(Exception):  # another release than we know
        stream = shell_channel.manager.get_shell_channel_to_subshell_pair(None).to_stream
        receive = getattr(stream, RECEIVE)
        hand_on = functools.partial(kernel.io_loop.add_callback, receive)
        return Queue(stream, hand_on) if receive else None
    return None


def hear_while_waiting(kernel: Any) -> bool:
    """Have widgets of this kernel heard while its main thread waits for a handle.

    Returns:
        Whether that can be done.
    """
    queue = find_queue(kernel)
    if queue is not None:
        let_in_while_waiting(KernelMessages(kernel, queue).let_in)
    return queue is not None


class KernelMessages:
    """Used on the kernel's main thread."""

    def __init__(self, kernel: Any, queue: Queue) -> None:
        self._kernel = kernel
        self._queue = queue
        self._guard = Guard("A message to a widget could not be handled", log)

    def let_in(self) -> int:
        """Handle what has arrived; returns how many messages that were."""
        stream = self._queue.stream
        count = 0
        while count < AT_ONCE_MOST and stream.socket.poll(0):
            parts = stream.socket.recv_multipart(copy=False)
            count += 1
            self._guard.run(functools.partial(self._handle, parts), "a message")
        if count:
            # The loop is woken by what comes new, not by what we have left behind.
            self._kernel.io_loop.add_callback(stream.flush)
        return count

    def _handle(self, parts: list[Any]) -> None:
        kernel = self._kernel
        idents, signed = kernel.session.feed_identities(parts, copy=False)
        header = kernel.session.unpack(signed[1].bytes)
        if header["msg_type"] not in FOR_WIDGETS:
            self._queue.hand_on(parts)
            return
        message = kernel.session.deserialize(signed, content=True, copy=False)
        # Not the kernel's own parent: what the cell prints afterwards is still the cell's.
        kernel._publish_status("busy", "shell", parent=message)
        try:
            kernel.shell_handlers[header["msg_type"]](self._queue.stream, idents, message)
        finally:
            kernel._publish_status("idle", "shell", parent=message)
