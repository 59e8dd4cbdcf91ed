"""The ledger: every paid session, from before its create call to its confirmed end.

A SQLite file of the user's, shared by all kernels. It holds no key and no token. It is a help, not
a condition: whatever is wrong with the file, the session goes on, the rows of this process are kept
in memory and written when that works again, and a warning says what is not recorded.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Literal

from .process_identity import ProcessIdentity

State = Literal["opening", "open", "lost", "stopping", "closed", "refused"]
"""What is known of a session.

`opening`: the create call is being made. `open`: it answered. `lost`: its answer was lost, there
may be a session. `stopping`: a stop was asked for and not confirmed. `closed`: its end is
confirmed. `refused`: it was never opened.
"""

OPEN_STATES: tuple[State, ...] = ("opening", "open", "lost", "stopping")

STATE_DIR_VARIABLE = "IPYAVATAR_STATE_DIR"
FILE_NAME = "sessions.db"

# Last-alive times are for people and for sums: they need not be on disk at once.
ALIVE_EVERY_S = 15.0
# After a failure the file is left alone for a while: waiting for a lock each time would hold up
# all sessions.
TRY_AGAIN_S = 5.0
# A writer that finds the file locked waits this long, on whatever thread it is.
BUSY_S = 0.2
# The last one, at the end of a process, waits longer.
CLOSE_BUSY_S = 2.0
_KEEP_S = 400 * 86_400.0
_CLOSED_IN_MEMORY_MOST = 1000
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One session in the ledger; times in Unix seconds.

    Attributes:
        id: The ledger's own id: there is one before the service gives its own.
        provider: The name of its service.
        session_id: The service's id; None while it is not known.
        base_url: Where the service is: a key must not be sent elsewhere to stop it.
        state: What is known of it.
        host, pid, started: The process that owns it, see `ProcessIdentity`.
        opened_at: When the create call was made.
        alive_at: When it was last seen alive.
        closed_at: When its end was confirmed.
        seconds: How long it was open, once that is settled.
        credits: What it cost, once that is settled.
        credits_per_minute: Its price, where one is known.
        note: Why it ended, or what is wrong.
    """

    id: str
    provider: str
    session_id: str | None
    base_url: str
    state: State
    host: str
    pid: int
    started: str
    opened_at: float
    alive_at: float
    closed_at: float | None = None
    seconds: float | None = None
    credits: float | None = None
    credits_per_minute: float | None = None
    note: str = ""

    @property
    def owner(self) -> ProcessIdentity:
        """The process that owns it."""
        return ProcessIdentity(self.host, self.pid, self.started)

    @property
    def is_open(self) -> bool:
        """Whether it may still cost something."""
        return self.state in OPEN_STATES


@dataclass(frozen=True, slots=True)
class LedgerWarning:
    """What is wrong with the ledger, and what that means.

    Attributes:
        kind: `"locked"`, `"full"`, `"unwritable"`, `"corrupt"` or `"newer"`.
        text: A sentence for the user.
    """

    kind: Literal["locked", "full", "unwritable", "corrupt", "newer"]
    text: str


_COLUMNS = tuple(f.name for f in fields(Row))
_CREATE = """CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY, provider TEXT NOT NULL, session_id TEXT, base_url TEXT NOT NULL,
    state TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL, started TEXT NOT NULL,
    opened_at REAL NOT NULL, alive_at REAL NOT NULL, closed_at REAL, seconds REAL, credits REAL,
    credits_per_minute REAL, note TEXT NOT NULL)"""
_PUT = (
    f"INSERT INTO sessions ({', '.join(_COLUMNS)}) "  # noqa: S608  # names of our own fields
    f"VALUES ({', '.join('?' * len(_COLUMNS))}) ON CONFLICT (id) DO UPDATE SET "
    + ", ".join(f"{c} = excluded.{c}" for c in _COLUMNS[1:])
)
_GET = f"SELECT {', '.join(_COLUMNS)} FROM sessions"  # noqa: S608


def default_path() -> Path:
    """Where the ledger is: `IPYAVATAR_STATE_DIR`, else this system's place for user state."""
    given = os.environ.get(STATE_DIR_VARIABLE, "").strip()
    if given:
        return Path(given) / FILE_NAME
    import platformdirs

    return platformdirs.user_state_path("ipyavatar", appauthor=False) / FILE_NAME


class Ledger:
    """The ledger. No method raises because of the file; all may be called from any thread.

    Args:
        path: The file; the user's own when None.
        now: Gives Unix time in seconds.
        new_id: Gives ids of rows.
        on_warning: Told each new warning, once per kind.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        now: Callable[[], float] = time.time,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
        on_warning: Callable[[LedgerWarning], None] | None = None,
    ) -> None:
        self.path = default_path() if path is None else path
        self._now = now
        self._new_id = new_id
        self._on_warning = on_warning
        self._lock = threading.RLock()
        self._db: sqlite3.Connection | None = None
        self._mine: dict[str, Row] = {}  # rows of this process that are open or not yet written
        self._unwritten: dict[str, None] = {}  # ids, in order
        self._busy_s = BUSY_S
        self._warnings: dict[str, LedgerWarning] = {}
        self._try_at = float("-inf")
        self._alive_at = float("-inf")

    @property
    def warnings(self) -> tuple[LedgerWarning, ...]:
        """What is wrong now; empty when all is recorded."""
        with self._lock:
            return tuple(self._warnings.values())

    def now(self) -> float:
        """Unix time by the ledger's clock."""
        return self._now()

    def opening(
        self,
        provider: str,
        base_url: str,
        *,
        owner: ProcessIdentity | None = None,
        credits_per_minute: float | None = None,
    ) -> Row:
        """Note that a session is about to be created. Call it *before* the create call."""
        me, now = owner or ProcessIdentity.me(), self._now()
        row = Row(
            id=self._new_id(),
            provider=provider,
            session_id=None,
            base_url=base_url,
            state="opening",
            host=me.host,
            pid=me.pid,
            started=me.started,
            opened_at=now,
            alive_at=now,
            credits_per_minute=credits_per_minute,
        )
        return self._put(row)

    def opened(self, row: Row, session_id: str) -> Row:
        """Note the service's id."""
        return self._change(row, state="open", session_id=session_id, alive_at=self._now())

    def refused(self, row: Row, note: str = "") -> Row:
        """Note that the create call failed for certain: there is no session."""
        now = self._now()
        return self._change(
            row, state="refused", closed_at=now, seconds=0.0, credits=0.0, note=note
        )

    def lost(self, row: Row, note: str = "") -> Row:
        """Note that the answer to the create call was lost: there may be a session."""
        return self._change(row, state="lost", note=note)

    def alive(self, row: Row) -> Row:
        """Note that it was seen alive. Cheap: written with others, every 15 s."""
        with self._lock:
            current = replace(self._mine.get(row.id, row), alive_at=self._now())
            self._mine[row.id] = current
            self._unwritten[row.id] = None
            if self._now() - self._alive_at >= ALIVE_EVERY_S:
                self._alive_at = self._now()
                self._write()
            return current

    def stopping(self, row: Row, note: str = "") -> Row:
        """Note that a stop was asked for. It stays listed until `closed`."""
        return self._change(row, state="stopping", note=note)

    def closed(
        self,
        row: Row,
        *,
        seconds: float | None = None,
        credits: float | None = None,
        note: str = "",
    ) -> Row:
        """Note that its end is confirmed.

        Args:
            row: The session.
            seconds: How long it was open; from the clock when None.
            credits: What it cost; by its price when None, where it has one.
            note: Why it ended.
        """
        now = self._now()
        took = max(0.0, now - row.opened_at) if seconds is None else seconds
        price = row.credits_per_minute
        cost = took / 60.0 * price if credits is None and price is not None else credits
        return self._change(
            row, state="closed", closed_at=now, seconds=took, credits=cost, note=note
        )

    def take_over(self, row: Row, owner: ProcessIdentity | None = None) -> Row | None:
        """Become the owner of a session whose owner is gone.

        Returns:
            The row as it is now, or None when another process was faster, or the file cannot tell.
        """
        me = owner or ProcessIdentity.me()
        taken = replace(row, host=me.host, pid=me.pid, started=me.started)
        with self._lock, self._guarded():
            db = self._opened()
            with db:
                changed = db.execute(
                    "UPDATE sessions SET host = ?, pid = ?, started = ? "
                    "WHERE id = ? AND host = ? AND pid = ? AND started = ?",
                    (me.host, me.pid, me.started, row.id, row.host, row.pid, row.started),
                )
            if changed.rowcount == 1:
                self._mine[row.id] = taken
                return taken
        return None

    def rows(self, *, since: float | None = None) -> tuple[Row, ...]:
        """All sessions opened at `since` (Unix time) or later, oldest first."""
        return self._rows(
            "WHERE opened_at >= ?", (since or 0.0,), lambda r: r.opened_at >= (since or 0)
        )

    def open_rows(self) -> tuple[Row, ...]:
        """All sessions that may still cost something, of every process, oldest first."""
        marks = ", ".join("?" * len(OPEN_STATES))
        return self._rows(f"WHERE state IN ({marks})", OPEN_STATES, lambda r: r.is_open)

    def flush(self) -> bool:
        """Write what is not yet written, now. Whether all is on disk."""
        with self._lock:
            self._try_at = float("-inf")
            return self._write()

    def close(self) -> None:
        """Write what can be written and close the file; may be called twice."""
        with self._lock:
            self._be_patient()
            self.flush()
            db, self._db = self._db, None
            if db is not None:
                with contextlib.suppress(sqlite3.Error):
                    db.close()

    def _be_patient(self) -> None:
        """There is no later try: whoever has the file locked is waited for longer."""
        self._busy_s = CLOSE_BUSY_S
        if self._db is not None:
            with contextlib.suppress(sqlite3.Error):
                self._db.execute(f"PRAGMA busy_timeout = {CLOSE_BUSY_S * 1000:.0f}")

    def _rows(
        self, where: str, values: tuple[object, ...], fits: Callable[[Row], bool]
    ) -> tuple[Row, ...]:
        found: dict[str, Row] = {}
        with self._lock:
            with self._guarded():
                for values_of in self._opened().execute(f"{_GET} {where}", values):
                    found[values_of[0]] = Row(*values_of)
            # Ours are at least as new as what is in the file.
            found.update((row.id, row) for row in self._mine.values())
        return tuple(sorted(filter(fits, found.values()), key=lambda r: (r.opened_at, r.id)))

    def _change(self, row: Row, **changes: object) -> Row:
        with self._lock:
            return self._put(replace(self._mine.get(row.id, row), **changes))  # type: ignore[arg-type]

    def _put(self, row: Row) -> Row:
        with self._lock:
            self._mine[row.id] = row
            self._unwritten[row.id] = None
            if not self._write() and len(self._mine) > _CLOSED_IN_MEMORY_MOST:
                # With a disk that stays full memory must not fill up in its place.
                over = [i for i, r in self._mine.items() if not r.is_open]
                self._forget(over[: max(0, len(over) - _CLOSED_IN_MEMORY_MOST)])
            return row

    def _write(self) -> bool:
        """Write all that is unwritten, unless the last try failed a moment ago."""
        if not self._unwritten:
            return True
        if self._now() < self._try_at:
            return False
        # A damaged file is moved away by the first try; the second one begins a new one.
        if self._try_to_write() or (self._db is None and self._try_to_write()):
            corrupt = self._warnings.get("corrupt")
            self._warnings = {} if corrupt is None else {"corrupt": corrupt}
            self._try_at = float("-inf")
            self._forget([i for i, r in self._mine.items() if not r.is_open])
            return True
        self._try_at = self._now() + TRY_AGAIN_S
        return False

    def _try_to_write(self) -> bool:
        with self._guarded():
            rows = [self._mine[i] for i in self._unwritten if i in self._mine]
            db = self._opened()
            with db:
                db.executemany(_PUT, [tuple(getattr(r, c) for c in _COLUMNS) for r in rows])
            self._unwritten.clear()
        return not self._unwritten

    def _forget(self, ids: Iterable[str]) -> None:
        for row_id in list(ids):
            self._mine.pop(row_id, None)
            self._unwritten.pop(row_id, None)

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """Turn whatever is wrong with the file into a warning."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            kind = _kind_of(error)
            aside = self._set_aside() if kind == "corrupt" else None
            self._warn(kind, aside)

    def _warn(
        self,
        kind: Literal["locked", "full", "unwritable", "corrupt", "newer"],
        aside: Path | None,
    ) -> None:
        what = {
            "locked": f"The session ledger {self.path} is locked by another program.",
            "full": f"There is no room to write the session ledger {self.path}.",
            "unwritable": f"The session ledger {self.path} cannot be read or written.",
            "corrupt": f"The session ledger {self.path} was damaged.",
            "newer": f"The session ledger {self.path} is from a newer ipyavatar.",
        }[kind]
        if aside is not None:
            then = f"It is kept as {aside.name}; a new one was begun without the older sessions."
        else:
            then = (
                "Sessions work, but if this process dies now, the next one will not know of them: "
                "look at ipyavatar.sessions(), which also asks the services."
            )
        warning = LedgerWarning(kind, f"{what} {then}")
        news = self._warnings.get(kind) != warning
        self._warnings[kind] = warning
        if news and self._on_warning is not None:
            self._on_warning(warning)

    def _set_aside(self) -> Path | None:
        """Move a damaged file out of the way, so that the next try begins a new one."""
        db, self._db = self._db, None
        with contextlib.suppress(sqlite3.Error):
            if db is not None:
                db.close()
        aside = self.path.with_name(f"{self.path.name}.damaged-{int(self._now())}")
        try:
            os.replace(self.path, aside)
        except OSError:
            return None
        for suffix in ("-wal", "-shm"):
            # They belong to the damaged file: a new one must not find them.
            with contextlib.suppress(OSError):
                os.replace(f"{self.path}{suffix}", f"{aside}{suffix}")
        self._unwritten.update(dict.fromkeys(self._mine))
        return aside

    def _opened(self) -> sqlite3.Connection:
        """The open file, made if it is not there."""
        if self._db is None:
            _make_private(self.path)
            db = sqlite3.connect(self.path, timeout=self._busy_s, check_same_thread=False)
            try:
                _prepare(db, forget_before=self._now() - _KEEP_S)
            except BaseException:
                db.close()
                raise
            self._db = db
        return self._db


class _NewerFile(sqlite3.DatabaseError):
    """The file was made by a later version of this package."""


def _make_private(path: Path) -> None:
    """Make the file, for its user only, before SQLite makes it for everyone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if os.name == "posix" and path.stat().st_mode & 0o077:
        path.chmod(0o600)


def _prepare(db: sqlite3.Connection, forget_before: float) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > _VERSION:
        raise _NewerFile
    # Readers and a writer at once, and a file that a killed process leaves whole. Where WAL cannot
    # be (some network drives), SQLite stays with its older journal, which is as safe.
    db.execute("PRAGMA journal_mode = WAL")
    # What stands in the ledger before a create call must be there after a power cut.
    db.execute("PRAGMA synchronous = FULL")
    with db:
        db.execute(_CREATE)
        db.execute(f"PRAGMA user_version = {_VERSION}")
        db.execute("DELETE FROM sessions WHERE closed_at < ?", (forget_before,))


def _kind_of(
    error: Exception,
) -> Literal["locked", "full", "unwritable", "corrupt", "newer"]:
    if isinstance(error, _NewerFile):
        return "newer"
    # sqlite3 gives codes only since Python 3.11; its texts have not changed in twenty years.
    text = str(error).lower()
    if "locked" in text or "busy" in text:
        return "locked"
    if "full" in text or "no space" in text:
        return "full"
    if "malformed" in text or "not a database" in text or "no such column" in text:
        return "corrupt"
    return "unwritable"
