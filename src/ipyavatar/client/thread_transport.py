"""The host in a thread of this process: for scripts, tests, and where no process can be had."""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import threading
from collections.abc import Callable

from ..core.clock import MonotonicClock
from ..core.guard import Guard
from ..core.log import get_logger, take_libraries
from ..core.loops import new_loop
from ..core.serving import serving
from ..core.text import name_error
from ..core.threads import GuardedThread
from ..errors import HostError
from ..protocol import host as m
from ..providers.known_keys import credentials_from_environment
from .transport import GOODBYE_S, OnEvent, OnLost

log = get_logger(__name__)

WAITING = "This program ends when its paid sessions are confirmed to be over: a minute at most."
STOPPING = (
    "Paid sessions are being stopped, which takes a minute at most. Ctrl-C once more leaves them."
)
LEFT = (
    "A paid session may be open still: `ipyavatar sessions --stop-all` stops it, and so does the "
    "next program here that has the key."
)


class ThreadTransport:
    """A thread with the very same host as a companion process.

    Args:
        on_event: Told what it says, on a thread of its own.
        on_lost: Told that it is gone, likewise.
        make_loop: Makes its event loop.

    Raises:
        HostError: There can be no loop, as where the program lets nobody have sockets, or no
            thread, or threads are none.
    """

    def __init__(
        self,
        on_event: OnEvent,
        on_lost: OnLost,
        make_loop: Callable[[], asyncio.AbstractEventLoop] = new_loop,
    ) -> None:
        self._on_event = on_event
        self._on_lost = on_lost
        self._events: queue.SimpleQueue[m.Event | BaseException | None] = queue.SimpleQueue()
        take_libraries()
        refuse_green_threads()
        try:
            self._loop = make_loop()
        except Exception as error:
            what = f"The host's thread cannot have an event loop: {error!r}."
            fix = 'Let this process open sockets and files; or give host="process".'
            raise HostError(what, fix) from error
        self._inbox: asyncio.Queue[m.Command] = asyncio.Queue()
        self._greeted = False
        self._staying: Callable[[], bool] = lambda: False
        self._may_be_paid: Callable[[], bool] = lambda: False
        # Not by `Thread.join`: before Python 3.13 Ctrl-C in there makes a thread count as ended.
        self._over = threading.Event()
        self.pid = os.getpid()
        self._host = GuardedThread(target=self._run, name="ipyavatar-host", daemon=True)
        self._reader = GuardedThread(target=self._read, name="ipyavatar-events", daemon=True)
        try:
            self._reader.start()
            self._host.start()
        except Exception as error:  # too many threads
            self._events.put(None)
            self._loop.close()
            what = f"The host's thread cannot be started: {name_error(error)}."
            raise HostError(what, "Let this program start threads.") from error
        self.send(m.HostHello(m.PROTOCOL, self.pid, credentials_from_environment()))

    def send(self, command: m.Command) -> None:
        """Pass a command to the host's loop."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._inbox.put_nowait, command)

    def close(self) -> None:
        """Stop everything and wait for both threads; while paid sessions are open, for longer.

        There is no other process that goes on with them. So who presses Ctrl-C meanwhile is told
        what is waited for, and has to press it once more.
        """
        try:
            self._wait_for_end()
        except KeyboardInterrupt:
            if self._may_be_paid() and not self._over.is_set():
                self._wait_once_more()
            raise
        self._events.put(None)
        self._reader.join(GOODBYE_S)

    def _wait_once_more(self) -> None:
        log.warning(STOPPING)
        try:
            self._wait_for_end()
        except KeyboardInterrupt:
            log.warning(LEFT)
            raise

    def _wait_for_end(self) -> None:
        with contextlib.suppress(RuntimeError):  # its loop has just ended
            self.send(m.Bye())
        if not self._over.wait(GOODBYE_S) and self._staying():
            log.warning(WAITING)
            while self._staying() and not self._over.wait(0.1):
                pass

    def _run(self) -> None:
        try:
            with serving():
                self._loop.run_until_complete(self._serve())
        except BaseException as error:
            log.exception("The host's thread ended, in a way nobody foresaw")
            self._events.put(error)
        finally:
            with contextlib.suppress(OSError):  # somebody has closed what is not theirs
                self._loop.close()
            self._over.set()

    async def _serve(self) -> None:
        from ..host.host import Host

        host = Host(self._events.put, MonotonicClock())
        self._staying = lambda: host.staying
        self._may_be_paid = lambda: host.may_be_paid
        self._events.put(m.HostHello(m.PROTOCOL, self.pid))
        self._greeted = True
        while not isinstance(command := await self._inbox.get(), m.Bye):
            host.handle(command)
        await host.close("The avatar was closed.")

    def _read(self) -> None:
        guard = Guard("An event could not be handled", log)
        with serving():
            while (event := self._events.get()) is not None:
                if isinstance(event, BaseException):
                    # What it met with before it greeted, another one would meet with, too.
                    self._on_lost(f"The host's thread ended: {event!r}.", final=not self._greeted)
                    return
                guard.run(lambda event=event: self._on_event(event))  # type: ignore[misc]


def refuse_green_threads(thread: type[threading.Thread] = GuardedThread) -> None:
    """Raise where threads of this program take turns in one, as gevent and eventlet have them do.

    A thread can have one running event loop, and the host's would be in the way of all others.

    Args:
        thread: Makes a thread.

    Raises:
        HostError: They do.
    """
    ids: list[int] = []
    try:
        one = thread(target=lambda: ids.append(threading.get_native_id()), daemon=True)
        one.start()
        one.join()
    except Exception:
        return  # there are no threads at all, which whoever needs one is told
    if ids == [threading.get_native_id()]:
        what = "Threads are no threads here: gevent or eventlet has replaced them."
        raise HostError(what, 'Give host="process".')
