"""The process of one LiveKit room, as its host has it: started, spoken with, ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import IO, Any

from ....core.keyless_environment import keyless_environment
from ....core.log import get_logger
from ....core.python_process import ROOT, popen_options, python_command
from ....core.secret import Secret, one_line
from ....core.threads import GuardedThread
from ....errors import MalformedData, MediaError
from ....protocol.framing import read_frame
from . import messages as m

log = get_logger("ipyavatar.providers")

END_S = 12.0
"""Leaving a room takes a moment; a process that has not ended by then is ended."""

SOON_S = 1.0
"""One that says nothing more has ended, or talks nonsense, and is ended."""

LAST_LINES = 20
"""So many of the last lines that it wrote are logged when it dies."""

OnEvent = Callable[[m.RoomEvent], None]


class RoomProcess:
    """Used on one loop, where it also tells what happens. Its `close()` waits for its end.

    Args:
        on_event: Told what it says.
        on_end: Told that it has ended, and how; nothing comes after that.
        secrets: What must not show in its last words.
        command: Starts it; the usual one when None.

    Attributes:
        pid: Its id.

    Raises:
        MediaError: It cannot be started.
    """

    def __init__(
        self,
        on_event: OnEvent,
        on_end: Callable[[str], None],
        *,
        secrets: Sequence[Secret] = (),
        command: Sequence[str] | None = None,
    ) -> None:
        self._on_event, self._on_end = on_event, on_end
        self._secrets = secrets
        self._loop = asyncio.get_running_loop()
        self._closing = False
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._lines: deque[str] = deque(maxlen=LAST_LINES)
        self._process = _start(command or usual_command())
        self.pid = self._process.pid
        pipes: Any = (self._process.stdin, self._process.stdout, self._process.stderr)
        self._threads = [
            GuardedThread(target=target, args=(pipe,), name=f"ipyavatar-room-{name}", daemon=True)
            for name, target, pipe in zip(
                ("write", "read", "stderr"),
                (self._write, self._read, self._listen),
                pipes,
                strict=True,
            )
        ]
        for thread in self._threads:
            thread.start()

    def send(self, command: m.RoomCommand) -> None:
        """Have it do something; returns at once."""
        self._outbox.put(m.encode(command))

    async def close(self) -> None:
        """Have it leave and end; wait for it. Idempotent."""
        if not self._closing:
            self._closing = True
            self.send(m.Leave())
            self._outbox.put(None)
        await asyncio.to_thread(self._end, END_S)

    def _end(self, within_s: float) -> None:
        try:
            self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    # ---- on threads of its own --------------------------------------------------------------

    def _write(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError), pipe:  # the reader tells of the loss
            while (frame := self._outbox.get()) is not None:
                pipe.write(frame)
                pipe.flush()

    def _read(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError, MalformedData), pipe:
            while (body := read_frame(pipe)) is not None:
                event = m.decode_event(body)
                if not self._tell(partial(self._on_event, event)):
                    break
        self._outbox.put(None)
        self._end(SOON_S)
        how = f"its process ended with code {self._process.returncode}"
        if not self._closing:
            log.debug("A room: %s. %s", how, one_line(" | ".join(self._lines), self._secrets))
        self._tell(partial(self._on_end, how))

    def _listen(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError), pipe:
            while line := pipe.readline(1000):
                self._lines.append(line.decode(errors="replace").rstrip())

    def _tell(self, call: Callable[[], None]) -> bool:
        try:
            self._loop.call_soon_threadsafe(call)
        except RuntimeError:  # the loop has ended, and with it whoever was interested
            return False
        return True


def usual_command() -> list[str]:
    """What runs `__main__`.

    Raises:
        MediaError: This program does not know where its Python is.
    """
    if not sys.executable:
        what = f"The room's process cannot be started: sys.executable is {sys.executable!r}."
        raise MediaError(what, "Use the avatar in an ordinary Python.")
    return python_command(f"{__package__}.__main__", sys.executable, sys.path)


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    options: Any = popen_options()
    try:
        return subprocess.Popen(  # noqa: S603  # our own interpreter and module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env=keyless_environment(os.environ),
            **options,
        )
    except (OSError, ValueError) as error:
        what = f"The room's process ({command[0]}) could not be started: {error}."
        # Without its frames: they show the environment in a verbose traceback.
        raise MediaError(what) from error.with_traceback(None)
