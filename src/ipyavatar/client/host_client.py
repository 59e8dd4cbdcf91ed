"""The kernel's side of a host: who listens to which session, and a new host when one dies."""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections import deque
from typing import Literal, Protocol

from ..errors import HostError
from ..protocol import host as m
from .transport import ProcessTransport, ThreadTransport, Transport

log = logging.getLogger(__name__)

HostKind = Literal["process", "thread"]

RESTARTS = 3
"""So many new hosts within `RESTARTS_WITHIN_S`; what is wrong then, a new one does not cure."""

RESTARTS_WITHIN_S = 60.0


class Listener(Protocol):
    """One session's ears in the kernel. Called on a thread of the host's link."""

    def host_said(self, event: m.Event) -> None:
        """Something happened in the session."""

    def host_lost(self, what: str) -> None:
        """The host died; a new one is being started."""

    def host_back(self) -> None:
        """A new host is there; it knows nothing of the session yet."""

    def host_gave_up(self, error: HostError) -> None:
        """There will be no new host."""


class HostClient:
    """One host and its listeners. Thread-safe."""

    def __init__(self, kind: HostKind) -> None:
        self._kind = kind
        self._lock = threading.RLock()
        self._listeners: dict[str, Listener] = {}
        self._restarts: deque[float] = deque(maxlen=RESTARTS)
        self._closed = False
        self._gave_up = False
        self._link: Transport = self._connect()

    @property
    def pid(self) -> int:
        """Process id of the host."""
        return self._link.pid

    def attach(self, session: str, listener: Listener) -> None:
        """From now on `listener` hears what happens in `session`."""
        with self._lock:
            self._listeners[session] = listener

    def detach(self, session: str) -> None:
        """Nobody listens to `session` any more."""
        with self._lock:
            self._listeners.pop(session, None)

    def revive(self) -> None:
        """Try a host again after it was given up: somebody asks for it.

        Raises:
            HostError: It cannot be started.
        """
        with self._lock:
            if self._gave_up:
                self._restarts.clear()
                self._link = self._connect()
                self._gave_up = False

    def send(self, command: m.Command) -> None:
        """Pass a command to the host; returns at once."""
        self._link.send(command)

    def close(self) -> None:
        """Stop every session and end the host; idempotent."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._link.close()

    def _connect(self) -> Transport:
        make = ProcessTransport if self._kind == "process" else ThreadTransport
        return make(self._event, self._lost)

    def _event(self, event: m.Event) -> None:
        if isinstance(event, m.Ready):
            return
        with self._lock:
            listener = self._listeners.get(event.session)
        if listener is not None:
            try:
                listener.host_said(event)
            except Exception:
                # One widget's trouble must not end the thread that all of them hear through.
                log.exception("An event could not be handled: %s", type(event).__name__)

    def _lost(self, what: str) -> None:
        with self._lock:
            if self._closed:
                return
            listeners = list(self._listeners.values())
            now = time.monotonic()
            often = len(self._restarts) == RESTARTS and (
                now - self._restarts[0] < RESTARTS_WITHIN_S
            )
            self._restarts.append(now)
        for listener in listeners:
            listener.host_lost(what)
        try:
            if often:
                raise HostError(f"The companion process died {RESTARTS} times in a minute. {what}")
            self._link = self._connect()
        except HostError as error:
            self._gave_up = True
            for listener in listeners:
                listener.host_gave_up(error)
            return
        for listener in listeners:
            listener.host_back()


_clients: dict[HostKind, HostClient] = {}
_clients_lock = threading.Lock()


def shared_host(kind: HostKind) -> HostClient:
    """This process's one host of that kind; started by the first call."""
    with _clients_lock:
        client = _clients.get(kind)
        if client is None or client._closed:
            client = _clients[kind] = HostClient(kind)
        return client


@atexit.register
def close_all() -> None:
    """Stop every session of this process and end its hosts."""
    with _clients_lock:
        clients = list(_clients.values())
        _clients.clear()
    for client in clients:
        client.close()
