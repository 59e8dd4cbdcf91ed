"""No paid session is left open: real kernels, real companion processes, the twin as a process."""

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from ipyavatar.paid.ledger import Ledger
from tests.support.processes import alive, script, until
from tests.support.twin_process import KEY, twin_process

STOPPED_S = 2.0
"""The promise: so long after `kill -9` of the kernel every session is stopped at the service."""

KERNEL = """
    import sys, threading, time
    from ipyavatar import Avatar
    avatars = [
        Avatar("heygen", idle_timeout_s=30),
        Avatar("liveavatar", sandbox=True),
        Avatar("kaltura", avatar_id="64b1f0c2a1b2c3d4e5f60718"),
    ]
    for handle in [avatar.start() for avatar in avatars]:
        handle.wait(60)
    print(avatars[0].session._host.pid, flush=True)
    {rest}
"""
WAIT = "threading.Event().wait()"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A ledger of our own, and keys in the environment; gives the way to set the URLs."""
    monkeypatch.setenv("IPYAVATAR_STATE_DIR", str(tmp_path))
    for name in ("HEYGEN_API_KEY", "LIVEAVATAR_API_KEY", "KALTURA_KS"):
        monkeypatch.setenv(name, KEY)

    def at(url):
        for name in ("HEYGEN", "LIVEAVATAR", "KALTURA"):
            monkeypatch.setenv(f"IPYAVATAR_{name}_URL", url)

    return at


def kernel(rest=WAIT):
    """A kernel with three open sessions; gives it and the pid of its companion."""
    process = script(KERNEL.format(rest=rest))
    return process, int(process.stdout.readline())


def end(process):
    if process.poll() is None:
        process.kill()
    process.wait(10)
    process.stdin.close()
    process.stdout.close()


def open_rows():
    ledger = Ledger()
    try:
        return ledger.open_rows()
    finally:
        ledger.close()


@pytest.mark.parametrize("how", ["kill -9", "exit", "exception"])
def test_when_the_kernel_ends_every_session_is_stopped_within_two_seconds(place, how):
    """However it ends; and the ledger knows that they are closed."""
    rest = {"kill -9": WAIT, "exit": "sys.exit(0)", "exception": "raise RuntimeError"}[how]
    with twin_process() as twin:
        place(twin.url)
        process, companion = kernel(f"sys.stdin.readline(); {rest}")
        try:
            assert len(twin.open()) == 3
            if how == "kill -9":
                process.kill()
            else:
                process.stdin.write("\n")
                process.stdin.flush()
                process.wait(20)
            took = until(lambda: not twin.open(), STOPPED_S, f"all stopped after {how}")
            print(f"{how}: all three stopped at the service after {took:.2f} s")
            assert {s["end_reason"] for s in twin.closed()} == {"stopped"}
            until(lambda: not alive(companion), 5, "the companion ended")
            assert not open_rows()
        finally:
            end(process)


def test_a_killed_companion_is_replaced_and_its_sessions_taken_over(place):
    """The same sessions go on, at every service, and the kernel can speak through them."""
    rest = """
    companion = avatars[0].session._host.pid
    sys.stdin.readline()
    while avatars[0].session._host.pid == companion or any(a.status != "live" for a in avatars):
        time.sleep(0.02)
    for speech in [avatar.speak("Here we are again.") for avatar in avatars]:
        print(speech.wait(30).state, flush=True)
    sys.stdin.readline()
    """
    with twin_process() as twin:
        place(twin.url)
        process, companion = kernel(rest)
        try:
            before = {s["id"] for s in twin.open()}
            os.kill(companion, signal.SIGKILL)
            process.stdin.write("\n")
            process.stdin.flush()
            assert [process.stdout.readline().strip() for _ in range(3)] == ["said"] * 3
            assert {s["id"] for s in twin.open()} == before
            assert not twin.closed()
            rows = open_rows()
            assert {row.session_id for row in rows} == before
            assert companion not in {row.pid for row in rows}
            process.kill()
            until(lambda: not twin.open(), STOPPED_S, "the new companion stopped them")
        finally:
            end(process)


def test_when_both_are_killed_at_once_the_next_start_cleans_up(place):
    """HeyGen's and LiveAvatar's sessions are stopped; Kaltura's, whose token died, is reported."""
    with twin_process() as twin:
        place(twin.url)
        process, companion = kernel()
        os.kill(companion, signal.SIGSTOP)  # so that it cannot see its kernel go
        process.kill()
        os.kill(companion, signal.SIGKILL)
        until(lambda: not alive(companion), 5, "the companion is gone")
        end(process)
        assert len(twin.open()) == 3
        following = script(
            """
            import time
            from ipyavatar import Avatar
            avatar = Avatar("heygen")
            avatar.start().wait(60)
            while not any("kaltura" in notice for notice in avatar.notices):
                time.sleep(0.05)
            print(avatar.notices[-1], flush=True)
            another = Avatar()
            another.start().wait(60)
            print(another.notices, flush=True)
            avatar.stop().wait(20)
            """
        )
        try:
            told, another = following.stdout.readline(), following.stdout.readline()
            until(
                lambda: {s["service"] for s in twin.open()} == {"kaltura"}, 20, "they were stopped"
            )
            assert "kaltura" in told
            assert "kaltura" in another
            until(  # its service is told first
                lambda: {row.provider for row in open_rows()} == {"kaltura"}, 20, "and are noted"
            )
            assert len(open_rows()) == 1
        finally:
            following.wait(20)
            end(following)


BLOCKED_S = 24.0
IDLE_S = 14.0
"""The twin ends a session after this long without a keep-alive: the usual 120 s, scaled by 1/8.6.
Blocked for 24 s here stands for more than 200 s; the client's own intervals are as always (10 s).
"""

BUSY = {
    "sleeps": f"time.sleep({BLOCKED_S})",
    "loops": f"end = time.monotonic() + {BLOCKED_S}\n    while time.monotonic() < end: pass",
    "holds the GIL": f"import ctypes; ctypes.PyDLL(None).usleep({int(BLOCKED_S * 1e6)})",
}


def test_keep_alives_go_on_while_the_kernel_is_blocked(place):
    """It sleeps, loops or holds the GIL: no session is lost."""
    rest = """
    for avatar in avatars[1:2]:
        avatar.stop().wait(20)
    print("blocked", flush=True)
    {busy}
    time.sleep(0.5)
    print(" ".join(avatar.status for avatar in avatars), avatars[0].stats, flush=True)
    """
    with twin_process("--idle-timeout", str(IDLE_S), "--concurrency", "9") as twin:
        place(twin.url)
        running = [kernel(rest.format(busy=busy))[0] for busy in BUSY.values()]
        try:
            for process in running:
                assert process.stdout.readline() == "blocked\n"
            assert len(twin.open()) == 6
            for how, process in zip(BUSY, running, strict=True):
                told = process.stdout.readline().strip()
                print(f"{how}: {told}")
                assert told.startswith("live ended live")
            counts = [s["counts"].get("keep_alive", 0) for s in twin.state()["sessions"]]
            assert "idle" not in {s["end_reason"] for s in twin.closed()}
            assert sorted(counts)[-6:][0] >= 2
        finally:
            for process in running:
                end(process)


def test_stop_all_on_the_command_line_stops_another_processes_sessions(place, capfd):
    """`ipyavatar sessions` lists them, `--stop-all` ends what a key can end."""
    from ipyavatar.cli import main

    with twin_process() as twin:
        place(twin.url)
        process, companion = kernel()
        try:
            assert main(["sessions"]) == 0
            listed = capfd.readouterr().out
            assert all(s["id"] in listed for s in twin.open())
            assert f"process {companion}" in listed
            assert KEY not in listed
            assert main(["sessions", "--stop-all", "--json"]) == 1  # Kaltura's is its owner's
            assert {s["service"] for s in twin.open()} == {"kaltura"}
        finally:
            end(process)
            until(lambda: not twin.open(), 5, "the companion ended the last one")


def test_no_secret_stands_in_arguments_environment_or_files(place, tmp_path):
    """Keys of the kernel's environment and tokens of the services, in /proc and on disk."""
    if not Path("/proc/self/cmdline").exists():
        pytest.skip("needs /proc")
    with twin_process() as twin:
        place(twin.url)
        process, companion = kernel()
        try:
            time.sleep(0.2)
            for pid in (process.pid, companion):
                assert KEY.encode() not in Path(f"/proc/{pid}/cmdline").read_bytes()
            assert KEY.encode() not in Path(f"/proc/{companion}/environ").read_bytes()
            for file in tmp_path.rglob("*"):
                assert KEY.encode() not in file.read_bytes(), file.name
            assert psutil.Process(companion).ppid() == process.pid
        finally:
            end(process)
