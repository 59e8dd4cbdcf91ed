"""Where what outlives a process is kept: the folder of the ledger."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

STATE_DIR_VARIABLE = "IPYAVATAR_STATE_DIR"

_NOWHERE = Path(os.devnull) / "ipyavatar"
"""No folder can be here: the ledger warns that it cannot be written, and the session goes on."""


def state_folder() -> Path:
    """`IPYAVATAR_STATE_DIR`, else this system's place for user state; it may not be there yet.

    A user without a home folder (a container whose user nobody has entered) has one among the
    temporary files.
    """
    given = os.environ.get(STATE_DIR_VARIABLE, "").strip()
    if given:
        return Path(os.path.expanduser(given))
    import platformdirs

    # Without a home folder some of its versions raise, and others name a folder "~".
    with contextlib.suppress(RuntimeError):
        folder = platformdirs.user_state_path("ipyavatar", appauthor=False)
        if folder.is_absolute():
            return folder
    return _folder_of_mine()


def _folder_of_mine() -> Path:
    """One in which nobody else can put anything: everybody may write beside it."""
    try:
        folder = Path(tempfile.gettempdir()) / f"ipyavatar-{os.getuid()}"
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
    except (OSError, AttributeError):  # Windows has no such users
        return _NOWHERE
    mine = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    return folder if mine and not stat.S_IMODE(found.st_mode) & 0o077 else _NOWHERE
