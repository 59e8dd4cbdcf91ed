"""Sessions nobody holds any more: which they are, and how each is brought to a certain end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

from ..core.log import get_logger
from ..errors import ServiceError
from ..protocol.options import Credentials
from ..providers.cloud.client_factory import ClientFactory
from ..providers.cloud.spec import ServiceSpec
from ..providers.registry import find_service
from .ledger import Ledger, Row
from .process_identity import ProcessIdentity, is_gone

log = get_logger(__name__)

Outcome = Literal["stopped", "had ended", "no key", "not confirmed", "taken", "runs out"]
"""`taken`: another process was faster. `runs out`: it cannot be stopped, and ends by itself."""


STALE_S = 600.0
"""Of a process that cannot be judged from here, a session is taken to be abandoned when it was not
seen alive for so long: a living one is, every minute or two."""

FIRST_PAUSE_S = 60.0
LONGEST_PAUSE_S = 3600.0
"""One that cannot be stopped is tried again after a pause that doubles from the first to this."""

IsGone = Callable[[ProcessIdentity], bool | None]


def find_orphans(
    rows: Iterable[Row],
    *,
    now: float,
    gone: IsGone = is_gone,
    kernel: ProcessIdentity | None = None,
) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """Open sessions that nobody holds.

    Args:
        rows: Of the ledger.
        now: Unix time.
        gone: Whether a process has ended; None where that cannot be told.
        kernel: Ours: what another process of ours has left, no other kernel's takes over.

    Returns:
        Those whose process is gone, and its kernel, which might hand it on, as well: they may have
        ended this moment. And those that nobody has seen alive for long.
    """
    known: dict[ProcessIdentity, bool | None] = {}

    def ended(process: ProcessIdentity) -> bool | None:
        if process not in known:
            known[process] = gone(process)
        return known[process]

    left, stale = [], []
    for row in rows:
        holder = ended(row.owner)
        if not row.is_open or holder is False:
            continue
        if holder and (row.kernel == kernel or ended(row.kernel)):
            left.append(row)
        elif now - row.alive_at > STALE_S:
            stale.append(row)
    return tuple(left), tuple(stale)


def is_due(row: Row, now: float) -> bool:
    """Whether it is time to try to stop it (again)."""
    pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(row.tries - 1, 16))
    return row.tries == 0 or not 0 <= now - row.tried_at < pause


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
    kernel: ProcessIdentity | None = None,
    note: str,
) -> Outcome:
    """Stop a session that nobody holds, and note what became of it.

    Args:
        row: The session; ours, or one whose owner is gone.
        credentials: Those at hand.
        ledger: Where it is noted.
        clients: Makes clients.
        me: This process.
        kernel: The kernel it works for; itself when None.
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
        mine = ledger.take_over(row, me, kernel)
        if mine is None:
            return "taken"
        row = mine
    try:
        ended_now = await _end(row, spec, ours, ledger, clients)
    except Exception as error:
        if not isinstance(error, ServiceError):
            log.exception("A session could not be stopped, in a way nobody foresaw")
        ledger.unstopped(row, f"{note}; not confirmed: {type(error).__name__}")
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
