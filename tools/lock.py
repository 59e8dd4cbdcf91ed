"""Runs a command while holding a lock, so that two makes at once do not break each other.

python tools/lock.py NAME COMMAND...

The lock is a file below .setup/; it is free again when the command has ended, however it ended.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / ".setup"


def take(path: Path) -> int:
    """Wait for the lock; returns its file descriptor, which a command run by `exec` inherits."""
    path.parent.mkdir(exist_ok=True)
    held = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    if not _try(held):
        print(f"Another make is at it ({path.name}); waiting.", file=sys.stderr, flush=True)
        _wait(held)
    os.set_inheritable(held, True)
    return held


if sys.platform == "win32":
    import msvcrt
    import time

    def _try(held: int) -> bool:
        try:
            msvcrt.locking(held, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _wait(held: int) -> None:
        while not _try(held):
            time.sleep(0.2)

else:
    import fcntl

    def _try(held: int) -> bool:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _wait(held: int) -> None:
        fcntl.flock(held, fcntl.LOCK_EX)


def main(arguments: list[str]) -> int:
    name, *command = arguments
    take(FOLDER / f"{name}.lock")
    if sys.platform != "win32":
        # `exec` keeps what make hands down to a make below it (its job server), and its exit code.
        os.execvp(command[0], command)
    # There `exec` would let go of the lock.
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
