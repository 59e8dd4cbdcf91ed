"""Keep-alives in time, ends announced: all on a clock that is a number."""

import gc
import heapq
import random
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyavatar.paid.keepalive import (
    KeepAliveRule,
    SessionLimits,
    announcement,
    keep_alive_rule,
    plan_keep_alive,
    remaining_time,
)
from tests.support.services import SERVICES

RULES = {
    name: keep_alive_rule(spec.idle_timeout_s, spec.keep_alive_every_s)
    for name, spec in SERVICES.items()
}
HEYGEN_SHORTEST = keep_alive_rule(30, 40)


def test_rules_of_the_services():
    """Documented: HeyGen as asked (120 s), LiveAvatar 300 s, Kaltura every 10 s."""
    assert RULES["heygen"] == KeepAliveRule(timeout_s=120, every_s=40)
    assert RULES["liveavatar"] == KeepAliveRule(timeout_s=300, every_s=60)
    assert RULES["kaltura"] == KeepAliveRule(timeout_s=60, every_s=10)
    assert KeepAliveRule(timeout_s=30, every_s=10) == HEYGEN_SHORTEST
    assert keep_alive_rule(3599, 40).every_s == 40
    assert keep_alive_rule(3599, 300).every_s == 60


def test_a_rule_that_cannot_work_is_refused():
    with pytest.raises(ValueError, match="every_s"):
        KeepAliveRule(timeout_s=10, every_s=10)


@given(st.sampled_from([*RULES.values(), HEYGEN_SHORTEST]), st.floats(0, 1), st.floats(0, 1e6))
def test_while_calls_work_they_come_a_little_early_never_late(rule, chance, last_alive):
    found = plan_keep_alive(rule, now=last_alive, last_alive=last_alive, random=chance)
    assert last_alive + 0.9 * rule.every_s - 1e-6 <= found.next_at
    assert found.next_at <= last_alive + rule.every_s
    assert found.next_at < found.deadline == last_alive + rule.timeout_s
    assert not found.give_up


@given(
    st.sampled_from([*RULES.values(), HEYGEN_SHORTEST]),
    st.integers(1, 40),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_after_a_failure_the_next_try_is_early_and_before_the_end(rule, failures, chance, share):
    failed_at = share * (rule.timeout_s - rule.call_s - 1)
    found = plan_keep_alive(rule, now=failed_at, last_alive=0, failures=failures, random=chance)
    assert failed_at < found.next_at < found.deadline
    assert found.next_at - failed_at <= max(0.25, (found.deadline - failed_at) / 2)
    assert not found.give_up


def test_it_gives_up_only_at_the_deadline():
    rule = RULES["heygen"]
    assert not plan_keep_alive(rule, now=119.9, last_alive=0, failures=9).give_up
    assert plan_keep_alive(rule, now=120.0, last_alive=0, failures=9).give_up


def tries_during_an_outage(rule, call_s, chance):
    """Try times from the first failing call until giving up, each failing after `call_s`."""
    at, failures, found = rule.every_s, 0, []
    while True:
        found.append(at)
        failures += 1
        failed_at = at + call_s
        next_one = plan_keep_alive(
            rule, now=failed_at, last_alive=0, failures=failures, random=chance
        )
        if next_one.give_up:
            return found
        at = next_one.next_at


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("name", [*RULES, "heygen, shortest"])
def test_several_tries_fit_before_the_end_even_when_each_hangs(name, chance):
    """Also when every call hangs to its limit there are at least three tries in time."""
    rule = HEYGEN_SHORTEST if name == "heygen, shortest" else RULES[name]
    hanging = tries_during_an_outage(rule, rule.call_s, chance)
    assert len([t for t in hanging if t + rule.call_s <= rule.timeout_s]) >= 3
    quick = tries_during_an_outage(rule, 0.01, chance)
    assert len(quick) >= 5
    # Nor does it hammer a service in trouble.
    assert len(quick) < 60


class Simulated:
    """A session at a service that ends it when no keep-alive has come for the time-out."""

    __slots__ = ("failed_at", "failures", "last_alive", "rule", "served_at")

    def __init__(self, rule):
        self.rule, self.last_alive, self.served_at = rule, 0.0, 0.0
        self.failures, self.failed_at = 0, None


def simulate(seconds, count, chance):
    """Run `count` sessions; returns calls made, deadlines missed, greatest pause in time-outs."""
    sessions = [Simulated(list(RULES.values())[n % len(RULES)]) for n in range(count)]
    queue = [
        (plan_keep_alive(s.rule, now=0, last_alive=0, random=chance()).next_at, n)
        for n, s in enumerate(sessions)
    ]
    heapq.heapify(queue)
    calls = missed = 0
    worst = 0.0
    outage_until = -1.0
    while queue[0][0] < seconds:
        now, n = queue[0]
        s = sessions[n]
        calls += 1
        luck = chance()
        if luck < 1e-6:
            # An outage of all services for a quarter of the shortest time-out.
            outage_until = now + 15.0
        pause = (now - s.served_at) / s.rule.timeout_s
        if pause > 1.0:
            missed += 1
        worst = max(worst, pause)
        if now < outage_until or luck > 0.97:
            s.failures += 1
            s.failed_at = now + (s.rule.call_s if luck > 0.99 else 0.05)
        else:
            s.failures, s.last_alive, s.served_at = 0, now, now
        found = plan_keep_alive(
            s.rule,
            now=now if s.failures == 0 else s.failed_at,
            last_alive=s.last_alive,
            failures=s.failures,
            failed_at=s.failed_at if s.failures else None,
            random=chance(),
        )
        heapq.heapreplace(queue, (found.next_at, n))
    return calls, missed, worst


def test_a_thousand_sessions_for_a_day_miss_no_deadline():
    """1,000 sessions, a simulated day, 3 % of calls fail and some hang, with outages of 15 s."""
    began = time.process_time()
    calls, missed, worst = simulate(86_400.0, 1000, random.Random(3).random)
    took = time.process_time() - began
    print(
        f"{calls} keep-alives, {missed} missed, longest pause {worst:.2f} time-outs, {took:.1f} s"
    )
    assert missed == 0
    assert worst < 1.0
    assert calls > 3_000_000


def test_memory_stays_flat():
    """Ten times the time takes no more memory."""
    peaks = []
    for seconds in (360.0, 3600.0):
        gc.collect()
        tracemalloc.start()
        simulate(seconds, 1000, random.Random(3).random)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]


RULE = SessionLimits(max_idle_s=600, max_duration_s=3600)


@pytest.mark.parametrize(
    ("now", "last_activity", "phase", "cause"),
    [
        (0, 0, "on", "idle"),
        (569.9, 0, "on", "idle"),
        (570, 0, "announced", "idle"),
        (599.9, 0, "announced", "idle"),
        (600, 0, "over", "idle"),
        (600, 590, "on", "idle"),
        (3569, 3500, "on", "duration"),
        (3570, 3569, "announced", "duration"),
        (3600, 3599, "over", "duration"),
        (9999, 9999, "over", "duration"),
    ],
)
def test_life_is_announced_thirty_seconds_before_its_end(now, last_activity, phase, cause):
    state = remaining_time(RULE, now=now, opened=0, last_activity=last_activity)
    assert (state.phase, state.cause) == (phase, cause)
    assert state.announce_at == state.end_at - 30


def test_activity_takes_the_announcement_back():
    said = remaining_time(RULE, now=580, opened=0, last_activity=0)
    assert said.phase == "announced"
    assert said.next_at() == 600
    again = remaining_time(RULE, now=580, opened=0, last_activity=580)
    assert again.phase == "on"
    assert again.next_at() == 1150


def test_a_life_shorter_than_the_announcement_is_announced_at_its_start():
    state = remaining_time(SessionLimits(max_duration_s=10), now=5, opened=5, last_activity=5)
    assert (state.phase, state.announce_at, state.end_at) == ("announced", 5, 15)


def test_it_ends_before_the_service_would_in_the_middle_of_a_word():
    rule = SessionLimits(service_s=60.0)
    on = remaining_time(rule, now=14, opened=0, last_activity=14)
    assert (on.phase, on.cause, on.announce_at, on.end_at) == ("on", "service", 15, 45)
    said = remaining_time(rule, now=20, opened=0, last_activity=20)
    assert announcement(said, 20) == "Ends in 25 s: the service lets no session last longer."
    assert remaining_time(rule, now=45, opened=0, last_activity=44).phase == "over"
    later = SessionLimits(max_duration_s=30.0, service_s=60.0)
    assert remaining_time(later, now=0, opened=0, last_activity=0).cause == "duration"


def test_announcement_says_when_why_and_what_to_do():
    idle = remaining_time(RULE, now=575, opened=0, last_activity=0)
    assert announcement(idle, 575).startswith("Ends in 25 s: nobody")
    long = remaining_time(RULE, now=3590, opened=0, last_activity=3589)
    assert "max_duration_s" in announcement(long, 3590)
