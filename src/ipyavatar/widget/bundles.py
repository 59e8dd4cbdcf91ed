"""Code of the page that most pages never need: it is sent where it is asked for."""

from __future__ import annotations

import functools
import gzip

from ..protocol.page import BundleName
from .traits import built


@functools.cache
def bundle(name: BundleName) -> bytes:
    """The ES module, gzipped; made once per process.

    Raises:
        MissingPart: The front end is not built.
    """
    return gzip.compress(built(f"{name}.js").encode(), mtime=0)
