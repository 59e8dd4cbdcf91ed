"""Which sessions are open: the ledger's and the services' views joined; and stopping them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..errors import AvatarError
from ..protocol.options import Credentials
from ..providers.cloud.client_factory import ClientFactory
from ..providers.cloud.models import ListedSession
from ..providers.registry import find_service, service_spec
from .ledger import Ledger, Row
from .orphans import settle_orphan
from .process_identity import ProcessIdentity, is_gone
from .usage import usage_of

NOTES = {
    "no key": "its key is not at hand: set it in the environment",
    "not confirmed": "the service did not confirm it",
    "taken": "another process is taking it over",
    "runs out": "only its own process can stop it; without that it ends by itself",
}


@dataclass(frozen=True, slots=True)
class KnownSession:
    """An open session, as far as it is known; see `ipyavatar.api.sessions.SessionRow`."""

    provider: str
    session_id: str | None
    state: str
    opened_at: float | None
    seconds: float | None
    credits: float | None
    where: str
    note: str = ""
    tries: int = 0
    row: Row | None = None
    credentials: Credentials | None = None


@dataclass(frozen=True, slots=True)
class StopOutcome:
    """What became of the sessions that were to be stopped."""

    stopped: tuple[KnownSession, ...]
    left: tuple[KnownSession, ...]
    foreign: tuple[KnownSession, ...]
    problems: tuple[str, ...]


def merge_sessions(
    rows: Sequence[Row],
    lists: Sequence[tuple[Credentials, Sequence[ListedSession]]],
    *,
    now: float,
    me: ProcessIdentity,
    gone: Callable[[ProcessIdentity], bool | None] = is_gone,
    own: Sequence[KnownSession] = (),
) -> tuple[KnownSession, ...]:
    """The ledger's open sessions, those of this process, then those that only a service knows of.

    Those of this process stand in the ledger, unless something is wrong with it.
    """
    found = [_from_row(row, now, me, gone) for row in rows]
    known = {(row.provider, row.session_id) for row in rows}
    found += [one for one in own if (one.provider, one.session_id) not in known]
    known |= {(one.provider, one.session_id) for one in own}
    for credentials, sessions in lists:
        found += [
            KnownSession(
                s.provider,
                s.session_id,
                "listed",
                s.created_at,
                s.duration_s or (None if s.created_at is None else max(0.0, now - s.created_at)),
                s.credits,
                "not opened from here",
                credentials=credentials,
            )
            for s in sessions
            if (s.provider, s.session_id) not in known
        ]
    return tuple(found)


def _from_row(
    row: Row, now: float, me: ProcessIdentity, gone: Callable[[ProcessIdentity], bool | None]
) -> KnownSession:
    usage = usage_of(row, now=now)
    ended = gone(row.owner)
    if me in (row.owner, row.kernel):
        where = "this process"
    elif ended is None:
        where = f"process {row.pid} on {row.host}"
    else:
        where = f"process {row.pid}" + (", which has ended" if ended else "")
    return KnownSession(
        row.provider,
        row.session_id,
        row.state,
        row.opened_at,
        usage.seconds,
        usage.credits,
        where,
        row.note,
        row.tries,
        row,
    )


async def list_known_sessions(
    ledger: Ledger,
    credentials: Sequence[Credentials],
    clients: ClientFactory,
    own: Sequence[KnownSession] = (),
) -> tuple[tuple[KnownSession, ...], tuple[str, ...]]:
    """The open sessions, and sentences about services that could not be asked.

    Args:
        ledger: What all processes noted.
        credentials: Accounts whose services are asked.
        clients: Makes clients.
        own: Those that are open in this process, wherever they are noted.
    """
    specs = ((one, find_service(one.provider)) for one in credentials)
    able = [(one, spec) for one, spec in specs if spec is not None and spec.lists_sessions]
    answers = await asyncio.gather(
        *(spec.list_sessions(one, clients) for one, spec in able), return_exceptions=True
    )
    lists, problems = [], []
    for (one, _), answer in zip(able, answers, strict=True):
        if isinstance(answer, BaseException):
            if not isinstance(answer, Exception):
                raise answer
            problems.append(f"{one.provider} could not be asked: {_reason(answer)}")
        else:
            lists.append((one, answer))
    rows = ledger.open_rows()
    # One that its service no longer lists is still shown: the ledger forgets only what is certain.
    me = ProcessIdentity.me()
    found = merge_sessions(rows, lists, now=ledger.now(), me=me, own=own)
    problems += [warning.text for warning in ledger.warnings]
    return found, tuple(problems)


async def stop_known_sessions(
    ledger: Ledger,
    credentials: Sequence[Credentials],
    clients: ClientFactory,
    *,
    foreign: bool,
    own: Sequence[KnownSession] = (),
) -> StopOutcome:
    """Stop the ledger's sessions, and with `foreign` the others in these accounts too.

    Args:
        ledger: What all processes noted.
        credentials: Accounts whose services are asked.
        clients: Makes clients.
        foreign: Whether those are stopped that were not opened from here.
        own: Those that were open in this process: they are no others', also where something is
            wrong with the ledger.
    """
    found, problems = await list_known_sessions(ledger, credentials, clients)
    ours = {(one.provider, one.session_id) for one in own}
    recorded = [known for known in found if known.row is not None]
    listed = [known for known in found if known.row is None]
    asked = [one for one in listed if foreign or (one.provider, one.session_id) in ours]
    outcomes = await asyncio.gather(
        *(_stop(known, credentials, ledger, clients) for known in recorded),
        *(_stop_by_key(known, clients) for known in asked),
    )
    return StopOutcome(
        tuple(known for known, over in outcomes if over),
        tuple(known for known, over in outcomes if not over),
        tuple(known for known in listed if known not in asked),
        problems,
    )


async def _stop(
    known: KnownSession, credentials: Sequence[Credentials], ledger: Ledger, clients: ClientFactory
) -> tuple[KnownSession, bool]:
    row = known.row
    assert row is not None  # noqa: S101  # chosen by it
    # The owner stays: a living one finds out by its next keep-alive, and writes what it knows.
    outcome = await settle_orphan(
        row, credentials, ledger, clients, me=row.owner, note="stopped by stop_all"
    )
    return replace(known, note=NOTES.get(outcome, "")), outcome in ("stopped", "had ended")


async def _stop_by_key(known: KnownSession, clients: ClientFactory) -> tuple[KnownSession, bool]:
    credentials = known.credentials
    assert credentials is not None and known.session_id is not None  # noqa: S101, PT018
    try:
        await service_spec(known.provider).stop_session(credentials, known.session_id, clients)
    except Exception as error:
        return replace(known, note=_reason(error)), False
    return known, True


def _reason(error: Exception) -> str:
    return error.what if isinstance(error, AvatarError) else f"unforeseen: {error!r}"
