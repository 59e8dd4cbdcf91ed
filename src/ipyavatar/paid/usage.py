"""What sessions took: seconds and, where a price is known, credits. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from ..providers.registry import find_service

UNKNOWN_IDLE_S = 300.0
UNKNOWN_DURATION_S = 3600.0
"""What is taken for the limits of a session that was noted without, by an older version."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one or more sessions took.

    Attributes:
        seconds: How long they were open.
        credits: What they cost; None when no price is known for any of them.
        sessions: How many.
    """

    seconds: float = 0.0
    credits: float | None = None
    sessions: int = 0

    def __add__(self, other: Usage) -> Usage:
        known = [c for c in (self.credits, other.credits) if c is not None]
        return Usage(
            self.seconds + other.seconds,
            sum(known) if known else None,
            self.sessions + other.sessions,
        )


class UsageSource(Protocol):
    """What this module needs of a session in the ledger; times in Unix seconds."""

    @property
    def provider(self) -> str:
        """Its service."""

    @property
    def opened_at(self) -> float:
        """When it was opened."""

    @property
    def alive_at(self) -> float:
        """When it was last seen alive."""

    @property
    def closed_at(self) -> float | None:
        """When its end was confirmed."""

    @property
    def seconds(self) -> float | None:
        """How long it was open, once that is settled."""

    @property
    def credits(self) -> float | None:
        """What it cost, once that is settled."""

    @property
    def credits_per_minute(self) -> float | None:
        """Its price, where one is known."""

    @property
    def idle_limit_s(self) -> float:
        """Its service ends it so long after it was last seen alive; 0 where that is not known."""

    @property
    def max_duration_s(self) -> float:
        """It is ended so long after it was opened; 0 where that is not known."""


def cost(seconds: float, credits_per_minute: float | None) -> float | None:
    """Credits for `seconds`, by the share of the minute; None where no price is known."""
    return None if credits_per_minute is None else seconds / 60.0 * credits_per_minute


def usage_of(session: UsageSource, *, now: float | None = None) -> Usage:
    """What one session took, or has taken until `now` while it is open.

    Without `now` an open session counts until it was last seen alive; with it no longer than its
    service lets one live that nobody holds any more. None counts for longer than it may last,
    whatever became of the clock meanwhile.
    """
    seconds = session.seconds
    if seconds is None:
        end = session.closed_at
        if end is None:
            end = session.alive_at if now is None else min(now, latest_end(session))
        seconds = min(end - session.opened_at, _longest_s(session))
    seconds = max(0.0, seconds)
    credits = session.credits
    if credits is None:
        credits = cost(seconds, session.credits_per_minute)
    return Usage(seconds, credits, 1)


def latest_end(session: UsageSource) -> float:
    """When an open session is over for certain, as far as is known of it now; Unix time."""
    spec = find_service(session.provider)
    idle_s = session.idle_limit_s or (spec.idle_timeout_s if spec else UNKNOWN_IDLE_S)
    return min(session.alive_at + idle_s, session.opened_at + _longest_s(session))


def _longest_s(session: UsageSource) -> float:
    return session.max_duration_s or UNKNOWN_DURATION_S


def total(sessions: Iterable[UsageSource], *, now: float | None = None) -> Usage:
    """What `sessions` took together."""
    return sum((usage_of(s, now=now) for s in sessions), Usage())


def by_provider(
    sessions: Iterable[UsageSource], *, now: float | None = None
) -> Mapping[str, Usage]:
    """What they took, service by service, in alphabetical order."""
    sums: dict[str, Usage] = {}
    for session in sessions:
        sums[session.provider] = sums.get(session.provider, Usage()) + usage_of(session, now=now)
    return dict(sorted(sums.items()))


def by_day(
    sessions: Iterable[UsageSource], *, now: float | None = None, zone: dt.tzinfo | None = None
) -> Mapping[dt.date, Usage]:
    """What they took, day by day, in order; a session counts on the day it was opened.

    Days without a session between the first and the last are there too, with nothing: a plot
    needs them.

    Args:
        sessions: From the ledger.
        now: Unix time until which open sessions count.
        zone: Whose days; this machine's when None.
    """
    sums: dict[dt.date, Usage] = {}
    for session in sessions:
        # What is to be opened yet was noted by a clock that was ahead: it counts today.
        opened_at = session.opened_at if now is None else min(session.opened_at, now)
        day = dt.datetime.fromtimestamp(opened_at, zone).date()
        sums[day] = sums.get(day, Usage()) + usage_of(session, now=now)
    if not sums:
        return {}
    first, last = min(sums), max(sums)
    days = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
    return {day: sums.get(day, Usage()) for day in days}
