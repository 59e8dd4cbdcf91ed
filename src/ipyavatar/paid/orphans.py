"""Sessions nobody holds any more: which they are, and how each is brought to a certain end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from ..errors import ServiceError
from ..providers.cloud.client_factory import Account, ClientFactory, list_sessions, stop_session
from ..providers.cloud.spec import SERVICES
from ..providers.heygen.orphans import stop_orphans
from .ledger import Ledger, Row
from .process_identity import ProcessIdentity, is_gone

RUN_OUT_S = 3600.0
"""A session that nobody can stop (Kaltura, its token gone) is taken to have run out after this.
Its true idle limit is not published; more than 70 s have been seen."""

Outcome = Literal["stopped", "had ended", "no key", "not confirmed", "taken", "runs out"]
"""`taken`: another process was faster. `runs out`: it cannot be stopped, and ends by itself."""


def find_orphans(
    rows: Iterable[Row], gone: Callable[[ProcessIdentity], bool | None] = is_gone
) -> tuple[Row, ...]:
    """The open ones whose owner is certain to be gone."""
    known: dict[ProcessIdentity, bool | None] = {}
    for row in rows:
        if row.owner not in known:
            known[row.owner] = gone(row.owner)
    return tuple(row for row in rows if row.is_open and known[row.owner])


def account_for(row: Row, accounts: Iterable[Account]) -> Account | None:
    """The account a session belongs to: the same service at the same place, or none."""
    for account in accounts:
        if account.provider == row.provider and account.base_url == row.base_url:
            return account
    return None


async def settle_orphan(  # noqa: PLR0911  # one return per outcome
    row: Row,
    accounts: Iterable[Account],
    ledger: Ledger,
    bench: ClientFactory,
    *,
    me: ProcessIdentity,
    note: str,
) -> Outcome:
    """Stop a session that nobody holds, and note what became of it.

    Args:
        row: The session; ours, or one whose owner is gone.
        accounts: Those whose keys are at hand.
        ledger: Where it is noted.
        bench: Makes clients.
        me: This process.
        note: Why it is stopped.
    """
    account = account_for(row, accounts)
    if not SERVICES[row.provider].lists_sessions:
        if ledger.now() - row.alive_at < RUN_OUT_S:
            return "runs out"
        ledger.closed(row, seconds=row.alive_at - row.opened_at, note="taken to have run out")
        return "had ended"
    if account is None:
        return "no key"
    if row.owner != me:
        mine = ledger.take_over(row, me)
        if mine is None:
            return "taken"
        row = mine
    try:
        ended_now = await _end(row, account, ledger, bench)
    except ServiceError as error:
        ledger.stopping(row, f"{note}; not confirmed: {type(error).__name__}")
        return "not confirmed"
    if ended_now:
        ledger.closed(row, note=note)
        return "stopped"
    ledger.closed(row, seconds=row.alive_at - row.opened_at, note="it had ended before")
    return "had ended"


async def _end(row: Row, account: Account, ledger: Ledger, bench: ClientFactory) -> bool:
    """End it; whether that did anything."""
    if row.session_id is not None:
        return await stop_session(account, row.session_id, bench)
    if account.provider != "heygen":
        return False  # LiveAvatar starts nothing before its id is known
    known = {r.session_id for r in ledger.rows() if r.session_id is not None}

    async def sleep(seconds: float) -> None:
        await bench.clock.sleep_until(bench.clock.now() + seconds)

    async def stop(session_id: str) -> object:
        return await stop_session(account, session_id, bench)

    done, left = await stop_orphans(
        lambda: list_sessions(account, bench),
        stop,
        known=known,
        asked_at=row.opened_at,
        now=bench.wall,
        sleep=sleep,
    )
    if left:
        raise ServiceError(
            "A session of a lost answer could not be stopped.", service="heygen", call="stop"
        )
    return bool(done)
