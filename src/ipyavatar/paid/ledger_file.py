"""The ledger's SQLite file: opened, migrated, written, read, and seen to be still the same one."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Literal

from ..core.log import get_logger
from .process_identity import ProcessIdentity
from .rows import OPEN_STATES, Row

log = get_logger(__name__)

TroubleKind = Literal["locked", "full", "unwritable", "corrupt", "newer"]

KEEP_S = 400 * 86_400.0
"""Sessions that have ended are forgotten after this long."""

_VERSION = 1
_COLUMNS = tuple(f.name for f in fields(Row))
# SQLite takes any value in any column, and others may write here, too.
_TYPES: dict[object, tuple[type, ...]] = {
    "str": (str,), "State": (str,), "str | None": (str, type(None)), "int": (int,),
    "float": (int, float), "float | None": (int, float, type(None)),
}  # fmt: skip
_KINDS = tuple(_TYPES[f.type] for f in fields(Row))
_CREATE = """CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY, provider TEXT NOT NULL, session_id TEXT, base_url TEXT NOT NULL,
    state TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL, started TEXT NOT NULL,
    opened_at REAL NOT NULL, alive_at REAL NOT NULL, closed_at REAL, seconds REAL, credits REAL,
    credits_per_minute REAL, note TEXT NOT NULL)"""
# Columns that came later. Older versions neither read nor write them, so the version stays.
_ADDED = {
    "kernel_pid": "INTEGER NOT NULL DEFAULT 0",
    "kernel_started": "TEXT NOT NULL DEFAULT ''",
    "idle_limit_s": "REAL NOT NULL DEFAULT 0",
    "max_duration_s": "REAL NOT NULL DEFAULT 0",
    "tries": "INTEGER NOT NULL DEFAULT 0",
    "tried_at": "REAL NOT NULL DEFAULT 0",
}
_PUT = (
    f"INSERT INTO sessions ({', '.join(_COLUMNS)}) "  # noqa: S608  # names of our own fields
    f"VALUES ({', '.join('?' * len(_COLUMNS))}) ON CONFLICT (id) DO UPDATE SET "
    + ", ".join(f"{c} = excluded.{c}" for c in _COLUMNS[1:])
)
_GET = f"SELECT {', '.join(_COLUMNS)} FROM sessions"  # noqa: S608
_TAKE = (
    "UPDATE sessions SET host = ?, pid = ?, started = ?, kernel_pid = ?, kernel_started = ? "  # noqa: S608
    "WHERE id = ? AND host = ? AND pid = ? AND started = ? "
    f"AND state IN ({', '.join(repr(state) for state in OPEN_STATES)})"
)


class FileTrouble(Exception):
    """The file cannot be used now.

    Attributes:
        kind: What is wrong.
        aside: Where a damaged file was moved to.
    """

    def __init__(self, kind: TroubleKind, aside: Path | None = None) -> None:
        super().__init__(kind)
        self.kind: TroubleKind = kind
        self.aside = aside


class LedgerFile:
    """The file. Every method may raise `FileTrouble`. Not thread-safe.

    Args:
        path: Where it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db: sqlite3.Connection | None = None
        self._inode: tuple[int, ...] | None = None
        self._seen: tuple[int, ...] | None = None

    @property
    def is_open(self) -> bool:
        """False once it was found to be damaged, or not to be there: the next use opens it anew."""
        return self._db is not None

    def write(self, rows: Sequence[Row], *, now: float, busy_s: float) -> None:
        """Write `rows`, all or none; whoever has the file locked is waited for `busy_s`."""
        with self._transaction(now, busy_s) as db:
            db.executemany(_PUT, [astuple(row) for row in rows])

    def take(
        self, row: Row, me: ProcessIdentity, kernel: ProcessIdentity, *, now: float, busy_s: float
    ) -> bool:
        """Make `me` the holder of `row`, if it is still who has it there."""
        mine = (me.host, me.pid, me.started, kernel.pid, kernel.started)
        with self._transaction(now, busy_s) as db:
            done = db.execute(_TAKE, (*mine, row.id, row.host, row.pid, row.started))
            return done.rowcount == 1

    def read(self, where: str, values: Sequence[object], *, now: float, busy_s: float) -> list[Row]:
        """The rows that fit."""
        with self._guarded():
            found = self._open(now, busy_s).execute(f"{_GET} {where}", values).fetchall()
        rows = [Row(*values) for values in found if all(map(isinstance, values, _KINDS))]
        if len(rows) < len(found):
            log.warning("%s has %d rows that are none", self.path, len(found) - len(rows))
        return rows

    def missing(self, ids: Iterable[str], *, now: float, busy_s: float) -> set[str]:
        """Which of `ids` are not in the file: it was removed, emptied or overwritten.

        While nobody has touched it, that costs a look at the folder.
        """
        wanted = set(ids)
        if not wanted or (self._db is not None and self._signature() == self._seen):
            return set()
        marks = ", ".join("?" * len(wanted))
        seen = self._signature()
        found = self.read(f"WHERE id IN ({marks})", tuple(wanted), now=now, busy_s=busy_s)
        self._seen = seen
        return wanted - {row.id for row in found}

    def close(self) -> None:
        """Close it; it is opened again when it is used."""
        db, self._db = self._db, None
        if db is not None:
            with contextlib.suppress(sqlite3.Error):
                db.close()

    # ---- inside -----------------------------------------------------------------------------

    def _open(self, now: float, busy_s: float) -> sqlite3.Connection:
        if self._db is not None and not self._is_same():
            self.close()  # what we have open is nobody's file any more
        if self._db is None:
            _make_private(self.path)
            db = sqlite3.connect(
                self.path, timeout=busy_s, isolation_level=None, check_same_thread=False
            )
            try:
                self._inode = self._signature()[:2]
                _prepare(db, forget_before=now - KEEP_S)
            except BaseException:
                db.close()
                raise
            self._db = db
        self._db.execute(f"PRAGMA busy_timeout = {busy_s * 1000:.0f}")
        return self._db

    @contextlib.contextmanager
    def _transaction(self, now: float, busy_s: float) -> Iterator[sqlite3.Connection]:
        before = self._signature()
        with self._guarded():
            db = self._open(now, busy_s)
            # At once for writing: who has read first cannot wait for another writer.
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    db.execute("ROLLBACK")
                raise
            if self._seen in (None, before):  # else somebody was here: `missing` has to look
                self._seen = self._signature()

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            kind = _kind_of(error)
            if kind in ("locked", "full"):
                raise FileTrouble(kind) from error
            self.close()
            # Another process may have begun a new one already: that one is fine.
            damaged = kind == "corrupt" and self._signature()[:2] == self._inode
            aside = self._set_aside() if damaged else None
            raise FileTrouble(kind, aside) from error

    def _is_same(self) -> bool:
        """Whether it has not been removed, replaced or emptied since it was opened."""
        now = self._signature()
        return now[:2] == self._inode and now[2] > 0

    def _signature(self) -> tuple[int, ...]:
        """Changes whenever the file does; empty when there is none."""
        try:
            stat = self.path.stat()
        except OSError:
            return ()
        return (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns)

    def _set_aside(self) -> Path | None:
        """Move a damaged file out of the way, so that the next try begins a new one."""
        try:
            stamp = int(self.path.stat().st_mtime)
            aside = self.path.with_name(f"{self.path.name}.damaged-{stamp}")
            os.replace(self.path, aside)
        except OSError:
            return None
        for suffix in ("-journal", "-wal", "-shm"):
            # They belong to the damaged file: a new one must not find them.
            with contextlib.suppress(OSError):
                os.replace(f"{self.path}{suffix}", f"{aside}{suffix}")
        return aside


class _NewerFile(sqlite3.DatabaseError):
    """The file was made by a later version of this package."""


def _make_private(path: Path) -> None:
    """Make the file, for its user only, before SQLite makes it for everyone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if os.name == "posix" and path.stat().st_mode & 0o077:
        path.chmod(0o600)


def _prepare(db: sqlite3.Connection, forget_before: float) -> None:
    """Bring the file to this version; writes only where it must, since many open it at once."""
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > _VERSION:
        raise _NewerFile
    if db.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
        # A write-ahead log works on one machine only, and homes are shared between machines. While
        # an older version has the file open it stays as it is; the next one to open it tries again.
        with contextlib.suppress(sqlite3.OperationalError):
            db.execute("PRAGMA journal_mode = DELETE")
    # What stands in the ledger before a create call must be there after a power cut.
    db.execute("PRAGMA synchronous = FULL")
    if version == 0 or not set(_COLUMNS) <= _columns_of(db):
        _migrate(db)
    old = (forget_before,)
    if db.execute("SELECT 1 FROM sessions WHERE closed_at < ? LIMIT 1", old).fetchone():
        db.execute("DELETE FROM sessions WHERE closed_at < ?", old)


def _migrate(db: sqlite3.Connection) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        db.execute(_CREATE)
        for name, kind in _ADDED.items():
            if name not in _columns_of(db):
                db.execute(f"ALTER TABLE sessions ADD COLUMN {name} {kind}")
        db.execute(f"PRAGMA user_version = {_VERSION}")
        db.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise


def _columns_of(db: sqlite3.Connection) -> set[str]:
    return {column[1] for column in db.execute("PRAGMA table_info(sessions)")}


def _kind_of(error: Exception) -> TroubleKind:
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
