"""Why a session could not be opened."""

from __future__ import annotations

import errno

from ..core.log import get_logger
from ..errors import AvatarError

log = get_logger(__name__)

FIXES = {
    errno.EMFILE: "Close files and sockets of this program, or raise its limit (ulimit -n).",
    errno.ENFILE: "All programs of this machine together have too many files open: end some.",
    errno.ENOMEM: "Free memory, or raise the limit of it.",
    errno.ENOSPC: "Free space on the disk.",
}
"""What to do where the system has no more of something."""


def opening_failure(error: BaseException) -> AvatarError:
    """Why a session could not be opened, as an error of ours."""
    if isinstance(error, AvatarError):
        return error
    if isinstance(error, OSError) and error.errno in FIXES:
        return AvatarError(f"The session could not be opened: {error}.", FIXES[error.errno])
    # At the interpreter's end nobody is left who would read it.
    if not (isinstance(error, RuntimeError) and "shutdown" in str(error)):
        log.error("A session could not be opened, in a way nobody foresaw", exc_info=error)
    return AvatarError(f"The session could not be opened: {error!r}.")
