"""When a call is made again: budgets, waits, and what is never repeated."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyavatar import errors as e
from ipyavatar.core.retry import NEVER, RetryPolicy, may_repeat, next_delay, retrying

FACTS = {"service": "heygen", "call": "x"}


def each():
    def bad(kind, status=200):
        return e.BadAnswer(".", kind=kind, status=status, **FACTS)

    return [
        (e.AuthenticationError(".", **FACTS), False, False),
        (e.ConcurrencyLimitError(".", **FACTS), False, False),
        (e.QuotaExceeded(".", **FACTS), False, False),
        (e.RateLimited(".", **FACTS), True, False),
        (e.SessionGone(".", **FACTS), False, False),
        (e.SessionNotReady(".", **FACTS), True, False),
        (e.RequestRefused(".", **FACTS), False, False),
        (e.NotOffered(".", **FACTS), False, False),
        (e.ServiceUnavailable(".", **FACTS), True, True),
        (bad("html"), True, True),
        (bad("html", 403), True, False),
        (bad("html", 502), True, True),
        (bad("half"), True, True),
        (bad("not json"), False, True),
        (bad("error inside"), False, True),
        (bad("shape"), False, True),
        (bad("redirect", 302), False, True),
        (e.NoAnswer(".", sent=True, **FACTS), True, True),
        (e.NoAnswer(".", sent=False, **FACTS), True, False),
    ]


@pytest.mark.parametrize(("error", "retryable", "maybe_done"), each())
def test_table_of_errors(error, retryable, maybe_done):
    """The one table: what passes by itself, and what may have been done all the same."""
    assert (error.retryable, error.maybe_done) == (retryable, maybe_done)
    assert may_repeat(error, idempotent=True) == retryable
    assert may_repeat(error, idempotent=False) == (retryable and not maybe_done)


def test_table_has_every_service_error():
    assert {type(error) for error, _, _ in each()} == set(e.ServiceError.__subclasses__())


def test_tree_in_the_docstring_is_true():
    def walk(kind, depth):
        yield depth, kind.__name__
        for child in kind.__subclasses__():
            yield from walk(child, depth + 1)

    lines = [line for line in e.__doc__.splitlines() if line.startswith("    ")]
    told = [((len(line) - len(line.lstrip())) // 2 - 2, line.split()[0]) for line in lines]
    real = [(d, n) for d, n in walk(e.AvatarError, 0) if hasattr(e, n)]
    assert sorted(told) == sorted(real)


@given(
    tried=st.integers(1, 10),
    elapsed=st.floats(0, 60),
    after=st.none() | st.floats(0, 60),
    random=st.floats(0, 1),
)
def test_delay_keeps_budget_and_asked_time(tried, elapsed, after, random):
    policy = RetryPolicy()
    wait = next_delay(policy, tried, elapsed, after, random)
    if wait is None:
        return
    assert tried < policy.attempts
    assert elapsed + wait <= policy.budget_s
    assert wait >= (after or 0)
    assert wait > 0


def test_waits_double_up_to_the_cap_and_vary_by_half():
    policy = RetryPolicy(attempts=9, first_s=1, factor=2, cap_s=5, budget_s=100)
    longest = [next_delay(policy, n, 0, None, 1.0) for n in range(1, 6)]
    shortest = [next_delay(policy, n, 0, None, 0.0) for n in range(1, 6)]
    assert longest == [1, 2, 4, 5, 5]
    assert shortest == [0.5, 1, 2, 2.5, 2.5]


def test_one_attempt_means_one():
    assert next_delay(NEVER, 1, 0, None, 0.5) is None


def run(outcomes, **more):
    waits, now = [], [0.0]

    async def call():
        now[0] += 1
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def sleep(seconds):
        waits.append(seconds)
        now[0] += seconds

    policy = more.pop("policy", RetryPolicy())
    coro = retrying(call, policy, clock=lambda: now[0], sleep=sleep, random=lambda: 1.0, **more)
    try:
        return asyncio.run(coro), waits
    except Exception as error:
        return error, waits


def test_it_ends_with_the_first_success():
    trouble = e.ServiceUnavailable(".", **FACTS)
    assert run([trouble, trouble, "fine"], idempotent=True) == ("fine", [0.5, 1.0])


def test_it_reports_the_last_failure_when_the_budget_is_gone():
    errors = [e.ServiceUnavailable(str(n), **FACTS) for n in range(9)]
    policy = RetryPolicy(attempts=9, first_s=4, budget_s=8)
    result, waits = run(errors[:], idempotent=True, policy=policy)
    assert result is errors[1]
    assert waits == [4.0]


def test_what_is_not_ours_goes_through_at_once():
    result, waits = run([KeyError("bug")], idempotent=True)
    assert isinstance(result, KeyError)
    assert waits == []
