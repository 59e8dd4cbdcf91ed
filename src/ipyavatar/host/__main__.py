"""The companion process: `python -m ipyavatar.host`, framed messages on its stdin and stdout.

The end of stdin is the end of the kernel, however it ended: everything is stopped, and the process
ends within a few seconds. (A child that the kernel has forked holds the pipe open for as long as it
lives.)
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from typing import BinaryIO

from ..core.clock import MonotonicClock
from ..core.guard import guard
from ..errors import MalformedData
from ..protocol import host as m
from ..providers.registry import options_type
from .framing import read_frame
from .host import Host

LAST_RESORT_S = 4.0
"""If closing hangs for this long, the process ends itself without ceremony."""

SWITCH_INTERVAL_S = 0.001
"""Threads hand over the GIL this often (Python's default is 5 ms): sound is due every 20 ms."""

log = logging.getLogger(__name__)

KERNEL_GONE = "The kernel has stopped."


class _Pipe:
    """Writes events to the kernel from a thread of its own, so that a full pipe blocks nobody."""

    def __init__(self, out: BinaryIO) -> None:
        import queue

        self._out = out
        self._muted = False
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="ipyavatar-pipe", daemon=True)
        self._thread.start()

    def emit(self, event: m.Event) -> None:
        if not self._muted:
            with guard("An event"):  # one that no frame can hold ends nothing else
                self._queue.put(m.encode(event))

    def mute(self) -> None:
        self._muted = True

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join(1.0)

    def _run(self) -> None:
        while (frame := self._queue.get()) is not None:
            try:
                self._out.write(frame)
                self._out.flush()
            except OSError:
                return  # nobody reads any more: the end of stdin will tell


def _feed(
    source: BinaryIO, loop: asyncio.AbstractEventLoop, inbox: asyncio.Queue[m.Command]
) -> None:
    """Read commands until the pipe ends; its end is a `Bye`. One that is none ends nothing else."""
    try:
        while (body := read_frame(source)) is not None:
            try:
                command = m.decode_command(body, options_type)
            except MalformedData:
                log.exception("A command could not be read")
            else:
                loop.call_soon_threadsafe(inbox.put_nowait, command)
    except (OSError, ValueError):
        log.exception("The kernel's pipe broke")
    loop.call_soon_threadsafe(inbox.put_nowait, m.Bye())


async def _serve(source: BinaryIO, pipe: _Pipe) -> None:
    loop = asyncio.get_running_loop()
    inbox: asyncio.Queue[m.Command] = asyncio.Queue()

    def terminate() -> None:
        # Not the kernel's wish: it hears of a host that is gone, and has another one go on.
        pipe.mute()
        inbox.put_nowait(m.Bye())

    loop.add_signal_handler(signal.SIGTERM, terminate)
    loop.add_signal_handler(signal.SIGINT, lambda: None)  # Ctrl-C is the kernel's business
    threading.Thread(
        target=_feed, args=(source, loop, inbox), name="ipyavatar-stdin", daemon=True
    ).start()
    host = Host(pipe.emit, MonotonicClock())
    pipe.emit(m.HostHello(m.PROTOCOL, os.getpid()))
    host.warm()
    while not isinstance(command := await inbox.get(), m.Bye):
        host.handle(command)
    last_resort = threading.Timer(LAST_RESORT_S, os._exit, (1,))
    last_resort.daemon = True
    last_resort.start()
    await host.close(KERNEL_GONE, wait=False)
    last_resort.cancel()


def main() -> None:
    """Run until stdin ends."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s"
    )
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    # What other code prints must not get between the frames: file descriptor 1 becomes stderr.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    pipe = _Pipe(out)
    asyncio.run(_serve(sys.stdin.buffer, pipe))
    pipe.close()
    # Every session is stopped and told of; a worker that still loads a voice is not waited for.
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
