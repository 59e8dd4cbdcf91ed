"""Giving memory back to the system: glibc keeps what was freed, for ever if it is not asked."""

from __future__ import annotations

import contextlib
import ctypes
import functools
from collections.abc import Callable


def release_free_memory() -> None:
    """Give freed memory back, where the C library can. Takes a few milliseconds at most."""
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@functools.cache
def _malloc_trim() -> Callable[[int], int] | None:
    """The C library's function; None where it has none (musl, macOS, Windows)."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        function: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
        return function
    return None
