"""Libraries that end the process where the memory they are loaded into cannot be had.

Under a limit of the address space (`ulimit -v`, as on shared machines) OpenCV with its OpenBLAS and
onnxruntime do not raise: they crash, abort, or send the process SIGINT, and nothing can catch that.
So who is about to load one asks first.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from pathlib import Path

from ..errors import MediaError

MB = 2**20

NEEDS_MB = {"cv2": 350, "onnxruntime": 75}
"""Address space that loading takes, measured on two cores: OpenCV was loaded with 320 MB, and
crashed with 295; onnxruntime was loaded with 70, and aborted with 43. With each further core
OpenBLAS takes more."""


def require_address_space(
    *libraries: str,
    loaded: Collection[str] = sys.modules,
    free: Callable[[], int | None] | None = None,
) -> None:
    """Refuse to load `libraries` where that would end the process.

    Args:
        libraries: Names in `NEEDS_MB`.
        loaded: What is there already, and needs nothing.
        free: Tells how many bytes may still be mapped; None where there is no limit.

    Raises:
        MediaError: The process may not have so much.
    """
    needed = sum(NEEDS_MB[name] for name in libraries if name not in loaded)
    if not needed:
        return
    left = (free or free_address_space)()
    if left is not None and left < needed * MB:
        raise MediaError(
            f"Picture and voice need {needed} MB more of address space, and this process may have"
            f" {max(0, left) // MB} MB.",
            "Raise its limit (ulimit -v, or RLIMIT_AS).",
        )


def free_address_space() -> int | None:
    """Bytes that this process may still map; None where there is no limit, or none is known."""
    try:
        import resource

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        if limit == resource.RLIM_INFINITY:
            return None
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        return limit - pages * resource.getpagesize()
    except (ImportError, AttributeError, OSError, ValueError, IndexError):
        return None  # Windows has neither, macOS no /proc
