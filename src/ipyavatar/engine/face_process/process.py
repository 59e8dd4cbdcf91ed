"""The process that draws, as the one that asks it has it: started, asked, ended.

A drawing is a pose in and pixels out, so nothing is lost with this process: who cannot ask it any
more draws himself.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from typing import IO, Any

from ...core.keyless_environment import keyless_environment
from ...core.log import get_logger
from ...core.media_process import OPENCV_THREADS
from ...core.python_process import ROOT, popen_options, python_command
from ...core.threads import GuardedThread
from ...errors import MediaError
from ..face import FaceRenderer
from ..face.i420 import Patch, PatchSource
from ..pose import Pose
from . import messages as m

log = get_logger(__name__)

START_S = 20.0
"""It imports NumPy and OpenCV first: a second, and several on a machine that is busy."""

ANSWER_S = 3.0
"""A picture takes milliseconds: who is silent for longer than this hangs, and is ended. So long no
face gets pictures, for those drawn here wait for the same two threads."""

LAST_BYTES = 1000
"""So much of the last that it wrote is told when it dies."""

PIPE_BYTES = 1 << 20
"""A picture's worth, where the system lets a pipe hold more than usual (Linux)."""


class FaceProcess:
    """Draws for several threads, one picture at a time. `close()` ends it, and waits.

    It starts with the first face. When it has died, it is not started again.

    Args:
        command: Starts it; the usual one when None.
        start_s: How long its first answer may take.
        answer_s: How long each further one may take.
        now: Time in seconds.

    Attributes:
        closed: Whether it was ended by `close()`.
    """

    def __init__(
        self,
        command: Sequence[str] | None = None,
        start_s: float = START_S,
        answer_s: float = ANSWER_S,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._command = command
        self._limit_s = start_s
        self._answer_s = answer_s
        self._now = now
        self.closed = False
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._closed_faces: deque[int] = deque()  # told with what is asked next
        self._process: subprocess.Popen[bytes] | None = None
        self._stderr: IO[bytes] | None = None
        self._waits_since: float | None = None
        self._ended = threading.Event()
        self._watch: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        """Its id; None before the first face."""
        return None if self._process is None else self._process.pid

    def face(self, character: str, width: int, height: int) -> PatchSource:
        """One more face that is drawn there. Waits for it; call it on a drawing thread.

        Raises:
            MediaError: It cannot be drawn there.
        """
        number = next(self._numbers)
        name = character.encode()
        self._ask(m.REQUEST.pack(m.OPEN, number, width, height, len(name)) + name)
        face = _RemoteFace(self, number, (character, width, height))
        weakref.finalize(face, self._closed_faces.append, number).atexit = False
        return face

    def draw(self, number: int, pose: Pose) -> Patch | None:
        """What is new of a face in this pose.

        Raises:
            MediaError: It could not be drawn there.
        """
        return self._ask(m.REQUEST.pack(m.DRAW, number, 0, 0, 0) + m.pack_pose(pose))

    def close(self) -> None:
        """End it, and wait for its end. Idempotent."""
        self.closed = True
        self._ended.set()
        if self._process is not None:
            self._process.kill()  # who waits for an answer, reads the end of the pipe
        with self._lock:
            if self._process is not None:
                self._reap(self._process)
        if self._watch is not None:
            self._watch.join()

    def _ask(self, request: bytes) -> Patch | None:
        with self._lock:
            if self._process is None and not self._ended.is_set():
                self._process = self._start()
            process = self._process
            if process is None or self._ended.is_set():
                # It may have been closed while it started.
                if process is not None:
                    process.kill()
                raise MediaError("The process that draws faces has ended.")
            while self._closed_faces:
                request = m.REQUEST.pack(m.CLOSE, self._closed_faces.popleft(), 0, 0, 0) + request
            try:
                self._waits_since = self._now()
                process.stdin.write(request)  # type: ignore[union-attr]
                process.stdin.flush()  # type: ignore[union-attr]
                answer = m.read_answer(process.stdout)  # type: ignore[arg-type]
            except (OSError, ValueError, EOFError) as error:
                self._ended.set()
                process.kill()
                code = process.wait()
                what = f"The process that draws faces ended with code {code}: {self._last_words()}"
                raise MediaError(what) from error
            finally:
                self._waits_since = None
            self._limit_s = self._answer_s
        if isinstance(answer, str):
            raise MediaError(f"A face could not be drawn: {answer}")
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        process: subprocess.Popen[bytes] | None = None
        options: Any = popen_options()
        try:
            self._stderr = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the process
            process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
                self._command or _usual_command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                cwd=ROOT,
                env=_environment(),
                **options,
            )
            watch = GuardedThread(
                target=self._end_if_it_hangs,
                args=(process,),
                name="ipyavatar-face-watch",
                daemon=True,
            )
            watch.start()
        # No temporary folder, no more processes, or (RuntimeError) no more threads.
        except (OSError, ValueError, RuntimeError) as error:
            self._ended.set()
            if process is not None:
                process.kill()
                self._reap(process)
            elif self._stderr is not None:
                self._stderr.close()
            raise MediaError(f"The process that draws faces could not start: {error}.") from error
        self._watch = watch
        _widen(process.stdout)
        return process

    def _reap(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        for pipe in (process.stdin, process.stdout, self._stderr):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]

    def _end_if_it_hangs(self, process: subprocess.Popen[bytes]) -> None:
        while not self._ended.wait(self._answer_s / 4):
            since = self._waits_since
            if since is not None and self._now() - since > self._limit_s:
                process.kill()  # who waits for it reads the end of the pipe

    def _last_words(self) -> str:
        assert self._stderr is not None  # noqa: S101
        with contextlib.suppress(OSError, ValueError):
            self._stderr.seek(max(0, self._stderr.seek(0, os.SEEK_END) - LAST_BYTES))
            return self._stderr.read().decode(errors="replace").strip() or "it said nothing"
        return "what it said is lost"


class _RemoteFace:
    """A face that is drawn there; here from the first time on that this fails."""

    def __init__(self, process: FaceProcess, number: int, look: tuple[str, int, int]) -> None:
        self._process = process
        self._number = number
        self._look = look  # character, width and height
        self._own: FaceRenderer | None = None

    def draw(self, pose: Pose) -> Patch | None:
        if self._own is None:
            try:
                return self._process.draw(self._number, pose)
            except MediaError as error:
                if self._process.closed:
                    return None  # nobody looks any more
                log.debug("A face is drawn here from now on. %s", error)
                self._own = FaceRenderer(*self._look)
        return self._own.draw(pose)


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in (OPENCV_THREADS,) if name in os.environ}
    return keyless_environment(os.environ) | kept


def _usual_command() -> list[str]:
    if not sys.executable:
        raise ValueError(f"sys.executable is {sys.executable!r}")
    return python_command(f"{__package__}.__main__", sys.executable, sys.path)


def _widen(pipe: IO[bytes] | None) -> None:
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)  # type: ignore[arg-type]
