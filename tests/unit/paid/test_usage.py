"""Seconds and credits: known prices are used, unknown ones are not invented."""

import datetime as dt
from dataclasses import dataclass

import pytest

from ipyavatar.paid.usage import Usage, by_day, by_provider, cost, total, usage_of


@dataclass
class Fake:
    provider: str = "liveavatar"
    opened_at: float = 1000.0
    alive_at: float = 1060.0
    closed_at: float | None = None
    seconds: float | None = None
    credits: float | None = None
    credits_per_minute: float | None = None
    idle_limit_s: float = 0.0
    max_duration_s: float = 0.0


def test_cost_is_by_the_share_of_a_minute():
    assert cost(90, 2.0) == 3.0
    assert cost(90, None) is None


@pytest.mark.parametrize(
    ("session", "now", "expected"),
    [
        (Fake(credits_per_minute=2.0), None, Usage(60, 2.0, 1)),
        (Fake(credits_per_minute=2.0), 1120.0, Usage(120, 4.0, 1)),
        (Fake(closed_at=1030.0), 5000.0, Usage(30, None, 1)),
        (Fake(seconds=12.0, credits=0.4, closed_at=9999.0), 5000.0, Usage(12, 0.4, 1)),
        (Fake(alive_at=900.0), None, Usage(0, None, 1)),
        # Abandoned: its service has ended it, by its idle limit or by its longest duration.
        (Fake(credits_per_minute=2.0), 1e6, Usage(60 + 300, 12.0, 1)),
        (Fake("heygen"), 1e6, Usage(60 + 120, None, 1)),
        (Fake("kaltura"), 1e6, Usage(60 + 60, None, 1)),
        (Fake("of later"), 1e6, Usage(60 + 300, None, 1)),
        (Fake("heygen", idle_limit_s=3000.0), 1e6, Usage(3060, None, 1)),
        (Fake("heygen", idle_limit_s=3000.0, max_duration_s=900.0), 1e6, Usage(900, None, 1)),
        (Fake("heygen", alive_at=5000.0), 1e6, Usage(3600, None, 1)),
        (Fake("kaltura", alive_at=1060.0), 1100.0, Usage(100, None, 1)),
        # The clock was changed meanwhile: no session lasts longer than it may, nor less than none.
        (Fake(credits_per_minute=2.0, closed_at=1e9), 1e6, Usage(3600, 120.0, 1)),
        (Fake(closed_at=1e9, max_duration_s=900.0), None, Usage(900, None, 1)),
        (Fake(alive_at=1e9), None, Usage(3600, None, 1)),
        (Fake(closed_at=10.0), 1e6, Usage(0, None, 1)),
        (Fake(opened_at=1e9, alive_at=1e9), 1e6, Usage(0, None, 1)),
        (Fake(seconds=-5.0, credits_per_minute=2.0), 1e6, Usage(0, 0.0, 1)),
    ],
)
def test_usage_of_one(session, now, expected):
    assert usage_of(session, now=now) == expected


def test_totals_keep_what_is_known():
    sessions = [
        Fake(seconds=60, credits=2.0),
        Fake("kaltura", seconds=30),
        Fake("heygen", seconds=1),
    ]
    assert total(sessions) == Usage(91, 2.0, 3)
    assert total([]) == Usage(0, None, 0)
    assert by_provider(sessions) == {
        "heygen": Usage(1, None, 1),
        "kaltura": Usage(30, None, 1),
        "liveavatar": Usage(60, 2.0, 1),
    }


def test_days_have_no_gaps():
    def at(day):
        return dt.datetime(2026, 3, day, 23, 30, tzinfo=dt.timezone.utc).timestamp()

    sessions = [Fake(opened_at=at(d), seconds=60) for d in (1, 4, 4)]
    days = by_day(sessions, zone=dt.timezone.utc)
    assert [(d.day, u.sessions) for d, u in days.items()] == [(1, 1), (2, 0), (3, 0), (4, 2)]
    east = dt.timezone(dt.timedelta(hours=1))
    assert [d.day for d in by_day(sessions, zone=east)] == [2, 3, 4, 5]
    assert by_day([]) == {}


@pytest.mark.parametrize("opened_at", [1e6 + 1, 1e9, 1e15])
def test_what_a_clock_that_was_ahead_has_noted_counts_today(opened_at):
    """And is no date that there is not, nor one after days without end."""
    sessions = [Fake(opened_at=1000.0), Fake(opened_at=opened_at, alive_at=opened_at)]
    days = by_day(sessions, now=1e6, zone=dt.timezone.utc)
    assert len(days) == 12
    assert days[dt.date(1970, 1, 12)] == Usage(0, None, 1)
