"""The ledger: complete, private, shared by processes, and never in the way."""

import contextlib
import multiprocessing
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ipyavatar.paid.ledger import BUSY_S, Ledger
from ipyavatar.paid.ledger_file import FileTrouble
from ipyavatar.paid.process_identity import ProcessIdentity, is_gone

URL = "https://api.example.com"


class Clock:
    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "sessions.db"


@pytest.fixture
def ledger(path, clock):
    opened = Ledger(path, now=clock, watch_every_s=None)
    yield opened
    opened.close()


def again(path, clock):
    """The rows as another process would read them."""
    other = Ledger(path, now=clock, watch_every_s=None)
    try:
        return other.rows()
    finally:
        other.close()


def test_a_session_is_on_disk_before_its_create_call(ledger, path, clock):
    row = ledger.opening("heygen", URL)
    assert again(path, clock) == (row,)
    assert (row.state, row.session_id, row.owner) == ("opening", None, ProcessIdentity.me())


def test_the_whole_life_of_a_session(ledger, path, clock):
    row = ledger.opening("liveavatar", URL, credits_per_minute=2.0)
    row = ledger.opened(row, "s-1")
    clock.now += 90
    row = ledger.alive(row)
    assert ledger.open_rows() == (row,)
    row = ledger.stopping(row, "idle")
    assert [r.state for r in ledger.open_rows()] == ["stopping"]
    row = ledger.closed(row, note="idle")
    assert ledger.open_rows() == ()
    assert again(path, clock) == (row,)
    assert (row.seconds, row.credits, row.note) == (90, 3.0, "idle")


def test_lost_and_unconfirmed_sessions_stay_listed(ledger, path, clock):
    lost = ledger.lost(ledger.opening("kaltura", URL), "no answer")
    unconfirmed = ledger.stopping(ledger.opened(ledger.opening("heygen", URL), "s-2"))
    refused = ledger.refused(ledger.opening("heygen", URL), "401")
    other = Ledger(path, now=clock, watch_every_s=None)
    assert {r.id for r in other.open_rows()} == {lost.id, unconfirmed.id}
    assert refused.credits == 0
    assert not refused.is_open
    other.close()


def test_last_alive_times_are_written_together_every_15_s(ledger, path, clock):
    rows = [ledger.opened(ledger.opening("heygen", URL), f"s-{n}") for n in range(20)]
    began = clock.now
    for _ in range(60):
        clock.now += 1
        for row in rows:
            ledger.alive(row)
    on_disk = [r.alive_at for r in again(path, clock)]
    assert all(began + 45 <= at <= began + 60 for at in on_disk)
    ledger.flush()
    assert {r.alive_at for r in again(path, clock)} == {began + 60}


def test_closed_sessions_leave_memory(ledger, clock):
    for n in range(50):
        ledger.closed(ledger.opened(ledger.opening("heygen", URL), f"s-{n}"))
    assert len(ledger._mine) == len(ledger._unwritten) == 0
    assert len(ledger.rows()) == 50


@pytest.mark.skipif(os.name != "posix", reason="file modes are of POSIX")
def test_file_and_its_companions_are_private(ledger, path):
    ledger.opening("heygen", URL)
    files = list(path.parent.iterdir())
    assert files
    assert {stat.S_IMODE(f.stat().st_mode) for f in files} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.skipif(os.name != "posix", reason="file modes are of POSIX")
def test_a_file_others_could_read_is_made_private(path, clock):
    path.parent.mkdir()
    path.touch(mode=0o644)
    path.chmod(0o644)
    Ledger(path, now=clock).opening("heygen", URL)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def journal_of(path):
    db = sqlite3.connect(path)
    (mode,) = db.execute("PRAGMA journal_mode").fetchone()
    db.close()
    return mode


def test_it_has_a_rollback_journal(ledger, path):
    """A write-ahead log works on one machine only; homes are shared between machines."""
    ledger.opening("heygen", URL)
    assert journal_of(path) == "delete"
    assert [f.name for f in path.parent.iterdir()] == ["sessions.db"]


OLD = """CREATE TABLE sessions (
    id TEXT PRIMARY KEY, provider TEXT NOT NULL, session_id TEXT, base_url TEXT NOT NULL,
    state TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL, started TEXT NOT NULL,
    opened_at REAL NOT NULL, alive_at REAL NOT NULL, closed_at REAL, seconds REAL, credits REAL,
    credits_per_minute REAL, note TEXT NOT NULL)"""


def old_file(path):
    """A file as versions made it that had a write-ahead log, with one session; still open."""
    path.parent.mkdir()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute(OLD)
    db.execute("PRAGMA user_version = 1")
    row = ("r", "heygen", "s-1", URL, "open", "here", 5, "boot:7", 999_000.0, 999_000.0)
    db.execute(f"INSERT INTO sessions VALUES ({'?, ' * 10}NULL, NULL, NULL, NULL, '')", row)
    return db


def test_an_older_file_is_migrated(ledger, path):
    old_file(path).close()
    (row,) = ledger.open_rows()
    assert (row.session_id, row.kernel, row.tries) == ("s-1", row.owner, 0)
    assert journal_of(path) == "delete"
    assert ledger.warnings == ()


def test_an_older_version_may_go_on_writing(ledger, path):
    """While it has the file open the log stays; both see what the other one writes."""
    db = old_file(path)
    mine = ledger.opening("liveavatar", URL)
    row = ("q", "heygen", "s-2", URL, "open", "here", 5, "boot:7", 999_001.0, 999_001.0)
    names = "id, provider, session_id, base_url, state, host, pid, started, opened_at, alive_at"
    db.execute(f"INSERT INTO sessions ({names}, note) VALUES ({'?, ' * 10}'')", row)
    assert {r.id for r in ledger.open_rows()} == {"r", "q", mine.id}
    assert {i for (i,) in db.execute("SELECT id FROM sessions")} == {"r", "q", mine.id}
    assert ledger.warnings == ()
    db.close()


def test_columns_hold_no_secret(ledger, path):
    """There is no place for a key or a token."""
    ledger.opening("heygen", URL)
    db = sqlite3.connect(path)
    names = {row[1] for row in db.execute("PRAGMA table_info(sessions)")}
    db.close()
    assert not {n for n in names if "key" in n or "token" in n or "secret" in n}


class Locked:
    """A file that another process has locked, for so many tries to write."""

    def __init__(self, file, tries):
        self.file, self.tries = file, tries

    def __getattr__(self, name):
        return getattr(self.file, name)

    def write(self, rows, **how):
        self.tries -= 1
        if self.tries >= 0:
            raise FileTrouble("locked")
        self.file.write(rows, **how)


def test_a_lock_that_outlasts_one_long_wait_at_the_end_loses_nothing(path, clock):
    """Many hosts may write at once on a loaded machine."""
    ledger = Ledger(path, now=clock, watch_every_s=None)
    ledger._file = Locked(ledger._file, tries=4)
    row = ledger.opening("heygen", URL)
    ledger.close()
    assert ledger._file.tries < 0
    assert again(path, clock) == (row,)
    assert ledger.warnings == ()


def test_what_is_not_written_at_the_end_is_told(path, clock):
    """Else it looks as if all were on disk."""
    ledger = Ledger(path, now=clock, watch_every_s=None)
    ledger._file = Locked(ledger._file, tries=1000)
    ledger.opening("heygen", URL)
    ledger.close()
    assert [warning.kind for warning in ledger.warnings] == ["locked"]
    assert again(path, clock) == ()


def write_many(path, count):
    ledger = Ledger(Path(path))
    for n in range(count):
        row = ledger.opened(ledger.opening("heygen", URL), f"{os.getpid()}-{n}")
        if n % 2:
            ledger.closed(row)
    ledger.close()
    os._exit(0 if not ledger.warnings else 1)


def test_two_processes_write_at_once(path):
    """Nothing of two processes is lost that write to one file at the same time."""
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_many, args=(str(path), 60)) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    ledger = Ledger(path)
    assert len(ledger.rows()) == 120
    assert len(ledger.open_rows()) == 60
    ledger.close()


def test_rows_survive_a_killed_process(path):
    code = (
        "import os, signal, sys; from pathlib import Path;"
        "from ipyavatar.paid.ledger import BUSY_S, Ledger;"
        "l = Ledger(Path(sys.argv[1])); l.opened(l.opening('heygen', 'https://x'), 's-9');"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert done.returncode == -9
    ledger = Ledger(path)
    (row,) = ledger.open_rows()
    assert row.session_id == "s-9"
    assert is_gone(row.owner) is True
    ledger.close()


def test_only_one_process_takes_a_session_over(ledger, path, clock):
    gone = ProcessIdentity("here", 99_999_999, "boot:1")
    row = ledger.opened(ledger.opening("heygen", URL, owner=gone), "s-1")
    one, two = Ledger(path, now=clock, watch_every_s=None), Ledger(path, now=clock)
    results = [one.take_over(row), two.take_over(row)]
    assert [r is not None for r in results] == [True, False]
    assert results[0].owner == ProcessIdentity.me()
    one.close()
    two.close()


def test_threads_may_share_it(ledger):
    def work(n):
        for i in range(20):
            ledger.closed(ledger.opened(ledger.opening("heygen", URL), f"{n}-{i}"))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ledger.rows()) == 80
    assert ledger.warnings == ()


class Told(list):
    def kinds(self):
        return [w.kind for w in self]


def test_a_locked_file_is_waited_for_shortly_then_written_later(path, clock):
    """Another program holds the file: sessions go on, a warning comes once, nothing is lost.

    A short lock is none of the user's business: many write here.
    """
    told = Told()
    ledger = Ledger(path, now=clock, on_warning=told.append, watch_every_s=None)
    first = ledger.opening("heygen", URL)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    first = ledger.opened(first, "s-1")
    clock.now += 1
    second = ledger.opening("heygen", URL)
    assert told == []
    assert not ledger.written
    assert not ledger.flush()
    assert not ledger.flush()
    assert [r.session_id for r in ledger.open_rows()] == ["s-1", None]
    assert told.kinds() == ["locked"] == [w.kind for w in ledger.warnings]
    assert "locked" in told[0].text
    holder.execute("ROLLBACK")
    holder.close()
    assert ledger.flush()
    assert ledger.warnings == ()
    assert set(again(path, clock)) == {first, second}
    ledger.close()


def test_a_lock_does_not_hold_up_every_call(path, clock):
    """After one wait for the lock the file is left alone for 5 s."""
    ledger = Ledger(path, now=clock, watch_every_s=None)
    row = ledger.opening("heygen", URL)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    began = time.monotonic()
    for _ in range(100):
        clock.now += 0.1
        row = ledger.opened(row, "s")
    assert time.monotonic() - began < 100 * BUSY_S / 2  # else each had waited
    holder.close()
    ledger.close()


def test_a_full_disk(path, clock):
    """SQLite's own limit of pages stands in for the disk: it is the same error."""
    told = Told()
    ledger = Ledger(path, now=clock, on_warning=told.append, watch_every_s=None)
    ledger.opening("heygen", URL)
    db = ledger._file._db
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count = {pages}")
    rows = [ledger.opening("heygen", URL + "/" * 2000) for _ in range(5)]
    assert told.kinds() == ["full"]
    assert "no room" in told[0].text
    assert len(ledger.open_rows()) == 6
    assert not ledger.flush()
    db.execute("PRAGMA max_page_count = 100000")
    clock.now += 10
    ledger.closed(rows[0])
    assert ledger.warnings == ()
    assert len(again(path, clock)) == 6
    ledger.close()


def test_memory_is_bounded_while_nothing_can_be_written(tmp_path, clock):
    (tmp_path / "file").write_text("not a directory")
    ledger = Ledger(tmp_path / "file" / "sessions.db", now=clock)
    keep = ledger.opening("heygen", URL)
    for _ in range(1200):
        ledger.closed(ledger.opening("heygen", URL))
    assert len(ledger._mine) <= 1001
    assert ledger.open_rows() == (keep,)
    assert [w.kind for w in ledger.warnings] == ["unwritable"]
    ledger.close()


@pytest.mark.parametrize(
    "rubbish", [b"this is no database" * 100, b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_damaged_file_is_kept_aside_and_a_new_one_begun(path, clock, rubbish):
    path.parent.mkdir()
    path.write_bytes(rubbish)
    told = Told()
    ledger = Ledger(path, now=clock, on_warning=told.append, watch_every_s=None)
    row = ledger.opening("heygen", URL)
    assert told.kinds() == ["corrupt"]
    assert again(path, clock) == (row,)
    (aside,) = path.parent.glob("*.damaged-*")
    assert aside.read_bytes() == rubbish
    assert aside.name in told[0].text
    ledger.close()


def remove(path):
    path.unlink()


def remove_folder(path):
    shutil.rmtree(path.parent)


def empty(path):
    path.write_bytes(b"")


def cut(path):
    os.truncate(path, path.stat().st_size // 2)


def overwrite(path):
    path.write_bytes(b"rubbish" * 1000)


def overwrite_same_size(path):
    path.write_bytes(b"\xff" * path.stat().st_size)


def replace_by_another(path):
    other = Ledger(path.with_name("other.db"), watch_every_s=None)
    other.opening("kaltura", URL)
    other.close()
    os.replace(other.path, path)


def replace_by_rubbish(path):
    path.with_name("other.db").write_bytes(b"rubbish" * 1000)
    os.replace(path.with_name("other.db"), path)


HARMS = [
    *(remove, remove_folder, empty, cut, overwrite, overwrite_same_size),
    *(replace_by_another, replace_by_rubbish),
]


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("by", ["the next look", "the next change"])
def test_a_file_that_is_harmed_while_it_is_in_use_is_written_anew(path, clock, harm, by):
    """Our own open sessions are in the new one, whoever finds it out, and it is told once."""
    told = Told()
    ledger = Ledger(path, now=clock, on_warning=told.append, watch_every_s=None)
    rows = {ledger.opened(ledger.opening("heygen", URL), f"s-{n}") for n in range(3)}
    assert ledger.flush()
    harm(path)
    if by == "the next change":
        clock.now += 10
        rows.add(ledger.opening("liveavatar", URL))
    assert ledger.flush()
    assert rows <= set(again(path, clock))
    assert ledger.flush()
    assert len(told) == 1
    assert told.kinds()[0] in ("replaced", "corrupt")
    assert ledger.warnings == tuple(told)
    ledger.close()


def test_what_can_be_looked_for_no_more_is_not_said_to_be_on_disk(path, clock):
    """A file stands where the folder was: written it all was, but that is gone."""
    told = Told()
    ledger = Ledger(path, now=clock, on_warning=told.append, watch_every_s=None)
    row = ledger.opened(ledger.opening("heygen", URL), "s-1")
    assert ledger.flush()
    shutil.rmtree(path.parent)
    path.parent.write_text("no folder")
    assert not ledger.flush()
    assert not ledger.written
    assert told.kinds() == ["unwritable"]
    path.parent.unlink()
    clock.now += 10
    assert ledger.flush()
    assert again(path, clock) == (row,)
    ledger.close()


def test_a_lock_that_ends_while_nothing_is_to_be_written_is_no_trouble_any_more(path, clock):
    told = Told()
    ledger = Ledger(path, now=clock, on_warning=told.append, watch_every_s=None)
    ledger.opened(ledger.opening("heygen", URL), "s-1")
    assert ledger.flush()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("CREATE TABLE other (a)")
    holder.execute("BEGIN EXCLUSIVE")
    ledger.flush()
    assert [w.kind for w in ledger.warnings] == ["locked"]
    holder.execute("ROLLBACK")
    holder.close()
    assert ledger.flush()
    assert ledger.warnings == ()
    ledger.close()


@pytest.mark.parametrize(
    "harm",
    ["opened_at = 'yesterday'", "pid = 'x'", "alive_at = x'ff'", "note = 5.5", "base_url = x'00'"],
)
def test_a_row_that_is_none_hides_no_other(ledger, path, clock, harm):
    """SQLite takes any value in any column."""
    ledger.closed(ledger.opened(ledger.opening("heygen", URL), "s-1"))
    other = ledger.opened(ledger.opening("heygen", URL), "s-2")
    assert ledger.flush()
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        assert db.execute(f"UPDATE sessions SET {harm} WHERE session_id = 's-1'").rowcount == 1
    assert other in again(path, clock)
    assert other in ledger.open_rows()


def test_what_others_change_is_no_harm(ledger, path, clock):
    """Another process has stopped our session, and noted it: that is not undone."""
    row = ledger.opened(ledger.opening("heygen", URL), "s-1")
    other = Ledger(path, now=clock, watch_every_s=None)
    closed = other.closed(row, note="stopped by stop_all")
    other.close()
    assert ledger.flush()
    assert again(path, clock) == (closed,)
    assert ledger.warnings == ()


def test_of_two_that_find_a_damaged_file_the_second_leaves_the_new_one(path, clock):
    one, two = (Ledger(path, now=clock, watch_every_s=None) for _ in range(2))
    rows = {one.opening("heygen", URL), two.opening("heygen", URL)}
    overwrite(path)
    clock.now += 10
    rows |= {one.opening("heygen", URL), two.opening("heygen", URL)}
    assert one.flush()
    assert two.flush()
    assert set(again(path, clock)) == rows
    assert len(list(path.parent.glob("*.damaged-*"))) == 1
    one.close()
    two.close()


def test_a_file_of_a_newer_version_is_left_alone(path, clock):
    Ledger(path, now=clock).opening("heygen", URL)
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.commit()
    before = db.execute("SELECT * FROM sessions").fetchall()
    ledger = Ledger(path, now=clock, watch_every_s=None)
    ledger.opening("heygen", URL)
    assert [w.kind for w in ledger.warnings] == ["newer"]
    assert db.execute("SELECT * FROM sessions").fetchall() == before
    db.close()
    ledger.close()


def test_old_sessions_are_forgotten_after_400_days_open_ones_never(path, clock):
    ledger = Ledger(path, now=clock, watch_every_s=None)
    ledger.closed(ledger.opening("heygen", URL))
    left = ledger.opening("heygen", URL)
    ledger.close()
    clock.now += 401 * 86_400
    assert again(path, clock) == (left,)


def test_closing_twice_is_fine_and_it_opens_again_when_used(ledger):
    ledger.opening("heygen", URL)
    ledger.close()
    ledger.close()
    assert len(ledger.rows()) == 1


def test_rows_are_values(ledger):
    row = ledger.opening("heygen", URL)
    assert replace(row, note="x") != row
