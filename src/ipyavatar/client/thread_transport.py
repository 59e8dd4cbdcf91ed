"""The host in a thread of this process: for scripts, tests, and where no process can be had."""

from __future__ import annotations

import asyncio
import os
import queue
import threading
from collections.abc import Callable

from ..core.clock import MonotonicClock
from ..core.daemon_executor import DaemonExecutor
from ..core.guard import Guard
from ..core.log import get_logger, take_libraries
from ..core.serving import serving
from ..protocol import host as m
from ..providers.known_keys import credentials_from_environment
from .transport import GOODBYE_S, OnEvent, OnLost

log = get_logger(__name__)


class ThreadTransport:
    """A thread with the very same host as a companion process.

    Args:
        on_event: Told what it says, on a thread of its own.
        on_lost: Told that it is gone, likewise.
    """

    def __init__(self, on_event: OnEvent, on_lost: OnLost) -> None:
        self._on_event = on_event
        self._on_lost = on_lost
        self._events: queue.SimpleQueue[m.Event | BaseException | None] = queue.SimpleQueue()
        take_libraries()
        self._loop = asyncio.new_event_loop()
        self._loop.set_default_executor(DaemonExecutor())
        self._inbox: asyncio.Queue[m.Command] = asyncio.Queue()
        self._greeted = False
        self._staying: Callable[[], bool] = lambda: False
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
        """Stop everything and wait for both threads; while paid sessions are open, for longer.

        There is no other process that goes on with them.
        """
        self.send(m.Bye())
        self._host.join(GOODBYE_S)
        while self._host.is_alive() and self._staying():
            self._host.join(0.1)
        self._events.put(None)
        self._reader.join(GOODBYE_S)

    def _run(self) -> None:
        try:
            with serving():
                self._loop.run_until_complete(self._serve())
        except BaseException as error:
            log.exception("The host's thread ended, in a way nobody foresaw")
            self._events.put(error)
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        from ..host.host import Host

        host = Host(self._events.put, MonotonicClock())
        self._staying = lambda: host.staying
        self._events.put(m.HostHello(m.PROTOCOL, self.pid))
        self._greeted = True
        while not isinstance(command := await self._inbox.get(), m.Bye):
            host.handle(command)
        await host.close("The avatar was closed.")
        await self._loop.shutdown_default_executor()

    def _read(self) -> None:
        guard = Guard("An event could not be handled", log)
        with serving():
            while (event := self._events.get()) is not None:
                if isinstance(event, BaseException):
                    # What it met with before it greeted, another one would meet with, too.
                    self._on_lost(f"The host's thread ended: {event!r}.", final=not self._greeted)
                    return
                guard.run(lambda event=event: self._on_event(event))  # type: ignore[misc]
