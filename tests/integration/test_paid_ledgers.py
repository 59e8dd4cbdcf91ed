"""The ledger between processes: contended, locked, harmed, on a full disk, in other namespaces."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap

import pytest

from ipyavatar.paid.ledger import Ledger
from ipyavatar.paid.process_identity import ProcessIdentity, is_gone
from tests.support.paid_kernels import PaidKernel, place
from tests.support.processes import script, until
from tests.support.twin_process import twin_process

URL = "https://x"


def can_unshare():
    if shutil.which("unshare") is None:
        return False
    probe = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "true"]
    return subprocess.run(probe, check=False, capture_output=True).returncode == 0


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sessions.db"


def rows_of(path):
    """As a new process reads them, in its own words."""
    code = (
        "import json, sys; from pathlib import Path; from dataclasses import asdict;"
        "from ipyavatar.paid.ledger import Ledger;"
        "l = Ledger(Path(sys.argv[1]), busy_s=5.0); rows = [asdict(r) for r in l.rows()];"
        "l.close(); print(json.dumps(rows))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


HOST = """
import sys, time
from pathlib import Path
from ipyavatar.paid.ledger import Ledger
ledger = Ledger(Path({path!r}), on_warning=lambda warning: print(warning, flush=True))
late = []
def timed(change, *arguments):
    began = time.monotonic()
    row = change(*arguments)
    late.append(time.monotonic() - began)
    return row
print("ready", flush=True)
sys.stdin.readline()
for n in range({sessions}):
    time.sleep(0.5)
    row = timed(ledger.opening, "heygen", "https://x")
    row = timed(ledger.opened, row, f"{{n}}-{{time.time_ns()}}")
    for _ in range(20):
        time.sleep(0.1)
        row = timed(ledger.alive, row)
    row = timed(ledger.stopping, row)
    timed(ledger.closed, row)
last = timed(ledger.opening, "heygen", "https://x")
began = time.monotonic()
while not ledger.written:
    time.sleep(0.01)
print(time.monotonic() - began, max(late), flush=True)
sys.stdin.readline()
"""


def test_30_hosts_write_to_one_ledger_in_time(path, record_property):
    """Nothing is lost, no host waits for long, no user is warned."""
    hosts = [script(HOST.format(path=str(path), sessions=2)) for _ in range(30)]
    try:
        for host in hosts:
            assert host.stdout.readline() == "ready\n"
        for host in hosts:
            host.stdin.write("\n")
            host.stdin.flush()
        told = [host.stdout.readline().split() for host in hosts]
        unwritten = max(float(line[0]) for line in told)
        longest = max(float(line[1]) for line in told)
        rows = rows_of(path)
        states = [row["state"] for row in rows]
        assert states.count("closed") == 60
        assert states.count("opening") == 30
        record_property("30 hosts on one ledger: longest wait of a call, seconds", longest)
        record_property("30 hosts on one ledger: longest until all is on disk, seconds", unwritten)
        print(f"longest call {longest:.2f} s, all on disk after {unwritten:.2f} s")
        assert unwritten < 5
        assert longest < 2
    finally:
        for host in hosts:
            host.kill()
            host.wait(10)
            host.stdin.close()
            host.stdout.close()


def opens_and_waits(path):
    """A process that opens a session, and then does nothing more."""
    code = """
    import sys
    from pathlib import Path
    from ipyavatar.paid.ledger import Ledger
    ledger = Ledger(Path({path!r}), on_warning=lambda warning: print(warning.kind, flush=True))
    print("ready", flush=True)
    sys.stdin.readline()
    ledger.opened(ledger.opening("heygen", "https://x"), "s-1")
    print("opened", flush=True)
    sys.stdin.readline()
    """
    process = script(code.format(path=str(path)))
    assert process.stdout.readline() == "ready\n"
    return process


def tell(process):
    process.stdin.write("\n")
    process.stdin.flush()
    return process.stdout.readline()


def end(process):
    process.kill()
    process.wait(10)
    process.stdin.close()
    process.stdout.close()


def test_a_file_that_is_locked_at_the_opening_has_the_row_a_second_later(path):
    """kill -9 then loses nothing."""
    ledger = Ledger(path)
    ledger.rows()
    ledger.close()
    process = opens_and_waits(path)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        assert tell(process) == "opened\n"
        holder.execute("COMMIT")
        took = until(lambda: [r["session_id"] for r in rows_of(path)] == ["s-1"], 6, "on disk")
        print(f"on disk {took:.2f} s after the lock was gone")
    finally:
        holder.close()
        end(process)
    assert [row["session_id"] for row in rows_of(path)] == ["s-1"]


@pytest.mark.parametrize("harm", ["remove", "remove the folder", "empty", "overwrite"])
def test_a_file_that_is_harmed_under_an_idle_host_is_written_anew_within_seconds(path, harm):
    """The host does nothing: its ledger looks by itself, and the user hears of it once."""
    place = path.parent / "state" / "sessions.db"
    process = opens_and_waits(place)
    try:
        assert tell(process) == "opened\n"
        if harm == "remove":
            place.unlink()
        elif harm == "remove the folder":
            shutil.rmtree(place.parent)
        else:
            place.write_bytes(b"" if harm == "empty" else b"rubbish" * 999)
        assert process.stdout.readline().strip() in ("replaced", "corrupt")
        until(lambda: [r["session_id"] for r in rows_of(place)] == ["s-1"], 8, "on disk again")
    finally:
        end(process)


def test_a_disk_that_is_full_is_told_and_written_to_when_there_is_room(path):
    """The limit of a file's size stands in for the disk."""
    code = """
    import resource, signal, sys
    from pathlib import Path
    from ipyavatar.paid.ledger import Ledger
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    ledger = Ledger(Path({path!r}), on_warning=lambda warning: print(warning.kind, flush=True))
    first = ledger.opening("heygen", "https://x")
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    second = ledger.opening("liveavatar", "https://x")
    assert not ledger.flush()
    print("unwritten", not ledger.written, flush=True)
    sys.stdin.readline()
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    sys.stdin.readline()
    """
    process = script(code.format(path=str(path)))
    try:
        assert process.stdout.readline().strip() in ("full", "unwritable")
        assert process.stdout.readline() == "unwritten True\n"
        process.stdin.write("\n")
        process.stdin.flush()
        until(lambda: len(rows_of(path)) == 2, 8, "both are on disk")
    finally:
        end(process)


def bound_by_modes():
    """What is put before a command, so that file modes bind it, where they do not bind us."""
    return ["unshare", "--user"] if os.geteuid() == 0 else []


@pytest.mark.skipif(os.geteuid() == 0 and not can_unshare(), reason="root is bound by no modes")
def test_a_folder_that_became_read_only_is_told(tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    code = """
    import os, sys
    from pathlib import Path
    from ipyavatar.paid.ledger import Ledger
    ledger = Ledger(Path({path!r}), on_warning=lambda warning: print(warning.kind, flush=True))
    ledger.opening("heygen", "https://x")
    print(ledger.written, flush=True)
    sys.stdin.readline()
    ledger.opening("liveavatar", "https://x")
    print(ledger.flush(), flush=True)
    sys.stdin.readline()
    """
    process = subprocess.Popen(
        [
            *bound_by_modes(),
            sys.executable,
            "-c",
            textwrap.dedent(code).format(path=str(state / "sessions.db")),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "True\n"
        state.chmod(0o555)
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "unwritable\n"
        assert process.stdout.readline() == "False\n"
        state.chmod(0o755)
        until(lambda: len(rows_of(state / "sessions.db")) == 2, 8, "written when it can be")
    finally:
        end(process)


def test_the_user_hears_of_a_harmed_ledger_once(tmp_path, monkeypatch):
    """Through the session, as a notice; and kill -9 of both then loses nothing."""
    with twin_process() as twin:
        place(monkeypatch, tmp_path / "state", twin.url)
        with PaidKernel("heygen") as kernel:
            kernel.do("start")
            kernel.hear("live")
            (tmp_path / "state" / "sessions.db").unlink()
            assert "removed or overwritten" in kernel.notice("ledger", 10)
            (row,) = rows_of(tmp_path / "state" / "sessions.db")
            assert row["session_id"] == twin.open()[0]["id"]
            os.kill(kernel.companion, signal.SIGSTOP)
            kernel.kill()
            os.kill(kernel.companion, signal.SIGKILL)
        with PaidKernel("embedded") as following:
            following.do("start")
            until(lambda: not twin.open(), 40, "the next host ended it")


IDENTITY = """
import json, sys
from dataclasses import asdict
from ipyavatar.paid.process_identity import ProcessIdentity, is_gone
print(json.dumps(asdict(ProcessIdentity.me())), flush=True)
for line in sys.stdin:
    print(is_gone(ProcessIdentity(**json.loads(line))), flush=True)
"""


def in_namespace(*options):
    command = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child", *options]
    return subprocess.Popen(
        [*command, sys.executable, "-c", IDENTITY],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


@pytest.mark.skipif(not can_unshare(), reason="needs namespaces of users and processes")
@pytest.mark.parametrize("options", [("--mount-proc",), ()], ids=["own /proc", "the host's /proc"])
def test_in_another_namespace_nobody_is_taken_for_gone(options):
    """As in containers with one host name and one home: neither the other one, nor we in there."""
    two = [in_namespace(*options) for _ in range(2)]
    try:
        identities = [ProcessIdentity(**json.loads(process.stdout.readline())) for process in two]
        assert [one.pid for one in identities] == [1, 1]
        assert [is_gone(one) for one in identities] == [None, None]
        seen = []
        for process, other in zip(two, [*identities[1:], ProcessIdentity.me()], strict=True):
            process.stdin.write(json.dumps({n: getattr(other, n) for n in other.__slots__}) + "\n")
            process.stdin.flush()
            seen.append(process.stdout.readline())
        assert seen == ["None\n", "None\n"]
    finally:
        for process in two:
            end(process)


@pytest.mark.skipif(not can_unshare(), reason="needs namespaces of users and processes")
def test_a_living_session_of_another_namespace_is_left_alone(tmp_path, monkeypatch):
    """With one ledger, one host name, and the same ids: the other one's cleaning finds nothing."""
    with twin_process() as twin:
        place(monkeypatch, tmp_path, twin.url)
        with PaidKernel("heygen") as kernel:
            kernel.do("start")
            kernel.hear("live")
            cleaner = subprocess.Popen(
                ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child",
                 "--mount-proc", sys.executable, "-c", CLEANS],
                stdout=subprocess.PIPE,
                text=True,
            )  # fmt: skip
            out, _ = cleaner.communicate(timeout=90)
            assert out.strip() == "[]"
            assert len(twin.open()) == 1
            kernel.hear("live")


CLEANS = """
import asyncio
from ipyavatar.core.clock import AwakeClock
from ipyavatar.host.orphan_cleaner import GRACE_S, OrphanCleaner
from ipyavatar.host.paid_resources import PaidResources
from ipyavatar.providers.known_keys import credentials_from_environment
async def main():
    paid = PaidResources(AwakeClock())
    for credentials in credentials_from_environment():
        paid.add_credentials(credentials)
    cleaner = OrphanCleaner(paid, AwakeClock())
    await cleaner.clean()
    await asyncio.sleep(GRACE_S + 1)
    print(await cleaner.clean())
    paid.close()
asyncio.run(main())
"""
