"""The file under a movie: one writer at a time, and nothing more after the first failure."""

from __future__ import annotations

import contextlib
import errno
import importlib
import io
import os
import stat
import sys
from pathlib import Path
from typing import Any

from ..core.paths import refuse_pipe, unwritable
from ..errors import MediaError


def _find_module(name: str) -> Any:
    """A module that not every system has; None where it is missing."""
    with contextlib.suppress(ImportError):
        return importlib.import_module(name)
    return None


fcntl = _find_module("fcntl")
msvcrt = _find_module("msvcrt")

TAKEN = frozenset({errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES})
"""What a lock fails with that somebody else has; others say that there are none on that disk."""

FAR = 1 << 62
"""A place behind every end: on Windows what is locked can be read by nobody."""

TRIES = 10
"""To open a file in whose place others come meanwhile."""


class MovieFile:
    """The file under a container. After the first failure it takes nothing more.

    Raises:
        MediaError: It cannot be opened.
    """

    def __init__(self, path: str) -> None:
        self.failure: OSError | None = None
        self.length = 0
        self._refusing = False
        refuse_pipe(Path(path))
        try:
            self._file = _open(path)
        except (OSError, ValueError) as error:
            raise unwritable(path, error) from error
        self.name = path

    def write(self, data: bytes) -> int:
        """Write all of `data`; raises OSError."""
        if self._refusing:
            raise OSError("the movie has ended")
        view = memoryview(data)
        try:
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            self.failure = error
            self._refusing = True
            raise
        self.length = max(self.length, self._file.tell())
        return len(data)

    def read(self, count: int = -1) -> bytes:
        """What is at the place it is at."""
        return self._file.read(count) or b""

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to another place."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """The place it is at."""
        return self._file.tell()

    def seekable(self) -> bool:
        """It is."""
        return True

    def readable(self) -> bool:
        """It is: an MP4 is joined from its fragments."""
        return True

    def writable(self) -> bool:
        """It is."""
        return True

    def refuse(self) -> None:
        """Take nothing more."""
        self._refusing = True

    def let_replace(self) -> None:
        """Another file takes its place now. Windows wants it closed; elsewhere it stays ours."""
        if sys.platform == "win32":
            self.end()

    def end(self) -> None:
        """Close it, and let others write it. Idempotent."""
        _close(self._file)


def _open(path: str) -> io.FileIO:
    """The file, empty, and ours alone; what is there stays where somebody is writing it.

    Raises:
        MediaError: Somebody is, in this process or another one.
    """
    for _ in range(TRIES):
        file = io.FileIO(
            os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666), "r+"
        )
        try:
            _lock(file)
            if not _is_at(file, path):
                _close(file)
                continue
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):  # a device has no length
                file.truncate(0)
        except BaseException as error:
            _close(file)
            if isinstance(error, OSError) and error.errno in TAKEN:
                raise _taken(path) from error
            raise
        return file
    raise _taken(path)


def _taken(path: str) -> MediaError:
    what = f"{path!r:.300} is being recorded to already."
    return MediaError(what, "Wait for its end, or choose another name.")


def _is_at(file: io.FileIO, path: str) -> bool:
    """Whether it is still there: another one may have taken its place before it was locked."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(path))
    except FileNotFoundError:
        return False


def _lock(file: io.FileIO) -> None:
    """Lock it until it is closed."""
    try:
        if fcntl is not None:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        elif msvcrt is not None:
            file.seek(FAR)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            file.seek(0)
    except OSError as error:
        if error.errno in TAKEN:
            raise


def _close(file: io.FileIO) -> None:
    """Unlock it and close it. Idempotent."""
    with contextlib.suppress(OSError):
        if fcntl is not None and not file.closed:
            # A process that was forked meanwhile has the file, too, and would keep the lock.
            fcntl.flock(file.fileno(), fcntl.LOCK_UN)
    with contextlib.suppress(OSError):
        file.close()
