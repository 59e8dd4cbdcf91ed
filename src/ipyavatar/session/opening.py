"""Why a session could not be opened."""

from __future__ import annotations

from ..core.log import get_logger
from ..errors import AvatarError

log = get_logger(__name__)


def opening_failure(error: BaseException) -> AvatarError:
    """Why a session could not be opened, as an error of ours."""
    if isinstance(error, AvatarError):
        return error
    # At the interpreter's end nobody is left who would read it.
    if not (isinstance(error, RuntimeError) and "shutdown" in str(error)):
        log.error("A session could not be opened, in a way nobody foresaw", exc_info=error)
    return AvatarError(f"The session could not be opened: {error!r}.")
