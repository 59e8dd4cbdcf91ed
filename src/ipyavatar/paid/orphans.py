"""Sessions nobody holds any more: which they are, and how each is brought to a certain end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

from ..errors import ServiceError
from ..protocol.options import Credentials
from ..providers.cloud.client_factory import ClientFactory
from ..providers.cloud.spec import ServiceSpec
from ..providers.registry import find_service
from .ledger import Ledger, Row
from .process_identity import ProcessIdentity, is_gone

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


def credentials_for(row: Row, credentials: Iterable[Credentials]) -> Credentials | None:
    """Those a session belongs to: of the same service at the same place; or none."""
    for one in credentials:
        if one.provider == row.provider and one.base_url == row.base_url:
            return one
    return None


async def settle_orphan(  # noqa: PLR0911  # one return per outcome
    row: Row,
    credentials: Iterable[Credentials],
    ledger: Ledger,
    clients: ClientFactory,
    *,
    me: ProcessIdentity,
    note: str,
) -> Outcome:
    """Stop a session that nobody holds, and note what became of it.

    Args:
        row: The session; ours, or one whose owner is gone.
        credentials: Those at hand.
        ledger: Where it is noted.
        clients: Makes clients.
        me: This process.
        note: Why it is stopped.
    """
    spec = find_service(row.provider)
    if spec is None:
        return "no key"  # a later version opened it
    if not spec.lists_sessions:
        if ledger.now() - row.alive_at < spec.run_out_s:
            return "runs out"
        ledger.closed(row, seconds=row.alive_at - row.opened_at, note="taken to have run out")
        return "had ended"
    ours = credentials_for(row, credentials)
    if ours is None:
        return "no key"
    if row.owner != me:
        mine = ledger.take_over(row, me)
        if mine is None:
            return "taken"
        row = mine
    try:
        ended_now = await _end(row, spec, ours, ledger, clients)
    except ServiceError as error:
        ledger.stopping(row, f"{note}; not confirmed: {type(error).__name__}")
        return "not confirmed"
    if ended_now:
        ledger.closed(row, note=note)
        return "stopped"
    ledger.closed(row, seconds=row.alive_at - row.opened_at, note="it had ended before")
    return "had ended"


async def _end(
    row: Row,
    spec: ServiceSpec[Any],
    credentials: Credentials,
    ledger: Ledger,
    clients: ClientFactory,
) -> bool:
    """End it; whether that did anything."""
    if row.session_id is not None:
        return await spec.stop_session(credentials, row.session_id, clients)
    known = {r.session_id for r in ledger.rows() if r.session_id is not None}
    return await spec.stop_lost(credentials, clients, known=known, asked_at=row.opened_at)
