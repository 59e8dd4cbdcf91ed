"""Checks are run one by one; whatever one of them does is a row, and ends nothing else."""

import threading

import pytest

from ipyavatar.api.doctor.context import Context
from ipyavatar.api.doctor.redaction import Redaction
from ipyavatar.api.doctor.registry import Check, checks
from ipyavatar.api.doctor.report import Finding
from ipyavatar.api.doctor.runner import run_checks
from ipyavatar.core.secret import Secret
from ipyavatar.errors import InvalidArgument
from ipyavatar.providers.cloud.environment import Environment


class Shown:
    """Keeps what is being checked."""

    def __init__(self, raises=None):
        self.texts = []
        self.raises = raises

    def show(self, text):
        self.texts.append(text)
        if self.raises == len(self.texts):
            raise KeyboardInterrupt

    def close(self):
        pass


def one(name, run, within_s=20.0):
    return Check("Group", name, run, within_s)


def rows_of(*found, shown=None, secrets=()):
    context = Context(Environment({}), notebook=False)
    return list(run_checks(found, context, Redaction(secrets), shown or Shown()))


def raising(error):
    def run(context):
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (InvalidArgument("It cannot be.", "Do this."), "It cannot be."),
        (ValueError("odd"), "ValueError('odd')"),
        (SystemExit(3), "SystemExit(3)"),
        (KeyboardInterrupt(), "KeyboardInterrupt()"),
        (RecursionError(), "RecursionError()"),
    ],
)
def test_one_that_raises_is_a_row_that_says_so(error, what):
    """And the next is run all the same."""
    first, second = rows_of(
        one("a", raising(error)), one("b", lambda context: Finding("ok", "Fine."))
    )
    assert (first.state, second.state) == ("failed", "ok")
    assert what in first.what
    assert first.fix


def test_one_that_hangs_is_bounded():
    never = threading.Event()
    first, second = rows_of(
        one("a", lambda context: never.wait(), 0.05), one("b", lambda context: Finding("ok", "x"))
    )
    never.set()
    assert first.state == "failed"
    assert "has not answered within" in first.what
    assert second.state == "ok"


def test_what_a_check_wants_on_the_callers_thread_is_done_there():
    def run(context):
        name = context.on_caller(lambda: threading.current_thread().name)
        return Finding("ok", name)

    (row,) = rows_of(one("a", run))
    assert row.what == threading.current_thread().name


def test_what_fails_on_the_callers_thread_fails_the_check_alone():
    def run(context):
        context.on_caller(lambda: 1 / 0)

    (row,) = rows_of(one("a", run))
    assert "ZeroDivisionError" in row.what


def test_progress_names_each_and_ctrl_c_ends_it():
    ran = []
    shown = Shown(raises=2)
    found = [
        one("a", lambda context: ran.append("a") or Finding("ok", "x")),
        one("b", lambda context: ran.append("b") or Finding("ok", "x")),
    ]
    with pytest.raises(KeyboardInterrupt):
        rows_of(*found, shown=shown)
    assert shown.texts == ["Group: a", "Group: b"]
    assert ran == ["a"]


def test_no_row_has_a_secret_in_any_of_its_parts():
    """Whatever a check, or an error in it, says."""
    finding = Finding(
        "ok", "key-4711", "use key-4711", {"key-4711": ["key-4711", {"a": "key-4711"}]}
    )
    rows = rows_of(
        one("a", lambda context: finding),
        one("b", raising(ValueError("key-4711"))),
        secrets=[Secret("key-4711")],
    )
    assert "4711" not in repr(rows)


def test_every_check_has_a_name_of_its_own_and_a_bound():
    found = checks()
    assert len({(one.group, one.name) for one in found}) == len(found) > 15
    assert all(0 < one.within_s <= 60 for one in found)
    assert checks() == found


def test_a_long_error_that_nobody_foresaw_shows_no_half_of_a_secret():
    """It is cut after what is secret has been taken out of it."""
    secret = "top-secret-" * 10
    error = ValueError("x" * 250 + secret)
    (row,) = rows_of(one("Odd", raising(error)), secrets=[Secret(secret)])
    assert "xxx" in row.what
    assert "top" not in row.what


def test_ctrl_c_while_something_is_shown_for_a_check_ends_all():
    """It reaches the thread of the caller, which does that."""

    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rows_of(one("Shows", lambda context: context.on_caller(interrupted)))
