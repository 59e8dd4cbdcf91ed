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
from ...core.python_process import ROOT, popen_options, python_command
from ...core.threads import GuardedThread
from ...errors import MediaError
from ..face import FaceRenderer
from ..face.i420 import Patch, PatchSource
from ..pose import Pose
from . import messages as m

log = get_logger(__name__)

ANSWER_S = 10.0
"""A picture takes milliseconds, and the first one waits for imports: who is silent for longer than
this hangs, and is ended."""

LAST_BYTES = 1000
"""So much of the last that it wrote is told when it dies."""

PIPE_BYTES = 1 << 20
"""A picture's worth, where the system lets a pipe hold more than usual (Linux)."""


class FaceProcess:
    """Draws for several threads, one picture at a time. `close()` ends it, and waits.

    It starts with the first face. When it has died, it is not started again.

    Args:
        command: Starts it; the usual one when None.
        answer_s: How long an answer may take.
        now: Time in seconds.
    """

    def __init__(
        self,
        command: Sequence[str] | None = None,
        answer_s: float = ANSWER_S,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._command = command
        self._answer_s = answer_s
        self._now = now
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._closed_faces: deque[int] = deque()  # told with what is asked next
        self._process: subprocess.Popen[bytes] | None = None
        self._words: IO[bytes] | None = None  # what it wrote to standard error
        self._asked_at: float | None = None
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
        self._ask(m.ASK.pack(m.OPEN, number, width, height, len(name)) + name)
        face = _RemoteFace(self, number, (character, width, height))
        weakref.finalize(face, self._closed_faces.append, number).atexit = False
        return face

    def draw(self, number: int, pose: Pose) -> Patch | None:
        """What is new of a face in this pose.

        Raises:
            MediaError: It could not be drawn there.
        """
        return self._ask(m.ASK.pack(m.DRAW, number, 0, 0, 0) + m.pack_pose(pose))

    def close(self) -> None:
        """End it, and wait for its end. Idempotent."""
        self._ended.set()
        if self._process is not None:
            self._process.kill()  # who waits for an answer, reads the end of the pipe
        with self._lock:
            if self._process is not None:
                self._process.kill()  # it may have started just now
                self._process.wait()
                for pipe in (self._process.stdin, self._process.stdout, self._words):
                    with contextlib.suppress(OSError):
                        pipe.close()  # type: ignore[union-attr]
        if self._watch is not None:
            self._watch.join()

    def _ask(self, question: bytes) -> Patch | None:
        with self._lock:
            if self._ended.is_set():
                raise MediaError("The process that draws faces has ended.")
            if self._process is None:
                self._start()
            assert self._process is not None  # noqa: S101
            while self._closed_faces:
                question = m.ASK.pack(m.CLOSE, self._closed_faces.popleft(), 0, 0, 0) + question
            try:
                self._asked_at = self._now()
                self._process.stdin.write(question)  # type: ignore[union-attr]
                self._process.stdin.flush()  # type: ignore[union-attr]
                answer = m.read_answer(self._process.stdout)  # type: ignore[arg-type]
            except (OSError, ValueError, EOFError) as error:
                self._ended.set()
                self._process.kill()
                code = self._process.wait()
                what = f"The process that draws faces ended with code {code}: {self._last_words()}"
                raise MediaError(what) from error
            finally:
                self._asked_at = None
        if isinstance(answer, str):
            raise MediaError(f"A face could not be drawn: {answer}")
        return answer

    def _start(self) -> None:
        options: Any = popen_options()
        self._words = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the process
        try:
            self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
                self._command or _usual_command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._words,
                cwd=ROOT,
                env=keyless_environment(os.environ),
                **options,
            )
        except (OSError, ValueError) as error:
            self._ended.set()
            self._words.close()
            raise MediaError(f"The process that draws faces could not start: {error}.") from error
        _widen(self._process.stdout)
        self._watch = GuardedThread(target=self._end_if_it_hangs, name="ipyavatar-face-watch")
        self._watch.daemon = True
        self._watch.start()

    def _end_if_it_hangs(self) -> None:
        assert self._process is not None  # noqa: S101
        while not self._ended.wait(self._answer_s / 4):
            asked_at = self._asked_at
            if asked_at is not None and self._now() - asked_at > self._answer_s:
                self._process.kill()  # who waits for it reads the end of the pipe

    def _last_words(self) -> str:
        assert self._words is not None  # noqa: S101
        with contextlib.suppress(OSError, ValueError):
            self._words.seek(max(0, self._words.seek(0, os.SEEK_END) - LAST_BYTES))
            return self._words.read().decode(errors="replace").strip() or "it said nothing"
        return "what it said is lost"


class _RemoteFace:
    """A face that is drawn there; here from the first time on that this fails."""

    def __init__(self, process: FaceProcess, number: int, made_of: tuple[str, int, int]) -> None:
        self._process = process
        self._number = number
        self._made_of = made_of
        self._own: FaceRenderer | None = None

    def draw(self, pose: Pose) -> Patch | None:
        if self._own is None:
            try:
                return self._process.draw(self._number, pose)
            except MediaError as error:
                log.debug("A face is drawn here from now on. %s", error)
                self._own = FaceRenderer(*self._made_of)
        return self._own.draw(pose)


def _usual_command() -> list[str]:
    if not sys.executable:
        raise ValueError(f"sys.executable is {sys.executable!r}")
    return python_command(f"{__package__}.__main__", sys.executable, sys.path)


def _widen(pipe: IO[bytes] | None) -> None:
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)  # type: ignore[arg-type]
