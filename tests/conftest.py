"""What holds for every test."""

import os
import sys
from collections.abc import Iterator

import hypothesis
import pytest

from ipyavatar.core import log

# With it `print` writes a line in two parts, between which what another process prints to the
# same pipe may come.
os.environ.pop("PYTHONUNBUFFERED", None)

# On a machine that is busy with other things any example may take long: that is no fault.
hypothesis.settings.register_profile("ipyavatar", deadline=None)
hypothesis.settings.load_profile("ipyavatar")


@pytest.fixture(autouse=True)
def every_fault_happens() -> Iterator[None]:
    """A test whose fault never happened would pass without the code it is there for."""
    yield
    # Tests that make no twin need not import one.
    if (faults := sys.modules.get("tests.support.faults")) is not None:
        assert faults.take_unused() == [], "these faults never happened"


class FlushedCapture(pytest.LogCaptureFixture):
    """What this package logs is handled by a thread of its own; whoever looks waits for that."""

    @property
    def handler(self):
        assert log.flush(60), "a log handler hangs"
        return super().handler


@pytest.fixture
def caplog(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """pytest's own, which hears of all that was logged until it is asked."""
    caplog.__class__ = FlushedCapture
    return caplog


@pytest.fixture(autouse=True)
def records_stay_in_their_test() -> Iterator[None]:
    """What one test logs is not heard in the next."""
    yield
    log.flush()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests counted (`record_property`): a stress test shows what it did."""
    reports = [
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        if report.when == "call" and report.user_properties
    ]
    if reports:
        terminalreporter.section("counted")
    for report in reports:
        counts = ", ".join(f"{name}: {value}" for name, value in report.user_properties)
        terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {counts}")
