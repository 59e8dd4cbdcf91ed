"""When to try again: a pure plan, and the loop that follows it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from ..errors import ServiceError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long.

    Attributes:
        attempts: Tries in all, the first one included.
        first_s: Longest wait before the second try, in seconds.
        factor: Growth of that wait from try to try.
        cap_s: Upper bound of one wait, in seconds.
        budget_s: No try starts later than this after the first one, in seconds.
    """

    attempts: int = 4
    first_s: float = 0.5
    factor: float = 2.0
    cap_s: float = 5.0
    budget_s: float = 15.0


NEVER = RetryPolicy(attempts=1)


def next_delay(
    policy: RetryPolicy, tried: int, elapsed_s: float, retry_after_s: float | None, random: float
) -> float | None:
    """Seconds to wait before the next try, or None to give up.

    Args:
        policy: How often and how long.
        tried: Tries made so far, at least 1.
        elapsed_s: Seconds since the first try began.
        retry_after_s: What the service asked for; it is never undercut.
        random: In 0 to 1. The wait is half fixed and half random, so that many clients that failed
            at once do not come back at once.
    """
    if tried >= policy.attempts:
        return None
    wait = min(policy.cap_s, policy.first_s * policy.factor ** (tried - 1))
    wait = wait * (0.5 + 0.5 * random)
    if retry_after_s is not None:
        wait = max(wait, retry_after_s)
    return wait if elapsed_s + wait <= policy.budget_s else None


def may_repeat(error: ServiceError, *, idempotent: bool) -> bool:
    """Whether the call may be made again: it can work later, and doing it twice does no harm."""
    return error.retryable and (idempotent or not error.maybe_done)


async def retrying(
    call: Callable[[], Awaitable[T]],
    policy: RetryPolicy,
    *,
    idempotent: bool,
    clock: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]],
    random: Callable[[], float],
) -> T:
    """Make `call` until it works, may not be repeated, or `policy` gives up.

    Raises:
        ServiceError: The last failure, as it was.
    """
    began = clock()
    tried = 0
    while True:
        tried += 1
        try:
            return await call()
        except ServiceError as error:
            if not may_repeat(error, idempotent=idempotent):
                raise
            wait = next_delay(policy, tried, clock() - began, error.retry_after_s, random())
            if wait is None:
                raise
        await sleep(wait)
