"""Who a process is, and whether it is gone: only said where it is certain."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ipyavatar.paid.process_identity import LinuxSystem, ProcessIdentity, PsutilSystem, is_gone

STAT = "{pid} (a ) name) {state} 1 1 1 0 -1 4194304 1 0 0 0 1 1 0 0 20 0 1 0 {start} 1 1"


class Machine:
    """The files of a machine, as the processes of one of its namespaces see them."""

    def __init__(self, root, *, machine="m-1", boot="b-1", namespace="pid:[1]", time=None, own=100):
        self.root = root
        self.own = own
        self.proc = root / "proc"
        (self.proc / "self" / "ns").mkdir(parents=True)
        (self.proc / "self").rename(self.proc / str(own))
        os.symlink(str(own), self.proc / "self")
        if namespace is not None:
            os.symlink(namespace, self.proc / "self" / "ns" / "pid")
        if time is not None:
            os.symlink(time, self.proc / "self" / "ns" / "time")
        if boot is not None:
            (self.proc / "sys/kernel/random").mkdir(parents=True)
            (self.proc / "sys/kernel/random/boot_id").write_text(f"{boot}\n")
        if machine is not None:
            (root / "etc").mkdir()
            (root / "etc/machine-id").write_text(f"{machine}\n")
        self.system = LinuxSystem(root, lambda: self.own)

    def runs(self, pid, start=500, state="S"):
        (self.proc / str(pid)).mkdir(exist_ok=True)
        stat = STAT.format(pid=pid, start=start, state=state)
        (self.proc / str(pid) / "stat").write_text(stat)
        return self

    def ends(self, pid):
        (self.proc / str(pid) / "stat").unlink()
        return self

    def identity(self, pid):
        return ProcessIdentity.of(pid, self.system)


@pytest.fixture
def machine(tmp_path):
    made = iter(range(100))

    def make(**options):
        root = tmp_path / str(next(made))
        root.mkdir()
        return Machine(root, **options)

    return make


def test_a_process_of_this_place_is_judged(machine):
    here = machine().runs(7)
    owner = here.identity(7)
    assert is_gone(owner, here.system) is False
    here.ends(7)
    assert is_gone(owner, here.system) is True


@pytest.mark.parametrize("state", ["Z", "X"])
def test_one_that_has_ended_and_was_not_fetched_is_gone(machine, state):
    here = machine().runs(7)
    owner = here.identity(7)
    here.runs(7, state=state)
    assert is_gone(owner, here.system) is True


def test_another_process_with_the_same_id_is_another(machine):
    here = machine().runs(7, start=500)
    owner = here.identity(7)
    here.runs(7, start=501)
    assert is_gone(owner, here.system) is True


@pytest.mark.parametrize(
    "other",
    [
        {"namespace": "pid:[2]"},  # another container on the same machine
        {"machine": "m-2"},  # another machine that was copied while it ran
        {"machine": None},
        {"boot": "b-2"},  # another machine, or this one before its restart
    ],
)
def test_nobody_judges_a_process_of_another_place(machine, other):
    """Two containers may have one host name and one home, and ids that mean something else."""
    there, here = machine(**other).runs(7), machine()
    owner = there.identity(7)
    assert is_gone(owner, here.system) is None
    assert is_gone(owner, here.runs(7, start=999).system) is None
    assert is_gone(owner, there.system) is False


@pytest.mark.parametrize("hidden", [{"boot": None}, {"namespace": None}])
def test_where_the_place_cannot_be_told_nobody_is_judged(machine, hidden):
    here = machine(**hidden).runs(7)
    owner = here.identity(7)
    assert owner.started == ""
    here.ends(7)
    assert is_gone(owner, here.system) is None


def test_in_another_namespace_of_time_nobody_is_judged(machine):
    """There the same process began at another tick."""
    there, here = machine(time="time:[1]").runs(7, start=500), machine(time="time:[2]")
    owner = there.identity(7)
    assert is_gone(owner, there.system) is False
    assert is_gone(owner, here.runs(7, start=10_000_500).system) is None


def test_where_proc_is_of_another_namespace_nobody_is_judged(machine):
    """`unshare --pid` without a /proc of its own: the ids there are those of others."""
    here = machine(own=100).runs(7)
    owner = here.identity(7)
    here.own = 2
    here.ends(7)
    assert here.system.place() == ""
    assert is_gone(owner, here.system) is None


def test_an_identity_of_an_older_version_is_not_judged(machine):
    """Its mark had the boot in front, which does not tell namespaces apart."""
    here = machine(boot="b-1").runs(7, start=500)
    assert is_gone(ProcessIdentity("here", 7, "b-1:500"), here.system) is None
    assert is_gone(ProcessIdentity("here", 7, ""), here.system) is None


def test_the_machines_id_stands_nowhere(machine):
    """It is private: only a hash of it is kept."""
    assert "m-secret" not in machine(machine="m-secret").runs(7).identity(7).started


def test_this_process_lives():
    me = ProcessIdentity.me()
    assert me.pid == os.getpid()
    assert me.started
    assert is_gone(me) is False


@pytest.mark.parametrize("system", ["own", "psutil"])
def test_a_child_is_gone_when_it_has_ended(system):
    pytest.importorskip("psutil") if system == "psutil" else None
    used = PsutilSystem() if system == "psutil" else None
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = ProcessIdentity.of(child.pid, used)
    assert owner.started
    assert is_gone(owner, used) is False
    child.kill()
    child.wait()
    assert is_gone(owner, used) is True
    child.stdin.close()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="zombies are told by /proc")
def test_a_zombie_is_gone():
    child = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert LinuxSystem().start_of(child.pid) is None
    child.wait()
