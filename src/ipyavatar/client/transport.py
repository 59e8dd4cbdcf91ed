"""The two ways to reach a host: a companion process, or a thread of this one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol

from ..core.clock import MonotonicClock
from ..errors import HostError, MalformedData
from ..host.framing import read_frame
from ..protocol import host as m
from ..providers.cloud.credentials import credentials_from_environment, strip_keys

log = logging.getLogger(__name__)

GOODBYE_S = 1.5
"""At the kernel's exit the host gets this long to stop everything; Jupyter kills us at 2.5 s."""

HOST_COMMAND = [sys.executable, "-m", "ipyavatar.host"]

STDERR_LINES = 30
"""The last lines the process wrote, kept for the error message when it dies."""


class Transport(Protocol):
    """A living host. Events and the loss of the host are reported on a thread of its own."""

    pid: int

    def send(self, command: m.Command) -> None:
        """Pass a command on; returns at once, also when the host is gone."""

    def close(self) -> None:
        """Have the host stop everything and end, within `GOODBYE_S`."""


OnEvent = Callable[[m.Event], None]
OnLost = Callable[[str], None]


class ProcessTransport:
    """A companion process (`python -m ipyavatar.host`)."""

    def __init__(self, on_event: OnEvent, on_lost: OnLost) -> None:
        self._on_event = on_event
        self._on_lost = on_lost
        self._closing = False
        self._last_lines: deque[str] = deque(maxlen=STDERR_LINES)
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        try:
            # A session of its own: in the kernel's process group it would hold up Jupyter's
            # polite shutdown, and take the Ctrl-C that is meant for a cell.
            self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
                HOST_COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                env=strip_keys(os.environ),
            )
        except OSError as error:
            raise HostError(
                f"The companion process could not be started: {error}.",
                'Try Avatar(..., host="thread").',
            ) from error
        self.pid = self._process.pid
        self._threads = [
            threading.Thread(target=target, name=f"ipyavatar-{name}", daemon=True)
            for name, target in (
                ("write", self._write),
                ("read", self._read),
                ("stderr", self._listen),
            )
        ]
        for thread in self._threads:
            thread.start()
        self.send(m.HostHello(m.PROTOCOL, os.getpid(), credentials_from_environment()))

    def send(self, command: m.Command) -> None:
        """Pass a command on; a thread writes it, so a full pipe does not block the caller."""
        self._outbox.put(m.encode(command))

    def close(self) -> None:
        """End the process: politely, then for certain."""
        self._closing = True
        self.send(m.Bye())
        self._outbox.put(None)
        try:
            self._process.wait(GOODBYE_S)
        except subprocess.TimeoutExpired:
            # It needs no more help: the pipe has ended, so it stops everything and leaves.
            log.warning("The companion process takes longer than %.1f s to stop", GOODBYE_S)
            return
        for thread in self._threads:
            thread.join(GOODBYE_S)

    def _write(self) -> None:
        pipe = self._process.stdin
        assert pipe is not None  # noqa: S101  # asked for above
        while (frame := self._outbox.get()) is not None:
            try:
                pipe.write(frame)
                pipe.flush()
            except OSError:
                break  # the reader tells of the loss
        with contextlib.suppress(OSError):
            pipe.close()

    def _read(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None  # noqa: S101
        what = ""
        try:
            with pipe:
                while (body := read_frame(pipe)) is not None:
                    self._take(body)
        except (OSError, ValueError) as error:
            what = f" ({error})"
            self._process.kill()
        code = self._process.wait()
        self._outbox.put(None)
        if not self._closing:
            last = "\n".join(self._last_lines)
            log.error("The companion process ended with code %s%s\n%s", code, what, last)
            tail = f" Its last words: {self._last_lines[-1]}" if self._last_lines else ""
            self._on_lost(f"The companion process ended with code {code}{what}.{tail}")

    def _take(self, body: bytes) -> None:
        """Pass one event on. One that is none ends nothing else.

        Raises:
            ValueError: The host is of another version.
        """
        try:
            event = m.decode_event(body)
        except MalformedData as error:
            log.error("An event of the companion process could not be read: %s", error)  # noqa: TRY400
            return
        if isinstance(event, m.HostHello) and event.protocol != m.PROTOCOL:
            raise ValueError(f"it speaks protocol {event.protocol}, not {m.PROTOCOL}")
        self._on_event(event)

    def _listen(self) -> None:
        pipe = self._process.stderr
        assert pipe is not None  # noqa: S101
        with pipe:
            for line in pipe:
                text = line.decode(errors="replace").rstrip()
                self._last_lines.append(text)
                log.warning("host: %s", text)


class ThreadTransport:
    """A thread with the very same host: for scripts, tests, and where a process cannot be had."""

    def __init__(self, on_event: OnEvent, on_lost: OnLost) -> None:
        del on_lost  # a thread is not lost without the process
        self._on_event = on_event
        self._events: queue.SimpleQueue[m.Event | None] = queue.SimpleQueue()
        self._loop = asyncio.new_event_loop()
        self._inbox: asyncio.Queue[m.Command] = asyncio.Queue()
        self.pid = os.getpid()
        self._host = threading.Thread(target=self._run, name="ipyavatar-host", daemon=True)
        self._reader = threading.Thread(target=self._read, name="ipyavatar-events", daemon=True)
        self._host.start()
        self._reader.start()
        self.send(m.HostHello(m.PROTOCOL, self.pid, credentials_from_environment()))

    def send(self, command: m.Command) -> None:
        """Pass a command to the host's loop."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._inbox.put_nowait, command)

    def close(self) -> None:
        """Stop everything and wait for both threads."""
        self.send(m.Bye())
        self._host.join(GOODBYE_S)
        self._events.put(None)
        self._reader.join(GOODBYE_S)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        from ..host.host import Host

        host = Host(self._events.put, MonotonicClock())
        host.warm()
        self._events.put(m.HostHello(m.PROTOCOL, self.pid))
        while not isinstance(command := await self._inbox.get(), m.Bye):
            host.handle(command)
        await host.close("The avatar was closed.")
        await self._loop.shutdown_default_executor()

    def _read(self) -> None:
        while (event := self._events.get()) is not None:
            self._on_event(event)
