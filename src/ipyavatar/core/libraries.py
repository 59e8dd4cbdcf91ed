"""Libraries that are installed and cannot be loaded: named, with the reason and what to do.

One that lacks a library of the system, or was built for another NumPy, raises whatever it likes
from somewhere in its depths.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import importlib.metadata
import sys
import types

from ..errors import AvatarError, MediaError
from .text import name_error

EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})

OURS = __name__.partition(".")[0]


def load_module(name: str) -> types.ModuleType:
    """A module of ours, with the libraries that it needs.

    Not by an import statement: where two threads load one module, and that fails, the second would
    be told that it lacks a name, and never why.

    Raises:
        MediaError: A library cannot be loaded.
        OSError: The system has no more of something: no library is to blame.
    """
    try:
        return importlib.import_module(name)
    except AvatarError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno in EXHAUSTED:
            raise
        raise broken_library(error) from error


def broken_library(error: Exception) -> MediaError:
    """What cannot be loaded, why, and what to do, from what was raised on the way."""
    library = _library_of(error)
    what = f"{library or 'A library'} cannot be loaded: {' '.join(name_error(error).split())}."
    package = _package_of(library)
    fix = f"Install it anew where the kernel runs: pip install --force-reinstall {package}."
    if not package:
        fix = "Install what is missing where the kernel runs: pip install ipyavatar."
    if ".so" in str(error):
        fix += " A file .so that is not found comes with a package of the system."
    return MediaError(what, fix)


def _library_of(error: Exception) -> str:
    """The name of the library that failed: the one not found, or whose code raised."""
    if isinstance(error, ImportError) and error.name:
        name = error.name.partition(".")[0]
        if name != OURS:
            return name
    found, traceback = "", error.__traceback__
    while traceback is not None:
        name = str(traceback.tb_frame.f_globals.get("__name__", "")).partition(".")[0]
        if name not in sys.stdlib_module_names | {OURS, "__main__", ""}:
            found = name
        traceback = traceback.tb_next
    return found


def _package_of(library: str) -> str:
    """The package that installed it; empty where none did."""
    packages: list[str] = []
    with contextlib.suppress(Exception):  # somebody has broken what tells of packages
        packages = importlib.metadata.packages_distributions().get(library, [])
    return packages[0] if packages else ""
