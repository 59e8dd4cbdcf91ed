"""The LiveKit player's code: most pages never need it, so it is sent where it is asked for."""

from __future__ import annotations

import functools
import gzip

from .traits import built


@functools.cache
def livekit_player() -> bytes:
    """The ES module, gzipped; made once per process.

    Raises:
        MissingPart: The front end is not built.
    """
    return gzip.compress(built("livekit.js").encode(), mtime=0)
