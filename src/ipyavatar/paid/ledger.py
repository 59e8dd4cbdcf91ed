"""The ledger: every paid session, from before its create call to its confirmed end.

A SQLite file of the user's, shared by all kernels. It holds no key and no token. It is a help, not
a condition: whatever is wrong with the file, the session goes on, the rows of this process are kept
in memory and written when that works again, and a warning says what is not recorded.

While a session of this process is open, a thread looks once a second whether all is on disk: what
could not be written is tried again, and a file that somebody has removed, emptied or overwritten is
written anew.
"""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from ..core.threads import GuardedThread
from .ledger_file import FileTrouble, LedgerFile
from .ledger_warning import LedgerWarning, WarningKind, describe_trouble
from .process_identity import ProcessIdentity
from .rows import OPEN_STATES, Row, State
from .state_folder import state_folder

__all__ = ["OPEN_STATES", "Ledger", "LedgerWarning", "Row", "State", "default_path"]

FILE_NAME = "sessions.db"

# Last-alive times are for people and for sums: they need not be on disk at once.
ALIVE_EVERY_S = 15.0
# After a failure the file is left to the thread: waiting for a lock each time would hold up all
# sessions.
TRY_AGAIN_S = 5.0
# Who finds the file locked waits this long: a loop that plays sound,
BUSY_S = 0.2
# and the thread, or the last one at the end of a process.
PATIENT_S = 2.0
WATCH_EVERY_S = 1.0
CLOSE_TRIES = 5
_CLOSED_IN_MEMORY_MOST = 1000


_NOT_THERE = {"corrupt", "unwritable", "newer"}
"""With these, nothing of ours is known to be on disk any more."""

_LASTING = {"corrupt", "replaced"}
"""What stays true after all has been written again: older sessions are gone."""


def default_path() -> Path:
    """Where the ledger is."""
    return state_folder() / FILE_NAME


class Ledger:
    """The ledger. No method raises because of the file; all may be called from any thread.

    Args:
        path: The file; the user's own when None.
        now: Gives Unix time in seconds.
        new_id: Gives ids of rows.
        on_warning: Told each new warning, once per kind, on whatever thread finds it out.
        watch_every_s: How often the thread looks; None for no thread.
        busy_s: Callers wait this long for a file that is locked.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        now: Callable[[], float] = time.time,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
        on_warning: Callable[[LedgerWarning], None] | None = None,
        watch_every_s: float | None = WATCH_EVERY_S,
        busy_s: float = BUSY_S,
    ) -> None:
        self.path = default_path() if path is None else path
        self._now = now
        self._new_id = new_id
        self._on_warning = on_warning
        self._watch_every_s = watch_every_s
        self._busy_s = busy_s
        # Two locks: whoever waits for the file must not hold up those who only note something.
        # `_lock` may be taken under `_file_lock`, never the other way round.
        self._file_lock = threading.RLock()
        self._file = LedgerFile(self.path)
        self._lock = threading.RLock()
        self._mine: dict[str, Row] = {}  # rows of this process that are open or not yet written
        self._unwritten: dict[str, None] = {}  # ids, in order
        self._seen_alive: set[str] = set()  # ids; to be written with the others
        self._warnings: dict[str, LedgerWarning] = {}
        self._try_at = float("-inf")
        self._alive_at = float("-inf")
        self._in_vain = 0  # patient tries to write
        self._closed = threading.Event()
        self._watcher: threading.Thread | None = None

    @property
    def warnings(self) -> tuple[LedgerWarning, ...]:
        """What is wrong now; empty when all is recorded."""
        with self._lock:
            return tuple(self._warnings.values())

    @property
    def written(self) -> bool:
        """Whether all that is known here is on disk, as far as was seen."""
        with self._lock:
            return not self._unwritten

    def now(self) -> float:
        """Unix time by the ledger's clock."""
        return self._now()

    # ---- what happens -----------------------------------------------------------------------

    def opening(
        self,
        provider: str,
        base_url: str,
        *,
        owner: ProcessIdentity | None = None,
        kernel: ProcessIdentity | None = None,
        credits_per_minute: float | None = None,
        idle_limit_s: float = 0.0,
        max_duration_s: float = 0.0,
    ) -> Row:
        """Note that a session is about to be created. Call it *before* the create call.

        Args:
            provider: The name of its service.
            base_url: Where that is.
            owner: The process that will hold it; this one when None.
            kernel: The kernel that process works for; itself when None.
            credits_per_minute: Its price, where one is known.
            idle_limit_s: The service ends it so long after it was last seen alive; 0: not known.
            max_duration_s: It is ended so long after it was opened; 0: not known.
        """
        me, now = owner or ProcessIdentity.me(), self._now()
        kernel = kernel or me
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
            kernel_pid=kernel.pid,
            kernel_started=kernel.started,
            idle_limit_s=idle_limit_s,
            max_duration_s=max_duration_s,
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
        now = self._now()
        with self._lock:
            current = self._mine[row.id] = replace(self._mine.get(row.id, row), alive_at=now)
            self._seen_alive.add(row.id)
            due = now - self._alive_at >= ALIVE_EVERY_S
            if due:
                self._alive_at = now
                self._gather_alive()
        self._watch()
        if due:
            self._write_soon()
        return current

    def stopping(self, row: Row, note: str = "") -> Row:
        """Note that a stop was asked for. It stays listed until `closed`."""
        return self._change(row, state="stopping", note=note)

    def unstopped(self, row: Row, note: str) -> Row:
        """Note that its end could not be confirmed: a try was in vain."""
        state: State = row.state if row.state in ("opening", "lost") else "stopping"
        tries = row.tries + 1
        return self._change(row, state=state, note=note, tries=tries, tried_at=self._now())

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

    def take_over(
        self,
        row: Row,
        owner: ProcessIdentity | None = None,
        kernel: ProcessIdentity | None = None,
    ) -> Row | None:
        """Become the holder of a session whose holder is gone.

        Returns:
            The row as it is now, or None when another process was faster, or the file cannot tell.
        """
        me = owner or ProcessIdentity.me()
        kernel = kernel or me
        with self._patiently() as ready, self._guarded():
            if ready and self._file.take(row, me, kernel, now=self._now(), busy_s=self._busy_s):
                taken = replace(
                    row,
                    host=me.host,
                    pid=me.pid,
                    started=me.started,
                    kernel_pid=kernel.pid,
                    kernel_started=kernel.started,
                )
                with self._lock:
                    self._mine[row.id] = taken
                self._watch()
                return taken
        return None

    # ---- what is known ----------------------------------------------------------------------

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
        """See that all of ours is in the file, and write what is not. Whether all is on disk."""
        with self._lock:
            self._gather_alive()
        return self._check()

    def close(self) -> None:
        """Write what can be written and close the file; may be called twice.

        What another process keeps us from writing for `CLOSE_TRIES` long waits is lost: that is
        warned of.
        """
        self._closed.set()
        with self._file_lock:
            for _ in range(CLOSE_TRIES):
                if self.flush():
                    break
            self._file.close()

    def _rows(
        self, where: str, values: tuple[object, ...], fits: Callable[[Row], bool]
    ) -> tuple[Row, ...]:
        found: dict[str, Row] = {}
        with self._patiently() as ready, self._guarded():
            if ready:
                rows = self._file.read(where, values, now=self._now(), busy_s=self._busy_s)
                found.update((row.id, row) for row in rows)
        with self._lock:
            # Ours are at least as new as what is in the file.
            found.update(self._mine)
        return tuple(sorted(filter(fits, found.values()), key=lambda r: (r.opened_at, r.id)))

    # ---- the file ---------------------------------------------------------------------------

    def _change(self, row: Row, **changes: object) -> Row:
        return self._put(replace(self._mine.get(row.id, row), **changes))  # type: ignore[arg-type]

    def _put(self, row: Row) -> Row:
        with self._lock:
            self._mine[row.id] = row
            self._unwritten[row.id] = None
            if len(self._mine) > _CLOSED_IN_MEMORY_MOST:
                # With a disk that stays full memory must not fill up in its place.
                over = [i for i, r in self._mine.items() if not r.is_open]
                self._forget(over[: max(0, len(over) - _CLOSED_IN_MEMORY_MOST)])
        self._watch()
        self._write_soon()
        return row

    def _gather_alive(self) -> None:
        """What was seen alive is to be written. Under the lock."""
        self._unwritten.update(dict.fromkeys(i for i in self._mine if i in self._seen_alive))
        self._seen_alive.clear()

    def _check(self) -> bool:
        """See that all of ours is in the file, and write what is not. Whether all is on disk."""
        with self._file_lock:
            seen = False
            with self._guarded():
                self._look_for_missing()
                seen = True
            written = self._write(PATIENT_S)
            if seen and written:
                self._note_well()
            return written

    def _write_soon(self) -> None:
        """Write now, where that takes no long wait; else the thread does."""
        if self._now() < self._try_at:
            return
        with self._patiently() as ready:
            if ready:
                self._write(self._busy_s)

    @contextlib.contextmanager
    def _patiently(self) -> Iterator[bool]:
        """Hold the file, if it is free soon."""
        ready = self._file_lock.acquire(timeout=self._busy_s)
        try:
            yield ready
        finally:
            if ready:
                self._file_lock.release()

    def _write(self, busy_s: float) -> bool:
        """Write all that is unwritten. Holds the file."""
        for _ in range(2):  # what is wrong with the file may be over once it was opened anew
            with self._lock:
                rows = [self._mine[i] for i in self._unwritten if i in self._mine]
            if not rows:
                return True
            written = False
            with self._guarded(patient=self._in_vain > 0 and busy_s >= PATIENT_S):
                self._file.write(rows, now=self._now(), busy_s=busy_s)
                written = True
            if written:
                self._note_written(rows)
                return True
            if self._file.is_open:
                break
        self._in_vain += busy_s >= PATIENT_S
        self._try_at = self._now() + TRY_AGAIN_S
        return False

    def _note_written(self, rows: Iterable[Row]) -> None:
        with self._lock:
            for row in rows:
                if self._mine.get(row.id) is row:  # not changed meanwhile
                    self._unwritten.pop(row.id, None)
                    if not row.is_open:
                        self._forget([row.id])
        self._note_well()

    def _note_well(self) -> None:
        """The file is there and takes what it is given."""
        with self._lock:
            self._try_at, self._in_vain = float("-inf"), 0
            self._warnings = {k: w for k, w in self._warnings.items() if k in _LASTING}

    def _look_for_missing(self) -> None:
        with self._lock:
            ids = [i for i, r in self._mine.items() if r.is_open and i not in self._unwritten]
        gone = self._file.missing(ids, now=self._now(), busy_s=PATIENT_S)
        if gone:
            with self._lock:
                self._unwritten.update(dict.fromkeys(i for i in ids if i in gone))
            self._warn("replaced", None)

    def _forget(self, ids: Iterable[str]) -> None:
        for row_id in list(ids):
            self._mine.pop(row_id, None)
            self._unwritten.pop(row_id, None)

    @contextlib.contextmanager
    def _guarded(self, *, patient: bool = True) -> Iterator[None]:
        """Turn whatever is wrong with the file into a warning."""
        try:
            yield
        except FileTrouble as trouble:
            if trouble.kind in _NOT_THERE:
                with self._lock:
                    self._unwritten.update(dict.fromkeys(self._mine))
            if patient or trouble.kind != "locked":  # many write here: a short wait is no news
                self._warn(trouble.kind, trouble.aside)

    def _warn(self, kind: WarningKind, aside: Path | None) -> None:
        warning = describe_trouble(self.path, kind, aside)
        with self._lock:
            news = kind not in self._warnings
            self._warnings[kind] = warning
        if news and self._on_warning is not None:
            self._on_warning(warning)

    # ---- the thread -------------------------------------------------------------------------

    def _watch(self) -> None:
        """Have a thread see to it while there is something of ours."""
        every_s = self._watch_every_s
        with self._lock:
            if every_s is None or self._watcher is not None or self._closed.is_set():
                return
            self._watcher = GuardedThread(
                target=self._keep_written, args=(every_s,), name="ipyavatar-ledger", daemon=True
            )
        self._watcher.start()

    def _keep_written(self, every_s: float) -> None:
        while not self._closed.wait(every_s):
            with self._file_lock:
                if self._closed.is_set():
                    return  # meanwhile: it must not be opened again
                self._check()
            with self._lock:
                if not self._mine:
                    self._watcher = None
                    return
