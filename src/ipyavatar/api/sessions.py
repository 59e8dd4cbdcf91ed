"""Which paid sessions are open, and how to stop them: the ledger joined with what services list."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from ..core.loops import complete_on_new_loop
from ..core.secret import hides_keys
from ..core.system_time import SystemTime
from ..core.threads import GuardedThread
from ..core.validate import require_switch
from ..errors import AvatarError
from ..paid.ledger import Ledger
from ..paid.open_sessions import (
    NOTES,
    KnownSession,
    StopOutcome,
    list_known_sessions,
    merge_sessions,
    stop_known_sessions,
)
from ..paid.process_identity import ProcessIdentity
from ..providers.cloud.environment import Environment

if TYPE_CHECKING:
    from ..protocol.options import Credentials
    from ..providers.cloud.client_factory import ClientFactory

T = TypeVar("T")

LEDGER_S = 5.0
"""The ledger is waited for so long, where another program has it locked."""

OWN_S = 10.0
"""All sessions of this process together have so long to end through their own host."""

_COLUMNS = ("provider", "session_id", "state", "opened", "seconds", "credits", "where")


@dataclass(frozen=True)
class SessionRow:
    """One open session.

    Attributes:
        provider: Its service.
        session_id: The service's id; empty while it is not known.
        state: The ledger's word (`opening open lost stopping`), or `listed` when only the service
            knows of it.
        opened_at: Unix time in seconds; None when not known.
        seconds: How long it has been open.
        credits: What it has cost, where a price is known.
        where: Whose it is: this process, another one, an ended one, or somebody else's.
        note: What is wrong with it.
        tries: How often it was to be stopped in vain; the pause before the next try grows with it.
    """

    provider: str
    session_id: str
    state: str
    opened_at: float | None
    seconds: float | None
    credits: float | None
    where: str
    note: str = ""
    tries: int = 0


class SessionTable(Sequence[SessionRow]):
    """The open sessions; prints as a table. `problems` says which services could not be asked."""

    def __init__(self, rows: Sequence[SessionRow], problems: Sequence[str] = ()) -> None:
        self._rows = tuple(rows)
        self.problems = tuple(problems)

    def __getitem__(self, index: Any) -> Any:
        return self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        lines = [_cells(row) for row in self._rows]
        widths = [max(map(len, column)) for column in zip(_COLUMNS, *lines, strict=True)]
        table = [
            "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
            for line in (_COLUMNS, *lines)
        ]
        head = table if lines else ["No paid session is open."]
        return "\n".join([*head, *self.problems])

    def as_json(self) -> dict[str, Any]:
        """Plain values: `{"sessions": [...], "problems": [...]}`."""
        return {"sessions": [asdict(row) for row in self._rows], "problems": list(self.problems)}


@dataclass(frozen=True)
class StopReport:
    """What `stop_all` did.

    Attributes:
        stopped: Sessions that are over now.
        left: Sessions that are not known to be over, with the reason in `note`.
        foreign: Sessions in the same accounts that this machine did not open; left alone.
        problems: Services that could not be asked.
    """

    stopped: tuple[SessionRow, ...]
    left: tuple[SessionRow, ...]
    foreign: tuple[SessionRow, ...]
    problems: tuple[str, ...] = ()

    def __repr__(self) -> str:
        lines = [f"Stopped: {len(self.stopped)}."]
        lines += [f"Not stopped: {r.provider} {r.session_id or '(id not known)'}: {r.note}."
                  for r in self.left]  # fmt: skip
        if self.foreign:
            lines.append(
                f"{len(self.foreign)} more in these accounts were not opened from here; "
                "stop_all(foreign=True) stops them too."
            )
        return "\n".join([*lines, *self.problems])

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "stopped": [asdict(row) for row in self.stopped],
            "left": [asdict(row) for row in self.left],
            "foreign": [asdict(row) for row in self.foreign],
            "problems": list(self.problems),
        }


def sessions(environ: Mapping[str, str] | None = None) -> SessionTable:
    """The open sessions: what the ledger has, joined with what the services list.

    Services whose key is in the environment, or is used by an `Avatar` or `AvatarSession` of this
    process, are asked.
    """
    given, environ = Environment(environ), None  # verbose tracebacks show variables
    with contextlib.closing(_ledger()) as ledger:
        asked = list_known_sessions(ledger, _credentials(given), client_factory(), _own())
        found, problems = complete(asked)
        return SessionTable([_row(known) for known in found], problems)


@hides_keys
def stop_all(*, foreign: bool = False, environ: Mapping[str, str] | None = None) -> StopReport:
    """Stop every open session of this user, in whatever process it is.

    Args:
        foreign: Also those the services list that were not opened from this machine.
        environ: Where keys are looked up; this process's when None.
    """
    given, environ = Environment(environ), None  # verbose tracebacks show variables
    foreign = require_switch("foreign", foreign)
    with contextlib.closing(_ledger()) as ledger:
        credentials, clients = _credentials(given), client_factory()
        own, rows, me = _own(), ledger.open_rows(), ProcessIdentity.me()
        before = merge_sessions(rows, (), now=ledger.now(), me=me, own=own)
        _stop_own()
        outcome: StopOutcome = complete(
            stop_known_sessions(ledger, credentials, clients, foreign=foreign, own=own)
        )
        found = _names(*outcome.stopped, *outcome.left, *outcome.foreign)
        ended = [known for known in before if not _names(known) & found]
        # What the ledger cannot tell, and no service lists, this process knows.
        still_open = _names(*_own())
        left = [
            replace(known, note=NOTES["not confirmed"])
            for known in ended
            if _names(known) & still_open
        ]
        ended = [known for known in ended if not _names(known) & still_open]
        return StopReport(
            tuple(map(_row, (*ended, *outcome.stopped))),
            tuple(map(_row, (*left, *outcome.left))),
            tuple(map(_row, outcome.foreign)),
            outcome.problems,
        )


def _ledger() -> Ledger:
    """A person waits for it: so one that is locked for a moment is waited for."""
    return Ledger(busy_s=LEDGER_S)


def _names(*sessions: KnownSession) -> set[str | tuple[str, str]]:
    """What each can be recognised by: its row in the ledger, and its service's id."""
    ids = {(known.provider, known.session_id) for known in sessions if known.session_id}
    return {known.row.id for known in sessions if known.row} | ids


def _stop_own(within_s: float = OWN_S) -> None:
    """Those of this process end through their own host, which alone can end some of them."""
    module = _session_module()
    stops = [session.stop() for session in (module.open_paid_sessions() if module else ())]
    deadline = SystemTime.monotonic() + within_s
    for handle in stops:
        with contextlib.suppress(AvatarError, TimeoutError):  # what is left is listed afterwards
            handle.wait(max(0.0, deadline - SystemTime.monotonic()))


def _own() -> list[KnownSession]:
    """The open sessions of this process, as far as it knows them without the ledger."""
    module = _session_module()
    sessions = module.open_paid_sessions() if module else ()
    found = []
    for grant, usage in ((session.grant, session.usage) for session in sessions):
        if grant is not None:  # else it is being opened, and has no id yet
            found.append(
                KnownSession(
                    grant.provider,
                    grant.session_id,
                    "open",
                    grant.opened_at or None,
                    usage.get("seconds"),
                    usage.get("credits"),
                    "this process",
                )
            )
    return found


def _credentials(environment: Environment) -> list[Credentials]:
    from ..providers.known_keys import credentials_from_environment

    environment.check()
    found = list(credentials_from_environment(environment))
    module = _session_module()
    found += module.used_credentials() if module else []
    return list(dict.fromkeys(found))


def _session_module() -> Any:
    """What knows the sessions of this process, if it has had any."""
    return sys.modules.get("ipyavatar.client.paid_sessions")


def client_factory() -> ClientFactory:
    """For calls that a person waits for."""
    from ..core.clock import MonotonicClock
    from ..core.retry import RetryPolicy
    from ..providers.cloud.client_factory import ClientFactory

    return ClientFactory(MonotonicClock(), retry=RetryPolicy(attempts=2, budget_s=5.0))


def complete(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run it to its end on a loop of its own: in a notebook another one is running here."""
    found: list[T] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            found.append(complete_on_new_loop(coroutine))
        except BaseException as error:
            raised.append(error)

    thread = GuardedThread(target=run, name="ipyavatar-sessions")
    thread.start()
    thread.join()
    if raised:
        raise raised[0]
    return found[0]


def _row(known: KnownSession) -> SessionRow:
    return SessionRow(
        known.provider,
        known.session_id or "",
        known.state,
        known.opened_at,
        known.seconds,
        known.credits,
        known.where,
        known.note,
        known.tries,
    )


def _cells(row: SessionRow) -> tuple[str, ...]:
    opened = "" if row.opened_at is None else f"{datetime.fromtimestamp(row.opened_at):%H:%M:%S}"
    if row.opened_at is not None and time.time() - row.opened_at > 43_200:
        opened = f"{datetime.fromtimestamp(row.opened_at):%Y-%m-%d %H:%M}"
    seconds = "" if row.seconds is None else f"{row.seconds:.0f}"
    credits = "" if row.credits is None else f"{row.credits:.2f}"
    state = f"{row.state} ({row.tries} tries)" if row.tries else row.state
    return (row.provider, row.session_id or "?", state, opened, seconds, credits, row.where)
