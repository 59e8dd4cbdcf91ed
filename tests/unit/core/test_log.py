"""Handlers of log records are users' code: they run on a thread of their own."""

import contextlib
import contextvars
import importlib
import logging
import threading
import time

import pytest

from ipyavatar.core import log as core_log
from ipyavatar.core.log import MOST_WAITING, flush, get_logger
from ipyavatar.core.serving import is_serving, serving

SOON_S = 20.0
NAME = "ipyavatar.test_log"
LOCK = threading.Lock()

log = get_logger(NAME)


class Handler(logging.Handler):
    """Keeps what it gets, after doing something."""

    def __init__(self, do=lambda record: None):
        super().__init__()
        self.do, self.records, self.where = do, [], []

    def emit(self, record):
        self.records.append(record)
        self.where.append((threading.current_thread().name, is_serving()))
        self.do(record)


@contextlib.contextmanager
def handling(do=lambda record: None, name="ipyavatar"):
    """A handler of the user's."""
    handler, logger = Handler(do), logging.getLogger(name)
    logger.addHandler(handler)
    try:
        yield handler
    finally:
        flush(SOON_S)
        logger.removeHandler(handler)


@pytest.mark.parametrize("name", [NAME, "ipyavatar", ""])
def test_a_handler_runs_where_nobody_waits_for_it(name):
    """Wherever it was put, and whoever logs: under our locks, on our loops."""
    with handling(name=name) as handler:
        with serving():
            log.warning("a %s", "word")
        assert flush(SOON_S)
    assert handler.where == [("ipyavatar-log", False)]
    assert handler.records[0].getMessage() == "a word"


def test_a_record_tells_who_made_it_when_and_of_what_error():
    with handling() as handler:
        try:
            raise KeyError("k")
        except KeyError as error:
            log.exception("It failed")
            raised = error
        assert flush(SOON_S)
    (record,) = handler.records
    assert record.threadName == threading.current_thread().name
    assert record.thread == threading.get_ident()
    assert record.exc_info[1] is raised
    assert (record.name, record.filename) == (NAME, "test_log.py")
    assert record.funcName == test_a_record_tells_who_made_it_when_and_of_what_error.__name__


def test_the_time_is_that_of_the_call():
    """Not that of a handler that comes to it later."""
    go, begun = threading.Event(), threading.Event()
    with handling(lambda record: (begun.set(), go.wait(SOON_S))) as handler:
        log.warning("first")
        log.warning("second")
        logged = time.time()
        assert begun.wait(SOON_S)
        go.set()
        assert flush(SOON_S)
    assert [record.created <= logged for record in handler.records] == [True, True]


def test_a_handler_sees_the_context_of_the_call():
    """A notebook shows what it writes below the cell that it came from."""
    cell = contextvars.ContextVar("cell")
    cell.set(7)
    seen = []
    with handling(lambda record: seen.append(cell.get(None))):
        log.warning("here")
    assert seen == [7]


def take_lock(record):
    """As a handler that writes to a file of the user's."""
    with LOCK:
        pass


def fail(record):
    raise RuntimeError("no disk")


def leave(record):
    raise SystemExit(3)


def log_again(record):
    if record.getMessage() == "said under a lock":
        log.warning("a handler was here")


@pytest.mark.parametrize("do", [take_lock, fail, leave, log_again])
def test_a_handler_may_do_anything(do, capsys):
    """It holds up nobody who logs; what it raises is shown, and the next record is handled."""
    with handling(do) as handler:
        with LOCK, serving():
            log.error("said under a lock")
        log.error("said afterwards")
        assert flush(SOON_S)
    told = [record.getMessage() for record in handler.records]
    assert told[0] == "said under a lock"
    assert "said afterwards" in told
    assert ("no disk" in capsys.readouterr().err) == (do is fail)


def test_what_waits_for_a_handler_that_hangs_is_bounded_and_what_is_lost_is_told():
    go, begun = threading.Event(), threading.Event()
    with handling(lambda record: (begun.set(), go.wait(SOON_S))) as handler:
        log.warning("first")
        assert begun.wait(SOON_S)
        for number in range(MOST_WAITING + 5):
            log.warning("%d", number)
        assert not flush(0.01)
        go.set()
        assert flush(SOON_S)
    texts = [record.getMessage() for record in handler.records]
    assert len([text for text in texts if text.isdigit()]) <= MOST_WAITING
    assert any("records were dropped" in text for text in texts)


def test_what_users_set_holds():
    """Levels, filters, factories; and what they say of all of `ipyavatar`."""
    ours, other = logging.getLogger(NAME), logging.LogRecord
    where = []

    class Record(other):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.thread = 0
            self.request = "r1"
            where.append(threading.current_thread().name)

    def refuse(record):
        where.append(threading.current_thread().name)
        return "secret" not in record.getMessage()

    logging.setLogRecordFactory(Record)
    ours.addFilter(refuse)
    try:
        with handling() as handler:
            assert not log.isEnabledFor(logging.INFO)
            log.info("quiet")
            log.warning("a secret")
            log.warning("%d and %s", 1, "two")
    finally:
        flush(SOON_S)
        logging.setLogRecordFactory(other)
        ours.removeFilter(refuse)
    (record,) = handler.records
    assert (record.getMessage(), record.request) == ("1 and two", "r1")
    assert record.thread == threading.get_ident()
    assert set(where) == {"ipyavatar-log"}


def test_what_libraries_log_on_our_threads_goes_there_too():
    """What they log elsewhere is none of ours."""
    core_log.take_libraries()
    core_log.take_libraries()
    with handling(name="") as handler:
        for name in core_log.LIBRARIES:
            with serving():
                logging.getLogger(name).warning("ours")
        assert flush(SOON_S)
        assert handler.where == [("ipyavatar-log", False)] * len(core_log.LIBRARIES)
        logging.getLogger("aioice.ice").warning("theirs")
        assert handler.where[-1][0] == threading.current_thread().name


def test_the_loggers_of_libraries_are_all_there_are():
    """Of those that are imported here; a release may bring others."""
    for module in ("aiortc", "aioice.turn", "aioice.mdns", "httpx", "av"):
        importlib.import_module(module)
    first = {name.partition(".")[0] for name in core_log.LIBRARIES}
    known = [
        name
        for name, one in logging.root.manager.loggerDict.items()
        if isinstance(one, logging.Logger) and name.partition(".")[0] in first
    ]
    assert set(known) - set(core_log.LIBRARIES) == set()


def test_hooks_of_warnings_run_there_too(monkeypatch):
    seen = []
    monkeypatch.setattr("warnings.showwarning", lambda *args, **kwargs: None)
    monkeypatch.setattr(
        "warnings.warn_explicit", lambda *args, **kwargs: seen.append(core_log._thread.current)
    )
    with serving():
        core_log.warn("It was left.", ResourceWarning)
    assert flush(SOON_S)
    assert seen == [True]
