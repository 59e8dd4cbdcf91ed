"""After a lost answer to HeyGen's `new`: is there a session of ours that nobody knows?

Such a session was made but never started, so it stays in the state `new`, while one that another
kernel or machine has just made moves on within moments. Only what is still `new` after a while is
taken for ours: stopping somebody else's session is worse than an idle one, which ends by itself
after its idle time-out.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Container, Iterable

from ...errors import ServiceError
from ..cloud.models import ListedSession

# Clocks of ours and of the service may differ by as much.
CLOCK_SKEW_S = 30.0
SETTLE_S = 4.0


def find_unstarted(
    listed: Iterable[ListedSession], known: Container[str], asked_at: float, now: float
) -> tuple[str, ...]:
    """Ids of sessions that may stem from the lost call.

    Args:
        listed: What the service lists.
        known: Ids in the ledger.
        asked_at: Unix time of the call.
        now: Unix time.
    """
    return tuple(
        s.session_id
        for s in listed
        if s.status == "new"
        and s.session_id not in known
        and s.created_at is not None
        and asked_at - CLOCK_SKEW_S <= s.created_at <= now + CLOCK_SKEW_S
    )


async def stop_unstarted(
    list_open: Callable[[], Awaitable[Iterable[ListedSession]]],
    stop: Callable[[str], Awaitable[object]],
    *,
    known: Container[str],
    asked_at: float,
    now: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]],
    ahead_s: Callable[[], float] = lambda: 0.0,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Look for sessions of the lost call, and stop them.

    Args:
        list_open: What the service lists.
        stop: Stops one.
        known: Ids in the ledger.
        asked_at: Unix time of the call.
        now: Unix time.
        sleep: Waits.
        ahead_s: By how much the service's clock is ahead of ours, asked for when it has listed.

    Returns:
        Ids that are stopped for certain, and ids that may be of the lost call and are open still:
        those that could not be stopped, and unstarted ones nobody knows whose time does not fit
        (the service's clock may be wrong). With none of the latter nothing is left of the call.

    Raises:
        ServiceError: The service does not list its sessions now.
    """
    listed = await list_open()
    ahead = ahead_s()
    first = find_unstarted(listed, known, asked_at + ahead, now() + ahead)
    if first:
        await sleep(SETTLE_S)
        listed = await list_open()
    still = find_unstarted(listed, known, asked_at + ahead, now() + ahead)
    stopped: list[str] = []
    for session_id in still:
        if session_id in first:
            with contextlib.suppress(ServiceError):
                await stop(session_id)
                stopped.append(session_id)
    unstarted = (s.session_id for s in listed if s.status == "new" and s.session_id not in known)
    left = tuple(session_id for session_id in unstarted if session_id not in stopped)
    return tuple(stopped), left
