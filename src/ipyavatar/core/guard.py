"""One rule for what others depend on: whatever it raises is shown, and ends nothing else.

Every command, callback and event runs under a `Guard`, whoever wrote it; background tasks are in a
`TaskSet`, which does the same for them.
"""

from __future__ import annotations

import contextlib
import logging
from collections import deque
from collections.abc import Callable, Iterator
from types import TracebackType

from ..errors import type_name
from .log import get_logger

log = get_logger(__name__)

REMEMBERED = 100
"""Places that failed; one that keeps failing is shown once."""


@contextlib.contextmanager
def guard(what: str) -> Iterator[None]:
    """Log what is raised inside, and go on: a `Guard` where it stands only once."""
    try:
        yield
    except Exception:
        log.exception("%s could not be handled", what)


class Guard:
    """Calls what may raise anything: `sys.exit()`, a stray cancellation and recursion included.

    Args:
        what: What is said when it fails, as a sentence without a full stop.
        logger: Where it is said.
        kinds: What is caught. Where a user's own thread comes by, `Exception`: Ctrl-C is theirs.
    """

    def __init__(
        self, what: str, logger: logging.Logger, kinds: type[BaseException] = BaseException
    ) -> None:
        self._what = what
        self._log = logger
        self._kinds = kinds
        self._shown: deque[tuple[str, str, int, str]] = deque(maxlen=REMEMBERED)

    def run(self, call: Callable[[], object], which: str = "") -> BaseException | None:
        """Call it; returns what it raised, for who has to answer somebody.

        Args:
            call: What may fail.
            which: Which of them it is, for the log.
        """
        try:
            call()
        except self._kinds as error:
            self.show(error, which)
            return error
        return None

    def show(self, error: BaseException, which: str = "") -> None:
        """Log it, once for each place. Never raises: a log handler of the user's may fail, too."""
        try:
            self._show(error, which)
        except KeyboardInterrupt:
            raise  # of the program's main thread
        except BaseException:  # an error of the user's may raise whatever is asked of it
            name = type_name(error)
            with contextlib.suppress(Exception):
                self._log.error("%s: %s, which cannot be shown", self._what, which or name)

    def _show(self, error: BaseException, which: str) -> None:
        fault = (type_name(error), *_place_of(error.__traceback__), which)
        if fault in self._shown:
            return
        self._shown.append(fault)
        self._log.error("%s%s", self._what, which and f": {which}", exc_info=error)


def _place_of(trace: TracebackType | None) -> tuple[str, int]:
    """File and line where it was raised."""
    if trace is None:
        return "", 0
    while trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_filename, trace.tb_lineno
