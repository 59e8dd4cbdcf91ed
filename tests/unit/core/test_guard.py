"""One rule for what others depend on: it is shown, and ends nothing else."""

import asyncio
import logging

import pytest

from ipyavatar.core.guard import REMEMBERED, Guard
from tests.support.odd_errors import NAMES, ODD

log = logging.getLogger("test.guard")


def fail(error):
    raise error


@pytest.mark.parametrize(
    "error",
    [
        ValueError("a value"),
        RecursionError("too deep"),
        MemoryError(),
        SystemExit(3),
        KeyboardInterrupt(),
        asyncio.CancelledError(),
        GeneratorExit(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_is_raised_goes_no_further_and_is_shown(error, caplog):
    """Also what ends other programs; the caller has it, to answer somebody."""
    guard = Guard("A step failed", log)
    assert guard.run(lambda: fail(error), "of three") is error
    # asyncio may tell of other tests' tasks meanwhile
    (record,) = [one for one in caplog.records if one.name == log.name]
    assert record.getMessage() == "A step failed: of three"
    assert record.exc_info[1] is error


def test_what_works_is_said_nothing_about(caplog):
    """And there is nothing to answer for."""
    assert Guard("A step failed", log).run(lambda: 1) is None
    assert not caplog.records


def test_a_place_that_keeps_failing_is_shown_once(caplog):
    """Others are shown all the same, and what is remembered is bounded."""
    guard = Guard("A step failed", log)
    for _ in range(50):
        guard.run(lambda: fail(ValueError("x")))
    assert len(caplog.records) == 1
    guard.run(lambda: fail(KeyError("x")))
    assert len(caplog.records) == 2
    for number in range(3 * REMEMBERED):
        guard.run(lambda: fail(ValueError("x")), f"command {number}")
    assert len(guard._shown) == REMEMBERED


def test_a_log_handler_that_fails_ends_nothing_either(monkeypatch):
    """It is the user's, too."""

    class Failing(logging.Handler):
        def emit(self, record):
            called.append(record)
            raise RuntimeError("no disk")

    called, handler = [], Failing()
    log.addHandler(handler)
    try:
        error = Guard("A step failed", log).run(lambda: fail(ValueError("x")))
    finally:
        log.removeHandler(handler)
    assert isinstance(error, ValueError)
    assert called


def test_where_a_users_thread_comes_by_ctrl_c_is_theirs():
    """It passes; errors do not."""
    guard = Guard("A step failed", log, Exception)
    with pytest.raises(KeyboardInterrupt):
        guard.run(lambda: fail(KeyboardInterrupt()))


@pytest.mark.parametrize("kind", ODD, ids=NAMES)
def test_an_error_that_cannot_be_shown_is_told_all_the_same(kind, caplog):
    """By its name; and it goes no further either."""
    guard = Guard("A step failed", log)
    raised = guard.run(lambda: fail(kind()))
    assert type(raised) is kind
    (record,) = [one for one in caplog.records if one.name == log.name]
    assert "A step failed" in record.getMessage()
    assert record.exc_info or kind.__name__ in record.getMessage()
