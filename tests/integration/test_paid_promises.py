"""Promises of the module functions and verbs, end to end: keep_alive, usage, stop_all(foreign)."""

import contextlib
import os
import socket
import sqlite3
import subprocess
import time

import pytest

from ipyavatar import AvatarSession, sessions, stop_all, usage
from ipyavatar.api.sessions import _stop_own
from ipyavatar.cli import main
from ipyavatar.client import host_client
from ipyavatar.client.phases import Phase
from ipyavatar.errors import InsecureAddress, SessionClosed
from ipyavatar.paid.ledger import Ledger, default_path
from tests.support.loopback import http
from tests.support.memory_sessions import bring_to, make_session
from tests.support.paid_kernels import place
from tests.support.patience import patient
from tests.support.processes import script, until
from tests.support.twin_process import HEADERS, KEY, twin_process

SOON_S = 60.0

SERVICES = {
    "heygen": {},
    "liveavatar": {"sandbox": True},
    "kaltura": {"avatar_id": "64b1f0c2a1b2c3d4e5f60718"},
}


@pytest.fixture
def twin(tmp_path, monkeypatch):
    with twin_process("--concurrency", "20") as running:
        place(monkeypatch, tmp_path, running.url)
        yield running
        host_client.shared_host("thread").close()


@contextlib.contextmanager
def ledger():
    opened = Ledger(busy_s=5.0)
    try:
        yield opened
    finally:
        opened.close()


@pytest.mark.parametrize("service", SERVICES)
def test_keep_alive_is_done_when_the_service_has_confirmed_it(twin, service):
    """And fails, with what to do, where nothing is open."""
    session = AvatarSession(service, **SERVICES[service])
    with pytest.raises(SessionClosed):
        session.keep_alive().wait(10)
    session.start().wait(60)
    counted = [s["counts"].get("keep_alive", 0) for s in twin.open()]
    session.keep_alive().wait(30)
    assert [s["counts"].get("keep_alive", 0) for s in twin.open()] > counted
    session.close().wait(30)
    with pytest.raises(SessionClosed):
        session.keep_alive().wait(10)


def test_usage_counts_what_sessions_took_and_no_more_than_an_abandoned_one_can(twin):
    """28,800 credits for a session that nobody has held for ten days."""
    session = AvatarSession("liveavatar", avatar_id="face")
    session.start().wait(60)
    session.close().wait(30)
    with ledger() as opened:
        closed = opened.rows()[0]
        opened.opened(opened.opening("liveavatar", "https://x", credits_per_minute=2.0), "s")
        opened.opened(opened.opening("of later", "https://x", credits_per_minute=9.0), "t")
    db = sqlite3.connect(Ledger().path)
    with db:
        ten_days_ago = "opened_at = opened_at - 864000, alive_at = opened_at - 863940"
        db.execute(f"UPDATE sessions SET {ten_days_ago} WHERE session_id IN ('s', 't')")
    db.close()
    report = usage(days=30)
    assert report.total.sessions == 3
    assert report.by_provider["of later"].sessions == 1
    # A minute alive, then five until its service has ended it; and what the closed one took.
    expected = 2.0 * (60 + 300) / 60 + (closed.credits or 0.0)
    assert report.by_provider["liveavatar"].credits == pytest.approx(expected, abs=0.1)
    assert "liveavatar" in repr(report)
    assert "of later" in report._repr_html_()


def open_elsewhere(twin):
    """A session in the same account that this machine has not opened."""
    made = http.post(f"{twin.url}/v1/streaming.new", json={"version": "v2"}, headers=HEADERS)
    return made.json()["data"]["session_id"]


def test_stop_all_leaves_the_sessions_of_others_unless_it_is_told(twin, capsys):
    theirs = open_elsewhere(twin)
    session = AvatarSession("heygen")
    session.start().wait(60)
    (ours,) = {s["id"] for s in twin.open()} - {theirs}
    listed = {row.session_id: row for row in sessions()}
    assert set(listed) == {ours, theirs}
    assert listed[theirs].state == "listed"
    report = stop_all()
    assert [row.session_id for row in report.stopped] == [ours]
    assert [row.session_id for row in report.foreign] == [theirs]
    assert "stop_all(foreign=True)" in repr(report)
    assert {s["id"] for s in twin.open()} == {theirs}
    report = stop_all(foreign=True)
    assert [row.session_id for row in report.stopped] == [theirs]
    assert not report.left
    assert not twin.open()
    another = open_elsewhere(twin)
    assert main(["sessions", "--stop-all", "--foreign"]) == 0
    assert "Stopped: 1" in capsys.readouterr().out
    assert another not in {s["id"] for s in twin.open()}
    session.close().wait(20)


def test_a_foreign_session_that_cannot_be_stopped_is_told(twin, capsys):
    theirs = open_elsewhere(twin)
    twin.fault(kind="503", service="heygen", call="stop")
    report = stop_all(foreign=True)
    assert [row.session_id for row in report.left] == [theirs]
    assert report.left[0].note
    assert main(["sessions", "--stop-all", "--foreign"]) == 1
    capsys.readouterr()


def test_a_service_of_a_later_version_is_listed_and_harms_nothing(twin, capsys):
    """In sessions(), stop_all(), usage() and on the command line: its key is not at hand."""
    with ledger() as opened:
        opened.opened(opened.opening("of later", "https://x"), "s-later")
    assert [row.session_id for row in sessions()] == ["s-later"]
    report = stop_all()
    assert [row.session_id for row in report.left] == ["s-later"]
    assert "key" in report.left[0].note
    assert usage().by_provider["of later"].sessions == 1
    assert main(["sessions"]) == 0
    assert main(["sessions", "--json"]) == 0
    assert main(["sessions", "--stop-all"]) == 1
    assert "s-later" in capsys.readouterr().out


def test_what_cannot_be_stopped_says_how_often_it_was_tried(twin):
    with ledger() as opened:
        row = opened.opened(opened.opening("heygen", twin.url), open_elsewhere(twin))
    twin.fault(kind="503", service="heygen", call="stop")
    for _ in range(2):
        stop_all()
    (row,) = sessions()
    assert row.tries == 2
    assert "2 tries" in repr(sessions())
    assert "ServiceUnavailable" in row.note


def test_sessions_that_do_not_end_are_waited_for_together():
    """Ten of them for no longer than one: then they are stopped by their key."""
    made = [make_session(paid=True) for _ in range(10)]
    for session, host in made:
        bring_to(session, host, Phase.LIVE)
    began = time.monotonic()
    _stop_own(within_s=0.5)
    took = time.monotonic() - began
    assert {session.phase for session, _ in made} == {Phase.STOPPING}
    assert 0.4 < took < 4.5, "one after the other they take 5 s"
    for session, host in made:
        host.settle()
        assert session.phase is Phase.STOPPED


def test_stop_all_does_not_say_that_all_is_well_when_the_ledger_cannot_be_read(twin, capsys):
    with ledger() as opened:
        opened.opened(opened.opening("heygen", twin.url), "s")
        path = opened.path
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        assert main(["sessions", "--stop-all"]) == 1
        assert "locked" in capsys.readouterr().out
    finally:
        holder.close()


@pytest.mark.parametrize("trouble", ["locked", "no file", "folder"])
@pytest.mark.parametrize("unconfirmed", [False, True])
def test_stop_all_counts_its_own_sessions_whatever_the_ledger_is_like(
    twin, trouble, unconfirmed, tmp_path
):
    """And where its own process could not stop one, the key does: it is no other's."""
    session = AvatarSession("heygen")
    path = default_path()
    with contextlib.ExitStack() as stack:
        if trouble == "folder":
            path.mkdir(parents=True)
        elif trouble == "locked":
            stack.enter_context(ledger())
            holder = stack.enter_context(contextlib.closing(sqlite3.connect(path)))
            holder.isolation_level = None
            holder.execute("BEGIN EXCLUSIVE")
        session.start().wait(60)
        (ours,) = {s["id"] for s in twin.open()}
        if trouble == "no file":
            path.unlink()
        if unconfirmed:
            twin.fault(kind="503", service="heygen", call="stop", times=4)
        report = stop_all()
        assert [row.session_id for row in report.stopped] == [ours]
        assert (report.left, report.foreign) == ((), ())
        assert "Stopped: 1." in repr(report)
        assert not twin.open()
    session.close().wait(20)


def test_one_that_was_opening_when_its_host_was_given_up_is_stopped_all_the_same(twin):
    """There is no grant yet, and nothing in the kernel that knows it: the ledger does."""
    kernel = script(GIVEN_UP)
    try:
        twin.fault(kind="slow", service="heygen", call="start", seconds=4, times=1)
        assert kernel.stdout.readline() == "failed\n"
        assert len(twin.open()) == 1
        until(lambda: not twin.open(), 40, "it was stopped")
        assert kernel.poll() is None
    finally:
        kernel.kill()
        kernel.wait(10)
        kernel.stdin.close()
        kernel.stdout.close()


GIVEN_UP = """
import os, signal, sys, time
from ipyavatar import AvatarSession
from ipyavatar.client import host_client, paid_sessions
from ipyavatar.client.phases import Phase
from ipyavatar.paid.ledger import Ledger
host_client.RESTARTS = 0
session = AvatarSession("heygen", host="process")
session._host._restarts = type(session._host._restarts)([time.monotonic()] * 3, maxlen=3)
host_client.RESTARTS = 3
ledger = Ledger()
session.start()
while not any(row.session_id for row in ledger.open_rows()):
    time.sleep(0.02)
time.sleep(0.5)  # by now it waits for the answer to its start
os.kill(session.host_pid, signal.SIGKILL)
while session.status != "failed":
    time.sleep(0.02)
print("failed", flush=True)
sys.stdin.readline()
"""


def test_a_script_that_ends_without_a_stop_leaves_nothing_open(twin, monkeypatch):
    """In a thread of this process; the service has a name, which is looked up by another thread."""
    url = twin.url.replace("127.0.0.1", "localhost")
    monkeypatch.setenv("IPYAVATAR_HEYGEN_URL", url)
    twin.fault(kind="503", service="heygen", call="stop", times=5)
    ended = script(
        """
        from ipyavatar import AvatarSession
        session = AvatarSession("heygen", host="thread")
        session.start().wait(60)
        print("live", flush=True)
        """
    )
    assert ended.stdout.readline() == "live\n"
    ended.wait(90)
    ended.stdin.close()
    ended.stdout.close()
    assert not twin.open()


IMPATIENT = """
import atexit, signal
atexit.register(signal.setitimer, signal.ITIMER_REAL, 0)  # last: Python's own end has no handlers
from ipyavatar import AvatarSession
presses = {presses}
def press(_, frame):  # as Ctrl-C, once the program ends and waits for its host
    global presses
    while frame is not None and "thread_transport" not in frame.f_code.co_filename:
        frame = frame.f_back
    if frame is not None and presses:
        presses -= 1
        raise KeyboardInterrupt
signal.signal(signal.SIGALRM, press)
session = AvatarSession("heygen", host="thread")
atexit.register(signal.setitimer, signal.ITIMER_REAL, 0.5, 0.5)
session.start().wait(60)
"""
WAITING = "This program ends when its paid sessions are confirmed to be over"
STOPPING, LEFT = "Ctrl-C once more leaves them", "ipyavatar sessions --stop-all"


@pytest.mark.skipif(os.name == "nt", reason="a timer's signal")
def test_a_script_in_which_ctrl_c_is_pressed_as_it_ends_stops_its_session_first(twin):
    """The service refuses for some seconds, and no other process tries again: it says so."""
    twin.fault(kind="503", service="heygen", call="stop", times=7)
    assert told_by_impatient_script(presses=1) == [True, True, False]
    assert [one["state"] for one in twin.state()["sessions"]] == ["closed"]


@pytest.mark.skipif(os.name == "nt", reason="a timer's signal")
def test_who_presses_it_again_is_told_that_a_session_may_be_open(twin):
    """And what to do; nobody is held up by a service that does not answer."""
    twin.fault(kind="hang", service="heygen", call="stop")
    assert told_by_impatient_script(presses=2)[1:] == [True, True]


def told_by_impatient_script(presses):
    """What one says in whose end Ctrl-C is pressed so often."""
    ending = script(IMPATIENT.replace("{presses}", str(presses)), stderr=subprocess.PIPE)
    try:
        said = ending.communicate(timeout=patient(SOON_S))[1]
    finally:
        ending.kill()
    assert ending.returncode == 0, said
    return [text in said for text in (WAITING, STOPPING, LEFT)]


def test_a_key_over_plain_http_to_another_machine_is_warned_of_once(monkeypatch):
    host = socket.gethostname()
    address = f"http://{host}.test:9"
    with pytest.warns(InsecureAddress, match=f"http://{host}.test.* https://"):
        AvatarSession("heygen", api_key=KEY, base_url=address)
    AvatarSession("heygen", api_key=KEY, base_url=address)  # a second warning would be an error
    AvatarSession("heygen", api_key=KEY, base_url="http://127.0.0.1:9")
    AvatarSession("heygen", api_key=KEY, base_url="http://box.localhost:9")
    host_client.shared_host("thread").close()
