"""The kernel's side of a host: who listens to which session, and a new host when one dies."""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Literal, Protocol

from ..errors import HostError
from ..protocol import host as m
from .transport import OnEvent, OnLost, ProcessTransport, ThreadTransport, Transport

log = logging.getLogger(__name__)

HostKind = Literal["process", "thread"]

RESTARTS = 3
"""So many new hosts within `RESTARTS_WITHIN_S`; what is wrong then, a new one does not cure."""

RESTARTS_WITHIN_S = 60.0


class HostListener(Protocol):
    """One session in the kernel. Called on a thread of the transport; must not wait."""

    def on_event(self, event: m.SessionEvent) -> None:
        """Something happened in the session."""

    def on_disconnect(self, generation: int, what: str) -> None:
        """The host of that generation died; a new one is being started."""

    def on_reconnect(self, generation: int) -> None:
        """A host of that generation is there; it knows nothing of the session yet."""

    def on_failure(self, generation: int, error: HostError) -> None:
        """There will be no new host after that generation."""


class HostLink(Protocol):
    """What a session needs of a host; `HostClient` is one, and tests have one in memory."""

    @property
    def pid(self) -> int:
        """Process id of the host."""

    def attach(self, session: str, listener: HostListener) -> None:
        """From now on `listener` hears what happens in `session`."""

    def detach(self, session: str) -> None:
        """Nobody listens to `session` any more."""

    def revive(self) -> None:
        """Try a host again after it was given up.

        Raises:
            HostError: It cannot be started.
        """

    def send(self, command: m.Command) -> int:
        """Pass a command to the host; returns at once, with the generation of that host."""


class HostClient:
    """One host and its listeners. Thread-safe."""

    def __init__(
        self,
        kind: HostKind,
        connect: Callable[[OnEvent, OnLost], Transport] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make = connect or (ProcessTransport if kind == "process" else ThreadTransport)
        self._clock = clock
        self._lock = threading.RLock()
        self._listeners: dict[str, HostListener] = {}
        self._restarts: deque[float] = deque(maxlen=RESTARTS)
        self._closed = False
        self._gave_up = False
        self._generation = 0
        self._transport = self._connect()

    @property
    def pid(self) -> int:
        """Process id of the host."""
        return self._transport.pid

    @property
    def closed(self) -> bool:
        """Whether it has been closed for good."""
        return self._closed

    def attach(self, session: str, listener: HostListener) -> None:
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
            HostError: It cannot be started, or was closed for good.
        """
        with self._lock:
            if self._closed:
                raise HostError("The host of this avatar was closed.", "Make another avatar.")
            if self._gave_up:
                self._restarts.clear()
                self._transport = self._connect()
                self._gave_up = False

    def send(self, command: m.Command) -> int:
        """Pass a command to the host; returns at once, with the generation of that host.

        Never raises: one that cannot be sent, since it holds what no message can, or too much,
        ends nothing but itself, and is answered.
        """
        with self._lock:
            try:
                self._transport.send(command)
            except Exception as error:
                log.exception("A command could not be sent: %s", type(command).__name__)
                answer = m.answer_failure(command, error, self._clock())
                if answer is not None:
                    self._on_event(answer)
            return self._generation

    def close(self) -> None:
        """Stop every session and end the host; idempotent."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            transport = self._transport
        transport.close()

    def _connect(self) -> Transport:
        self._generation += 1
        generation = self._generation
        return self._make(self._on_event, lambda what: self._on_lost(generation, what))

    def _on_event(self, event: m.Event) -> None:
        if isinstance(event, m.HostHello):
            return
        with self._lock:
            listener = self._listeners.get(event.session)
        if listener is not None:
            try:
                listener.on_event(event)
            except Exception:
                # One session's trouble must not end the thread that all of them hear through.
                log.exception("An event could not be handled: %s", type(event).__name__)

    def _on_lost(self, generation: int, what: str) -> None:
        self._tell(lambda listener: listener.on_disconnect(generation, what))
        try:
            with self._lock:
                # Closed meanwhile, it needs no new host; one that was started would be left behind.
                if self._closed:
                    return
                self._gave_up = True  # until there is another one
                self._note_restart(what)
                self._transport = self._connect()
                self._gave_up = False
                reborn = self._generation
        except Exception as error:
            if not isinstance(error, HostError):
                log.exception("A companion process could not be started, in a way nobody foresaw")
                error = HostError(f"The companion process could not be started: {error!r}.")
            failure = error
            self._tell(lambda listener: listener.on_failure(generation, failure))
            return
        self._tell(lambda listener: listener.on_reconnect(reborn))

    def _note_restart(self, what: str) -> None:
        """Count it.

        Raises:
            HostError: It has died too often of late.
        """
        now = self._clock()
        first = self._restarts[0] if len(self._restarts) == RESTARTS else None
        self._restarts.append(now)
        if first is not None and now - first < RESTARTS_WITHIN_S:
            raise HostError(f"The companion process died {RESTARTS} times in a minute. {what}")

    def _tell(self, call: Callable[[HostListener], None]) -> None:
        with self._lock:
            listeners = list(self._listeners.values())
        for listener in listeners:
            try:
                call(listener)
            except Exception:
                log.exception("A session could not be told what became of its host")


_clients: dict[HostKind, HostClient] = {}
_clients_lock = threading.Lock()


def shared_host(kind: HostKind) -> HostClient:
    """This process's one host of that kind; started by the first call."""
    with _clients_lock:
        client = _clients.get(kind)
        if client is None or client.closed:
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
