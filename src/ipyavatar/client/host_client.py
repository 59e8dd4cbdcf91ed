"""The kernel's side of a host: who listens to which session, and a new host when one dies."""

from __future__ import annotations

import atexit
import contextlib
import threading
import weakref
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Literal, Protocol, get_args

from ..core.guard import Guard
from ..core.log import get_logger
from ..core.own_process import OwnLock, OwnProcess
from ..core.serving import serving
from ..core.system_time import SystemTime
from ..core.text import name_error
from ..core.threads import refuse_mixed_threads
from ..core.uninterrupted import locked, run_uninterrupted
from ..core.validate import require_known
from ..errors import HostError
from ..protocol import host as m
from .callbacks import end_callbacks
from .thread_transport import ThreadTransport
from .transport import OnEvent, OnLost, ProcessTransport, Transport

log = get_logger(__name__)

HostKind = Literal["process", "thread"]

RESTARTS = 3
"""So many new hosts within `RESTARTS_WITHIN_S`; what is wrong then, a new one does not cure."""

RESTARTS_WITHIN_S = 60.0


OTHERWISE = 'Try host="process" or host="thread", whichever this was not.'


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

    def on_host_closed(self, error: HostError) -> None:
        """It was closed for good, as at the end of the program: nothing more will be heard."""


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
        clock: Callable[[], float] = SystemTime.monotonic,
    ) -> None:
        self._make = connect or (ProcessTransport if kind == "process" else ThreadTransport)
        self._clock = clock
        self._lock = OwnLock()
        self._telling = Guard("A session could not be told what became of its host", log)
        self._delivering = Guard("An event could not be handled", log)
        self._sending = Guard("A command could not be sent", log, Exception)
        # A session that nobody holds any more is not held here either.
        self._listeners: weakref.WeakValueDictionary[str, HostListener]
        self._listeners = weakref.WeakValueDictionary()
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

    @locked
    def attach(self, session: str, listener: HostListener) -> None:
        """From now on `listener` hears what happens in `session`."""
        self._listeners[session] = listener

    @locked
    def detach(self, session: str) -> None:
        """Nobody listens to `session` any more."""
        self._listeners.pop(session, None)

    @locked
    def revive(self) -> None:
        """Try a host again after it was given up: somebody asks for it.

        Raises:
            HostError: It cannot be started, or was closed for good.
        """
        if self._closed:
            raise _closed()
        if self._gave_up:
            self._restarts.clear()
            self._transport = self._connect()
            self._gave_up = False

    @locked
    def send(self, command: m.Command) -> int:
        """Pass a command to the host; returns at once, with the generation of that host.

        Never raises: one that cannot be sent, since it holds what no message can, or too much,
        ends nothing but itself, and is answered.
        """
        name = type(command).__name__
        error = self._sending.run(lambda: self._transport.send(command), name)
        if error is not None:
            answer = m.answer_failure(command, error, self._clock())
            if answer is not None:
                self._on_event(answer)
        return self._generation

    def close(self) -> None:
        """Stop every session and end the host; idempotent."""
        transport = self._take_transport()
        if transport is not None:
            transport.close()
            self._tell(lambda listener: listener.on_host_closed(_closed()))

    @locked
    def _take_transport(self) -> Transport | None:
        """The transport, which whoever takes it closes; None when it is closed, or about to be."""
        if self._closed:
            return None
        self._closed = True
        return self._transport

    def _connect(self) -> Transport:
        """Start a host.

        Raises:
            HostError: It cannot be started, for whatever reason: what it takes may be forbidden
                here, as in a subinterpreter, or replaced by the program.
        """
        self._generation += 1
        generation = self._generation
        try:
            return self._make(self._on_event, partial(self._on_lost, generation))
        except HostError:
            raise
        except Exception as error:
            what = f"The avatar's host could not be started: {name_error(error)}."
            # Without its frames: they show the environment in a verbose traceback.
            raise HostError(what, OTHERWISE) from error.with_traceback(None)

    def _on_event(self, event: m.Event) -> None:
        match event:
            case m.HostHello() | m.Heartbeat():
                pass
            case m.Logged():
                get_logger(event.logger).log(event.level, "%s", event.text)
            case _:
                listener = self._listeners.get(event.session)
                if listener is not None:
                    # One session's trouble must not end the thread that all hear through.
                    name = type(event).__name__
                    self._delivering.run(lambda: listener.on_event(event), name)

    def _on_lost(self, generation: int, what: str, fix: str = "", final: bool = False) -> None:
        self._tell(lambda listener: listener.on_disconnect(generation, what))
        try:
            with self._lock, serving():
                # Closed meanwhile, it needs no new host; one that was started would be left behind.
                if self._closed:
                    return
                self._gave_up = True  # until there is another one
                if final:
                    raise HostError(what, fix)
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
            # The first one, and each that was started after it.
            raise HostError(f"The companion process died {RESTARTS + 1} times in a minute. {what}")

    def _tell(self, call: Callable[[HostListener], None]) -> None:
        for listener in list(self._listeners.values()):
            self._telling.run(lambda listener=listener: call(listener))  # type: ignore[misc]


def _closed() -> HostError:
    return HostError("The host of this avatar was closed.", "Make another avatar.")


class _Registry:
    """The hosts of one process. A forked child has its own, and keeps its parent's, unused."""

    def __init__(self, inherited: _Registry | None = None) -> None:
        self.process = OwnProcess()
        self.lock = threading.Lock()
        self.clients: dict[HostKind, HostClient] = {}
        self.inherited = inherited


_registry = _Registry()


def _own_registry() -> _Registry:
    global _registry  # noqa: PLW0603  # one for each process
    if _registry.process.left:
        _registry = _Registry(_registry)
    return _registry


def shared_host(kind: HostKind) -> HostClient:
    """This process's one host of that kind; started by the first call."""

    def find() -> HostClient:
        registry = _own_registry()
        with registry.lock, serving():
            client = registry.clients.get(kind)
            if client is None or client.closed:
                client = registry.clients[kind] = HostClient(kind)
            return client

    return run_uninterrupted(find)


def find_host(host: HostKind | HostLink | None) -> HostLink:
    """The host a session runs in: this process's one of a kind (a thread when None), or the given.

    Raises:
        UnknownName: There is no such kind.
        HostError: It could not be started.
    """
    if isinstance(host, str) or host is None or not hasattr(host, "attach"):
        refuse_mixed_threads()
        kind = "thread" if host is None else host
        require_known("host", kind, get_args(HostKind))
        return shared_host("process" if kind == "process" else "thread")
    return host


def close_all() -> None:
    """Stop every session of this process and end its hosts."""
    registry = _own_registry()
    if not (registry.clients or registry.lock.locked()):
        return  # nothing was made, and nothing is: no thread is needed for that

    def take() -> list[HostClient]:
        with registry.lock, serving():
            clients = list(registry.clients.values())
            registry.clients.clear()
            return clients

    with contextlib.ExitStack() as closing:  # the next one, too, where one is interrupted
        for client in run_uninterrupted(take):
            closing.callback(client.close)


@atexit.register
def _end() -> None:
    """The program ends: users' callbacks are not called any more, and nothing stays open.

    Each host knows by then that it is to end. Who presses Ctrl-C once more waits for none of them.
    """
    end_callbacks()
    with contextlib.suppress(KeyboardInterrupt):
        close_all()
