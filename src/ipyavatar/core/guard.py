"""One failure ends nothing but itself."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)


@contextmanager
def guard(what: str) -> Iterator[None]:
    """Log what is raised inside, and go on.

    Stands around every call that others depend on who are not its cause: a command of a loop that
    serves all, a listener, a callback of a library.
    """
    try:
        yield
    except Exception:
        log.exception("%s could not be handled", what)
