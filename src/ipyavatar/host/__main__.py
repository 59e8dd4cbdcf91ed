"""The companion process: framed messages on its stdin and stdout. `client/launch.py` starts it.

The end of stdin is the end of the kernel, however it ended; where a child that the kernel has
forked holds the pipe open, the end of the kernel's process is. Then everything is stopped, and the
process ends within a few seconds; with a paid session whose end the service does not confirm it
stays, and tries on, for a minute at most. Signals do not shorten that.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import signal
import sys
from collections.abc import Callable
from typing import BinaryIO, NoReturn

from ..core.clock import MonotonicClock
from ..core.guard import guard
from ..core.log import flush, get_logger
from ..core.media_process import forbid_core_dumps, prepare_media_process
from ..core.own_pipes import open_pipes
from ..core.tasks import TaskSet
from ..core.threads import GuardedThread
from ..errors import MalformedData
from ..protocol import host as m
from ..protocol import host_codec
from ..protocol.framing import read_frame
from ..providers.registry import options_type
from .host import LAST_RESORT_S, STAY_S, Host
from .kernel_watch import wait_for_end
from .last_resort import LastResort

RECORD_LENGTH = 10_000
"""Of a longer log record the kernel gets the beginning."""

log = get_logger(__name__)

KERNEL_GONE = "The kernel has stopped."


class _Pipe:
    """Writes events to the kernel from a thread of its own, so that a full pipe blocks nobody."""

    def __init__(self, out: BinaryIO) -> None:
        import queue

        self._out = out
        self._muted = False
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = GuardedThread(target=self._run, name="ipyavatar-pipe", daemon=True)
        self._thread.start()

    def emit(self, event: m.Event) -> None:
        if not self._muted:
            with guard("An event"):  # one that no frame can hold ends nothing else
                self._queue.put(host_codec.encode(event))

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
    source: BinaryIO,
    loop: asyncio.AbstractEventLoop,
    inbox: asyncio.Queue[m.Command],
    last_resort: LastResort,
) -> None:
    """Read commands until the pipe ends; its end is a `Bye`. One that is none ends nothing else.

    Were the loop to hang it would not hear of the end. Then `last_resort` ends the process.
    """
    try:
        while (body := read_frame(source)) is not None:
            try:
                command = host_codec.decode_command(body, options_type)
            except MalformedData:
                log.exception("A command could not be read")
            else:
                loop.call_soon_threadsafe(inbox.put_nowait, command)
    except (OSError, ValueError):
        log.exception("The kernel's pipe broke")
    last_resort.end_within(STAY_S + LAST_RESORT_S)
    loop.call_soon_threadsafe(inbox.put_nowait, m.Bye())


async def _serve(source: BinaryIO, pipe: _Pipe) -> None:
    loop = asyncio.get_running_loop()
    inbox: asyncio.Queue[m.Command] = asyncio.Queue()

    def terminate() -> None:
        # Not the kernel's wish: it hears of a host that is gone, and has another one go on.
        pipe.mute()
        inbox.put_nowait(m.Bye())

    handle_signals(loop, terminate)
    last_resort = LastResort()
    feed = functools.partial(_feed, source, loop, inbox, last_resort)
    GuardedThread(target=feed, name="ipyavatar-stdin", daemon=True).start()
    host = Host(pipe.emit, MonotonicClock())
    pipe.emit(m.HostHello(m.PROTOCOL, os.getpid()))
    tasks = TaskSet("the companion process")
    tasks.start(_beat(pipe), "tell that it runs")
    while not isinstance(command := await inbox.get(), m.Bye):
        if isinstance(command, m.HostHello):
            tasks.start(_watch(command.pid, inbox), "watch the kernel")
        host.handle(command)
    last_resort.end_within(host.last_resort_s)
    await host.close(KERNEL_GONE, wait=False)
    _leave(pipe, 0)


async def _beat(pipe: _Pipe) -> None:
    while True:
        await asyncio.sleep(m.HEARTBEAT_EVERY_S)
        pipe.emit(m.Heartbeat())


async def _watch(pid: int, inbox: asyncio.Queue[m.Command]) -> None:
    await wait_for_end(pid, MonotonicClock())
    inbox.put_nowait(m.Bye())


def handle_signals(loop: asyncio.AbstractEventLoop, terminate: Callable[[], None]) -> None:
    """Have `terminate` called when somebody ends this process; Ctrl-C is the kernel's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        loop.add_signal_handler(signal.SIGTERM, terminate)
        if hasattr(signal, "SIGHUP"):
            loop.add_signal_handler(signal.SIGHUP, terminate)
    except NotImplementedError:  # Windows: there the end of the pipe has to tell
        signal.signal(signal.SIGTERM, lambda *_: loop.call_soon_threadsafe(terminate))


class RecordSender(logging.Handler):
    """Sends our own log records to the kernel, which logs them as if they were its own."""

    def __init__(self, emit: Callable[[m.Event], None]) -> None:
        super().__init__(logging.WARNING)
        self._emit = emit

    def emit(self, record: logging.LogRecord) -> None:
        """Send it, with its traceback."""
        try:
            text = self.format(record)[:RECORD_LENGTH]
            self._emit(m.Logged(record.name, record.levelno, text))
        except Exception:
            self.handleError(record)


def main(source: int = 0, out: int = 1) -> None:
    """Run until `source` ends. Both are descriptors."""
    forbid_core_dumps()
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s"
    )
    prepare_media_process()
    commands, events = open_pipes(source, out)
    pipe = _Pipe(events)
    logging.getLogger("ipyavatar").addHandler(RecordSender(pipe.emit))
    try:
        asyncio.run(_serve(commands, pipe))
    except BaseException:
        log.critical("The companion process ends, in a way nobody foresaw", exc_info=True)
        _leave(pipe, 1)


def _leave(pipe: _Pipe, code: int) -> NoReturn:
    """End, now: a worker that loads a voice, or waits for a name server, is not waited for."""
    flush()
    pipe.close()
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
