"""Files as users name them."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import InvalidArgument, MediaError, describe, type_name
from .secret import MaybeKey, hide_key


def path_of(taker: str, value: object) -> Path:
    """`value` as a path, with `~` filled in.

    Args:
        taker: What it was given to, for the message.
        value: Text, or an object that is a path.

    Raises:
        InvalidArgument: It names no file.
    """
    if not isinstance(value, (str, os.PathLike)):
        raise InvalidArgument(f"{taker} takes no {type_name(value)}.", "Give a file's name.")
    refuse_key(taker, value)
    try:
        return Path(str(os.fsdecode(value))).expanduser()
    except Exception as error:  # a class of the user's may raise anything
        what = f"{taker} cannot take {describe(value)}: {error}."
        raise InvalidArgument(what, "Give a file's name.") from error


def refuse_key(taker: str, value: object) -> None:
    """Raise for what looks like a key and names no file: before it is a path, which would show it.

    Args:
        taker: What it was given to, for the message.
        value: What may be the name of a file.

    Raises:
        InvalidArgument: It does.
    """
    value = hide_key(value)
    if isinstance(value, MaybeKey) and not os.path.lexists(value):
        what = f"{taker} cannot take {value!r}: it is no file, and the name has no ending."
        raise InvalidArgument(what, "Give a file's name.")


def is_file(path: Path) -> bool:
    """Whether there is such a file; False, too, for what cannot be a file's name."""
    try:
        return path.is_file()
    except (OSError, ValueError):  # before Python 3.14: a name that is too long, and others
        return False


def exists(path: object) -> bool:
    """Whether there is such a file or folder; False for what cannot be a name, or be looked at."""
    return os.path.exists(str(path))  # never raises, unlike `Path.exists`


def refuse_pipe(path: Path) -> None:
    """Raise for a named pipe: opening it waits for a reader, maybe for ever.

    Raises:
        MediaError: It is one.
    """
    try:
        pipe = path.is_fifo()
    except (OSError, ValueError):
        return  # opening it will say why
    if pipe:
        what = f"{str(path)!r} cannot be written: it is a pipe, and no file."
        raise MediaError(what, "Name a file; frames() and audio() give what a pipe can take.")


def unwritable(path: object, error: Exception) -> MediaError:
    """What to raise for a file that could not be opened, or written, for `error`."""
    reason = getattr(error, "strerror", None) or str(error)
    fix = "Choose a folder that exists and may be written to."
    return MediaError(f"{str(path)!r:.300} cannot be written: {reason}.", fix)
