"""When to keep a session alive, when to announce its end, when to end it. Pure.

All times are seconds on one monotonic clock.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

# One keep-alive may take this long; the last try must start that much before the deadline.
CALL_S = 10.0
ANNOUNCE_S = 30.0


@dataclass(frozen=True, slots=True)
class KeepAliveRule:
    """How a service wants its sessions kept alive.

    Attributes:
        timeout_s: It ends a session this long after the last activity it saw.
        every_s: Usual pause between two keep-alives.
        first_retry_s: Longest wait after a first failure; it doubles from failure to failure.
    """

    timeout_s: float
    every_s: float
    first_retry_s: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.every_s < self.timeout_s:
            raise ValueError("every_s must be more than 0 and less than timeout_s")

    @property
    def call_s(self) -> float:
        """How long one call may take, in seconds: short enough that several fit before the end."""
        return min(CALL_S, self.timeout_s / 6)


def keep_alive_rule(timeout_s: float, usual_every_s: float) -> KeepAliveRule:
    """The rule of a service that ends a session after `timeout_s` of silence.

    A third of the time-out leaves room for two more tries. A minute is the longest pause, also
    where the time-out is an hour: a keep-alive is how a dead session is noticed.
    """
    return KeepAliveRule(timeout_s=timeout_s, every_s=min(usual_every_s, timeout_s / 3, 60.0))


class KeepAlivePlan(NamedTuple):
    """What to do about keeping a session alive.

    Attributes:
        next_at: When to make the next call; now or earlier means at once.
        deadline: When the service ends the session if no call gets through.
        give_up: The deadline is over and the last call failed: the session is lost.
    """

    next_at: float
    deadline: float
    give_up: bool


def plan_keep_alive(
    rule: KeepAliveRule,
    *,
    now: float,
    last_alive: float,
    failures: int = 0,
    failed_at: float | None = None,
    random: float = 0.5,
) -> KeepAlivePlan:
    """When to make the next keep-alive.

    While calls work, one comes every `every_s`, a little early and never late, by chance, so that
    many sessions do not call in step. After a failure the next try comes early, with waits that
    double, yet never more than half of what is left until the last moment at which a call can
    still arrive in time: the tries crowd towards the deadline instead of jumping over it.

    Args:
        rule: Of the service.
        now: The time.
        last_alive: When the last call that worked was *sent*: counting from the answer would be
            late by the time the service took.
        failures: Calls that failed since.
        failed_at: When the last one failed; `now` when None.
        random: In 0 to 1.
    """
    deadline = last_alive + rule.timeout_s
    if failures == 0:
        early = 0.1 * random * rule.every_s
        return KeepAlivePlan(
            min(last_alive + rule.every_s - early, deadline), deadline, give_up=False
        )
    since = now if failed_at is None else failed_at
    if since >= deadline:
        return KeepAlivePlan(since, deadline, give_up=True)
    backoff = rule.first_retry_s * 2.0 ** min(failures - 1, 16) * (0.5 + 0.5 * random)
    last_moment = deadline - rule.call_s
    left = max(last_moment - since, deadline - since if since >= last_moment else 0.0)
    # Below a quarter of a second the tries would only be noise to a service in trouble.
    wait = max(min(backoff, left / 2), 0.25)
    return KeepAlivePlan(since + wait, deadline, give_up=False)


BEFORE_SERVICE_S = 15.0
"""A session is ended this long before its service would."""


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session may live at most.

    Attributes:
        max_idle_s: Without activity of the user.
        max_duration_s: In all.
        announce_s: The end is announced this long before.
        service_s: When the service ends it, in silence and in the middle of a word; it is ended
            `BEFORE_SERVICE_S` earlier. None where that is not known.
    """

    max_idle_s: float = 600.0
    max_duration_s: float = 3600.0
    announce_s: float = ANNOUNCE_S
    service_s: float | None = None


@dataclass(frozen=True, slots=True)
class LeaseTerms:
    """What a lease keeps to.

    Attributes:
        base_url: Where the service is.
        keep: How it wants its sessions kept alive.
        limits: How long a session may live.
        credits_per_minute: Its price, where known.
    """

    base_url: str
    keep: KeepAliveRule
    limits: SessionLimits
    credits_per_minute: float | None = None


EndCause = Literal["idle", "duration", "service"]


class RemainingTime(NamedTuple):
    """How long a session has still to live.

    Attributes:
        phase: `"on"`; `"announced"` in the last `announce_s`; `"over"`.
        cause: What ends it: `"idle"`, `"duration"`, or `"service"`: its limit is near.
        announce_at: When to announce it.
        end_at: When to stop it.
    """

    phase: Literal["on", "announced", "over"]
    cause: EndCause
    announce_at: float
    end_at: float

    def next_at(self) -> float:
        """When to look again, if nothing happens before."""
        return self.announce_at if self.phase == "on" else self.end_at


def remaining_time(
    rule: SessionLimits, *, now: float, opened: float, last_activity: float
) -> RemainingTime:
    """Where a session stands between its opening and its end.

    Args:
        rule: Its limits.
        now: The time.
        opened: When it was opened.
        last_activity: When the user last did something: a verb, a speech that is not over, a word
            into the microphone. Keep-alives do not count.
    """
    service_s = math.inf if rule.service_s is None else rule.service_s - BEFORE_SERVICE_S
    ends: tuple[tuple[float, EndCause], ...] = (
        (opened + rule.max_duration_s, "duration"),
        (opened + max(0.0, service_s), "service"),
        (last_activity + rule.max_idle_s, "idle"),
    )
    end_at, cause = min(ends, key=lambda end: end[0])
    announce_at = max(opened, end_at - rule.announce_s)
    phase: Literal["on", "announced", "over"] = (
        "over" if now >= end_at else "announced" if now >= announce_at else "on"
    )
    return RemainingTime(phase, cause, announce_at, end_at)


def announcement(state: RemainingTime, now: float) -> str:
    """The sentence for the status line in the last seconds."""
    seconds = max(0, round(state.end_at - now))
    if state.cause == "idle":
        return f"Ends in {seconds} s: nobody has used it for a while. Say something to go on."
    if state.cause == "service":
        return f"Ends in {seconds} s: the service lets no session last longer."
    return f"Ends in {seconds} s: it has reached its longest duration (max_duration_s)."
