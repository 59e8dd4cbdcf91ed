"""Which sessions are open: the ledger's and the services' views joined; and stopping them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..errors import ServiceError
from ..providers.account import Account, Workbench, listed, stopped
from ..providers.models import OpenSession
from .ledger import Ledger, Row
from .owner import Owner, is_gone
from .reconcile import settle
from .usage import usage_of

NOTES = {
    "no key": "its key is not at hand: set it in the environment",
    "not confirmed": "the service did not confirm it",
    "taken": "another process is taking it over",
    "runs out": "only its own process can stop it; without that it ends by itself",
}


@dataclass(frozen=True, slots=True)
class Known:
    """An open session, as far as it is known; see `ipyavatar.paid_sessions.SessionRow`."""

    provider: str
    session_id: str | None
    state: str
    opened_at: float | None
    seconds: float | None
    credits: float | None
    where: str
    note: str = ""
    row: Row | None = None
    account: Account | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """What became of the sessions that were to be stopped."""

    stopped: tuple[Known, ...]
    left: tuple[Known, ...]
    foreign: tuple[Known, ...]
    problems: tuple[str, ...]


def joined(
    rows: Sequence[Row],
    lists: Sequence[tuple[Account, Sequence[OpenSession]]],
    *,
    now: float,
    me: Owner,
    gone: Callable[[Owner], bool | None] = is_gone,
) -> tuple[Known, ...]:
    """The ledger's open sessions, then those that only a service knows of."""
    found = [_of_row(row, now, me, gone) for row in rows]
    known = {(row.provider, row.session_id) for row in rows}
    for account, sessions in lists:
        found += [
            Known(
                s.provider,
                s.session_id,
                "listed",
                s.created_at,
                s.duration_s or (None if s.created_at is None else max(0.0, now - s.created_at)),
                s.credits,
                "not opened from here",
                account=account,
            )
            for s in sessions
            if (s.provider, s.session_id) not in known
        ]
    return tuple(found)


def _of_row(row: Row, now: float, me: Owner, gone: Callable[[Owner], bool | None]) -> Known:
    usage = usage_of(row, now=now)
    ended = gone(row.owner)
    if row.owner == me:
        where = "this process"
    elif ended is None:
        where = f"process {row.pid} on {row.host}"
    else:
        where = f"process {row.pid}" + (", which has ended" if ended else "")
    return Known(
        row.provider,
        row.session_id,
        row.state,
        row.opened_at,
        usage.seconds,
        usage.credits,
        where,
        row.note,
        row,
    )


async def survey(
    ledger: Ledger, accounts: Sequence[Account], bench: Workbench
) -> tuple[tuple[Known, ...], tuple[str, ...]]:
    """The open sessions, and sentences about services that could not be asked."""
    able = [account for account in accounts if account.lists]
    answers = await asyncio.gather(
        *(listed(account, bench) for account in able), return_exceptions=True
    )
    lists, problems = [], []
    for account, answer in zip(able, answers, strict=True):
        if isinstance(answer, ServiceError):
            problems.append(f"{account.provider} could not be asked: {answer.what}")
        elif isinstance(answer, BaseException):
            raise answer
        else:
            lists.append((account, answer))
    rows = ledger.open_rows()
    # One that its service no longer lists is still shown: the ledger forgets only what is certain.
    found = joined(rows, lists, now=ledger.now(), me=Owner.me())
    problems += [warning.text for warning in ledger.warnings]
    return found, tuple(problems)


async def stop_known(
    ledger: Ledger, accounts: Sequence[Account], bench: Workbench, *, foreign: bool
) -> Stopped:
    """Stop the ledger's sessions, and with `foreign` the others in these accounts too."""
    found, problems = await survey(ledger, accounts, bench)
    outcomes = await asyncio.gather(
        *(_stop(known, accounts, ledger, bench) for known in found if known.row is not None)
    )
    others = tuple(known for known in found if known.row is None)
    if foreign:
        outcomes += await asyncio.gather(*(_stop_foreign(known, bench) for known in others))
        others = ()
    return Stopped(
        tuple(known for known, over in outcomes if over),
        tuple(known for known, over in outcomes if not over),
        others,
        problems,
    )


async def _stop(
    known: Known, accounts: Sequence[Account], ledger: Ledger, bench: Workbench
) -> tuple[Known, bool]:
    row = known.row
    assert row is not None  # noqa: S101  # chosen by it
    # The owner stays: a living one finds out by its next keep-alive, and writes what it knows.
    outcome = await settle(row, accounts, ledger, bench, me=row.owner, note="stopped by stop_all")
    return replace(known, note=NOTES.get(outcome, "")), outcome in ("stopped", "had ended")


async def _stop_foreign(known: Known, bench: Workbench) -> tuple[Known, bool]:
    assert known.account is not None and known.session_id is not None  # noqa: S101, PT018
    try:
        await stopped(known.account, known.session_id, bench)
    except ServiceError as error:
        return replace(known, note=error.what), False
    return known, True
