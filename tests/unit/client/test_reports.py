"""Who is told what the user should know."""

import logging
import queue
from types import SimpleNamespace

import pytest

from ipyavatar.client.reports import Reports
from ipyavatar.protocol.host import Noticed

NOTICE = Noticed("s", "service", "Nobody is in the room.")


@pytest.fixture
def reports():
    made = Reports("s")
    yield made
    made.close()


def logged(caplog):
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_notice_that_nobody_would_see_is_logged(reports, caplog):
    """A script without a widget and without an observer."""
    reports.notice(NOTICE)
    assert logged(caplog) == ["Nobody is in the room."]


@pytest.mark.parametrize("who", ["observer", "front end", "closed"])
def test_a_notice_that_is_seen_or_too_late_is_not_logged(reports, caplog, who):
    told = queue.Queue()
    if who == "observer":
        reports.observe(told.put)
    elif who == "front end":
        reports.listener = SimpleNamespace(on_notice=told.put)
    else:
        reports.close()
    reports.notice(NOTICE)
    if who != "closed":
        assert told.get(timeout=10) == NOTICE
    assert told.empty()
    assert logged(caplog) == []
