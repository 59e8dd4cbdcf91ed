"""What a host is to the kernel, and the usual one: a companion process."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from ..core.guard import Guard
from ..core.log import get_logger
from ..core.python_process import ROOT, popen_options
from ..core.secret import Secret
from ..core.serving import serving
from ..core.text import name_error
from ..core.threads import GuardedThread
from ..errors import HostError, MalformedData
from ..protocol import host as m
from ..protocol import host_codec
from ..protocol.framing import read_frame
from ..providers.known_keys import credentials_from_environment
from .launch import companion_command, companion_environment
from .pipe_ends import leave_in_children
from .silence import Silence

log = get_logger(__name__)

GOODBYE_S = 1.5
"""At the kernel's exit the host gets this long to stop everything; Jupyter kills us at 2.5 s."""

READY_S = 15.0
"""A process that has not greeted after so long never will; what we do not see does not count."""

SILENT_S = 30.0
"""A process that has greeted and then is not heard of for so long is stopped, or hangs; it tells
every 2 s that it runs. Loading a voice on a busy machine holds its loop up for some seconds."""
LOOKS = 15
"""So often it is looked for in that time."""

STDERR_LINES = 30
"""The last lines the process wrote, kept for the error message when it dies."""

STDERR_LINE_BYTES = 2_000
"""A longer line is several: output without an end must not fill the memory."""

LAST_WORDS_S = 0.5
"""What it wrote before it died is waited for so long."""

ELSEWHERE = 'Try Avatar(..., host="thread").'


class Transport(Protocol):
    """A living host. Events and the loss of the host are reported on a thread of its own."""

    pid: int

    def send(self, command: m.Command) -> None:
        """Pass a command on; returns at once, also when the host is gone."""

    def close(self) -> None:
        """Have the host stop everything and end, within `GOODBYE_S`."""


OnEvent = Callable[[m.Event], None]


class OnLost(Protocol):
    """Told that a host is gone."""

    def __call__(self, what: str, fix: str = "", final: bool = False) -> None:
        """What happened, what to do; and whether another host would fare no better."""


class ProcessTransport:
    """A companion process.

    Args:
        on_event: Told what it says.
        on_lost: Told that it is gone.
        command: Starts it; the usual one when None.
        ready_s: It has this long to greet.
        silent_s: It is ended when it is not heard of for so long.

    Raises:
        HostError: It cannot be started, or not be listened to.
    """

    def __init__(
        self,
        on_event: OnEvent,
        on_lost: OnLost,
        *,
        command: Sequence[str] | None = None,
        ready_s: float = READY_S,
        silent_s: float = SILENT_S,
    ) -> None:
        self._on_event = on_event
        self._on_lost = on_lost
        self._closing = False
        self._greeted = False
        self._ready_s, self._silent_s = ready_s, silent_s
        self._silence = Silence(LOOKS)
        self._handling = False  # while it is, nothing more can be heard
        self._ended = threading.Event()
        self._told = threading.Lock()  # taken by who tells of the loss, and never given back
        self._last_lines: deque[str] = deque(maxlen=STDERR_LINES)
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._environment = _own_environment()
        self._command = command or _usual_command()
        self._process = process = _start(self._command, self._environment)
        self.pid = process.pid
        pipes: Any = (process.stdin, process.stdout, process.stderr)  # all asked for, see `_start`
        self._stdin, self._stdout, self._stderr = pipes
        leave_in_children(self, pipes)
        self._threads = self._make_threads()
        try:
            for thread in self._threads:
                thread.start()
        except Exception as error:  # too many threads, or a hook that is no function
            self._closing = True
            self._outbox.put(None)
            _kill_all(process)
            for pipe in pipes:
                with contextlib.suppress(OSError):
                    pipe.close()
            process.wait()
            what = f"The companion process cannot be listened to: {name_error(error)}."
            raise HostError(what, "Let this program start threads.") from error
        self.send(m.HostHello(m.PROTOCOL, os.getpid(), credentials_from_environment()))

    def _make_threads(self) -> list[GuardedThread]:
        return [
            GuardedThread(target=target, name=f"ipyavatar-{name}", daemon=True)
            for name, target in (
                ("stderr", self._listen),  # first: its last words are waited for
                ("write", self._write),
                ("read", self._read),
                ("watch", self._watch),
            )
        ]

    def send(self, command: m.Command) -> None:
        """Pass a command on; a thread writes it, so a full pipe does not block the caller."""
        if isinstance(command, m.OpenSession):
            self._send_environment()
        self._outbox.put(host_codec.encode(command))

    def close(self) -> None:
        """End the process: politely, then for certain."""
        self._closing = True
        self.send(m.Bye())
        self._outbox.put(None)
        # Not by `Popen.wait(timeout)`: that sleeps, and the program may have replaced `time.sleep`.
        if not self._ended.wait(GOODBYE_S):
            # It needs no more help: the pipe has ended, so it stops everything and leaves. Who ends
            # a script has nothing to do about it, so it is no warning.
            log.info("The companion process takes longer than %.1f s to stop", GOODBYE_S)
            return
        for thread in self._threads:
            thread.join(GOODBYE_S)

    def _send_environment(self) -> None:
        """Tell it what the user changed in the environment since: the next session goes by that."""
        now, before = _own_environment(), self._environment
        if now == before:
            return
        self._environment = now
        changed = {
            name: Secret(value)
            for name, value in now.items()
            if value != before.get(name) and _can_be_sent(name + value)
        }
        gone = tuple(name for name in before if name not in now and _can_be_sent(name))
        self._outbox.put(
            host_codec.encode(m.ChangeEnvironment(changed, gone, credentials_from_environment()))
        )

    def _write(self) -> None:
        while (frame := self._outbox.get()) is not None:
            try:
                self._stdin.write(frame)
                self._stdin.flush()
            except OSError:
                break  # the reader tells of the loss
        with contextlib.suppress(OSError):
            self._stdin.close()

    def _read(self) -> None:
        guard = Guard("An event could not be handled", log)
        what = ""
        try:
            with self._stdout as pipe:
                while (body := read_frame(pipe)) is not None:
                    self._silence.note()
                    with serving():
                        self._take(body, guard)
        except Exception as error:  # it is no companion process, or one of another version
            what = f" ({error})"
            self._process.kill()
        code = self._process.wait()
        self._ended.set()
        self._outbox.put(None)
        self._threads[0].join(LAST_WORDS_S)
        said = f"The companion process ended with code {code}{what}."
        if words := last_words(self._last_lines):
            said += f" Its last words: {words}"
        # By a signal: somebody ended it, and another one may live.
        final = not self._greeted and (code >= 0 or bool(what))
        self._lose(said, ELSEWHERE if final else "", final)

    def _greet(self, hello: m.HostHello) -> None:
        if hello.pid == os.getpid():
            raise ValueError("it repeats what it is told")
        if hello.protocol != m.PROTOCOL:
            raise ValueError(f"it speaks protocol {hello.protocol}, not {m.PROTOCOL}")
        self._greeted = True

    def _watch(self) -> None:
        """End it when it is never heard of, or not any more: every handle would wait for ever."""
        if self._is_waited_for_in_vain(self._ready_s, greeting=True):
            name = self._command[0]
            what = f"The companion process ({name}) did not answer within {self._ready_s:g} s."
            _kill_all(self._process)
            self._lose(what, ELSEWHERE, final=True)
        elif self._is_waited_for_in_vain(self._silent_s):
            what = f"The companion process did not answer for {self._silent_s:g} s."
            _kill_all(self._process)
            self._lose(what, "", final=False)

    def _is_waited_for_in_vain(self, seconds: float, *, greeting: bool = False) -> bool:
        """Whether it is silent for so long; False once it has ended, or given its greeting."""
        self._silence.note()
        while not self._ended.wait(seconds / LOOKS):
            if greeting and self._greeted:
                return False
            if not self._handling and self._silence.look():
                return True
        return False

    def _lose(self, what: str, fix: str, final: bool) -> None:
        """Tell of its end, once, if nobody here has asked for it."""
        if self._closing or not self._told.acquire(blocking=False):
            return
        with contextlib.suppress(Exception):  # a log handler of the user's may fail
            log.error("%s\n%s", what, "\n".join(self._last_lines))
        with serving():
            self._on_lost(what, fix, final)

    def _take(self, body: bytes, guard: Guard) -> None:
        """Pass one event on. One that is none ends nothing else.

        Raises:
            ValueError: The host is of another version.
        """
        try:
            event = host_codec.decode_event(body)
        except MalformedData as error:
            log.error("An event of the companion process could not be read: %s", error)  # noqa: TRY400
            return
        if isinstance(event, m.HostHello):
            self._greet(event)
        self._handling = True
        guard.run(lambda: self._on_event(event))
        self._silence.note()
        self._handling = False

    def _listen(self) -> None:
        # Somebody may close what is not theirs: `os.closerange`.
        with contextlib.suppress(OSError, ValueError), self._stderr as pipe:
            while line := pipe.readline(STDERR_LINE_BYTES):
                text = line.decode(errors="replace").rstrip()
                self._last_lines.append(text)
                # Ours come as events; this is what libraries print, and Python's last words.
                log.debug("host: %s", text)


def last_words(lines: Iterable[str]) -> str:
    """The line that says why a process died: after a fatal error, Python still tells its state."""
    said = [line.strip() for line in lines if line.strip()]
    for mark in ("Fatal Python error", "Error"):
        found = [line for line in said if mark in line]
        if found:
            return found[0 if mark.startswith("Fatal") else -1]
    return said[-1] if said else ""


def _usual_command() -> list[str]:
    """The command that starts it.

    Raises:
        HostError: This program does not know where its Python is.
    """
    if not sys.executable:
        what = f"The companion process could not be started: sys.executable is {sys.executable!r}."
        raise HostError(what, ELSEWHERE)
    return companion_command(sys.executable, sys.path)


def _start(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start the process.

    Raises:
        HostError: It cannot be started.
    """
    options: Any = popen_options()
    try:
        return subprocess.Popen(  # noqa: S603  # our own interpreter and module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env=environment,
            **options,
        )
    except (OSError, ValueError, TypeError) as error:
        what = f"The companion process ({command[0]}) could not be started: {error}."
        # Without its frames: they show the environment in a verbose traceback.
        raise HostError(what, ELSEWHERE) from error.with_traceback(None)


class _HiddenEnvironment(dict[str, str]):
    """Does not show itself: verbose tracebacks print variables."""

    def __repr__(self) -> str:
        return "<environment>"


def _own_environment() -> _HiddenEnvironment:
    """What the companion is started with, as of now."""
    return _HiddenEnvironment(companion_environment(os.environ))


def _can_be_sent(text: str) -> bool:
    """Whether a message can hold it; a variable may be any bytes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _kill_all(process: subprocess.Popen[bytes]) -> None:
    """End it with what it has started: it may be a script that runs something else."""
    if process.poll() is not None:
        return
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)  # the leader of a session of its own
    process.kill()
