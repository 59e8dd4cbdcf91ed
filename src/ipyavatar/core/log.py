"""What this package logs: handlers, filters and factories of records are the user's code.

They may take a lock that somebody holds who waits for us, block, raise, or call our verbs. So they
run on a thread of their own, whoever has something to log and whatever lock he holds. Nobody else
in this package gets a logger from `logging`.
"""

from __future__ import annotations

import atexit
import contextlib
import contextvars
import logging
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

from .own_thread import OwnThread
from .serving import is_serving

MOST_WAITING = 1_000
"""So many records wait for a handler that does not return; newer ones are dropped, and counted."""

_PARTS = {
    "aioice": ("ice", "mdns", "turn"),
    "aiortc": (
        *("codecs.h264", "codecs.vpx"),  # 1.15
        *("rtcdatachannel", "rtcdtlstransport", "rtcicetransport", "rtcpeerconnection"),
        *("rtcrtpreceiver", "rtcrtpsender", "rtcrtptransceiver", "rtcsctptransport"),
    ),
    "asyncio": (),
    "httpcore": ("connection", "http11", "http2", "proxy", "socks"),
    "httpx": (),
    "libav": (),
    "livekit": ("rtc", "rtc.synchronizer"),
}
LIBRARIES = [*_PARTS, *(f"{name}.{part}" for name, parts in _PARTS.items() for part in parts)]
"""The loggers of the libraries that run in threads of ours."""

FLUSH_S = 2.0
"""The end of the program waits for handlers no longer than this."""

_thread = OwnThread("ipyavatar-log")
_dropped: list[int] = []

_WHENCE = {"created", "msecs", "relativeCreated", "thread", "threadName", "process", "processName"}
_WHENCE |= {"taskName"}  # of Python 3.12 and newer


class Logger(logging.Logger):
    """Decides and notes at once; what the logger of that name does with it comes later."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._logger = logging.getLogger(name)

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802  # its name in `logging`
        """As users have set it."""
        return self._logger.isEnabledFor(level)

    def makeRecord(self, *args: Any, **kwargs: Any) -> logging.LogRecord:  # noqa: N802
        """Not by the user's factory, yet."""
        kwargs.pop("extra", None)
        name, level, path, line, message, arguments, exc_info, function, _extra, stack = args
        return logging.LogRecord(
            name, level, path, line, message, arguments, exc_info, function, stack
        )

    def handle(self, record: logging.LogRecord) -> None:
        """Have it handled by the thread for that."""
        _queue(lambda: self._logger.handle(_by_factory(record)))


def get_logger(name: str) -> Logger:
    """The logger of that name, as this package uses it."""
    return Logger(name)


class _Elsewhere(logging.Filter):
    """What a library logs where others wait for the thread goes the same way."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not is_serving():
            return True
        _queue(lambda: logging.getLogger(record.name).handle(record))
        return False


_elsewhere = _Elsewhere()


def take_libraries() -> None:
    """Have that done for those that run in threads of ours; idempotent."""
    for name in LIBRARIES:
        logger = logging.getLogger(name)
        if _elsewhere not in logger.filters:
            logger.addFilter(_elsewhere)


def warn(message: str, category: type[Warning]) -> None:
    """Warn of what no line of the user's has to answer for; hooks of warnings are users' code."""
    where = "ipyavatar", 0, "ipyavatar"
    _put(partial(_guarded, partial(warnings.warn_explicit, message, category, *where)))


def flush(seconds: float = FLUSH_S) -> bool:
    """Wait until what was logged is handled; False if that takes too long."""
    if not _thread.runs or _thread.current:
        return True
    handled = threading.Lock()
    handled.acquire()
    _thread.put(handled.release)
    return handled.acquire(timeout=seconds)


# Before `logging` shuts down, and after what logs at the end: that imports this.
atexit.register(flush)


def _put(call: Callable[[], object]) -> None:
    try:
        _thread.put(call)
    except RuntimeError:  # no thread can be started any more: the program ends
        call()


def _queue(handle: Callable[[], None]) -> None:
    if _thread.waiting >= MOST_WAITING:
        _dropped.append(1)
    else:
        context = contextvars.copy_context()  # a notebook shows it below the cell it came from
        _put(partial(context.run, _handle, handle))


def _handle(handle: Callable[[], None]) -> None:
    _guarded(handle)
    if dropped := len(_dropped):
        del _dropped[:dropped]
        what = "A log handler took so long that %d records were dropped"
        _guarded(lambda: logging.getLogger("ipyavatar").warning(what, dropped))


def _by_factory(record: logging.LogRecord) -> logging.LogRecord:
    """The record as the user's factory makes it, with its own time and thread."""
    factory = logging.getLogRecordFactory()
    if factory is logging.LogRecord:
        return record
    r = record
    made = factory(
        r.name, r.levelno, r.pathname, r.lineno, r.msg, r.args, r.exc_info, r.funcName, r.stack_info
    )
    made.__dict__.update({name: r.__dict__[name] for name in _WHENCE & r.__dict__.keys()})
    return made


def _guarded(call: Callable[[], object]) -> None:
    """Whatever a handler raises is shown where `logging` shows it, and ends nothing."""
    try:
        call()
    except BaseException as error:
        with contextlib.suppress(Exception):
            if logging.raiseExceptions and sys.stderr is not None:
                traceback.print_exception(error, file=sys.stderr)
