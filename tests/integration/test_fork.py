"""A kernel that forks: children that live on, and what they have of their parent's avatars."""

import os
import signal
import sys

import pytest

from tests.support.processes import alive, script, until
from tests.support.twin_process import KEY, twin_process

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")

SOON_S = 60.0

STOPPED_WITHIN_S = 2.0
"""The design's budget: `kill -9` of the kernel -> paid session stopped."""


# ---- the kernel is killed, and a child holds its pipe --------------------------------------------

PAID = """
    import os, subprocess, sys, threading, time
    from ipyavatar import AvatarSession
    avatar = AvatarSession("heygen", host="process", api_key={key!r}, base_url={url!r})
    avatar.start().wait(60)
    {fork}
    print(avatar.host_pid, child, flush=True)
    threading.Event().wait()
"""

FORKS = {
    "os.fork": """
    child = os.fork()
    if not child:
        time.sleep(60); os._exit(0)
    """,
    "C code": """
    import ctypes  # it runs none of Python's hooks
    child = ctypes.CDLL(None).fork()
    if not child:
        time.sleep(60); os._exit(0)
    """,
    "multiprocessing": """
    import multiprocessing
    process = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
    process.start(); child = process.pid
    """,
    "a pool": """
    import concurrent.futures, multiprocessing
    pool = concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("fork"))
    child = pool.submit(os.getpid).result(); pool.submit(time.sleep, 60)
    """,
    "a fork that execs": """
    child = os.fork()
    if not child:
        os.execv("/bin/sleep", ["sleep", "60"])
    """,
    "open descriptors": """
    child = subprocess.Popen(["sleep", "60"], close_fds=False).pid
    """,
}


@pytest.mark.parametrize("fork", FORKS)
def test_a_paid_session_ends_with_its_kernel_whatever_that_has_forked(fork, tmp_path, monkeypatch):
    """`kill -9` of the kernel; its child lives on."""
    monkeypatch.setenv("IPYAVATAR_STATE_DIR", str(tmp_path))
    with twin_process() as twin:
        kernel = script(PAID.format(key=KEY, url=twin.url, fork=FORKS[fork]))
        host, child = map(int, kernel.stdout.readline().split())
        try:
            assert len(twin.open()) == 1
            kernel.send_signal(signal.SIGKILL)
            kernel.wait(10)
            took = until(lambda: not twin.open(), 10, "the session was stopped")
            print(f"{fork}: stopped after {took:.2f} s")
            assert took < STOPPED_WITHIN_S
            assert alive(child)
            until(lambda: not alive(host), 10, "the companion ended")
        finally:
            os.kill(child, signal.SIGKILL)
            kernel.stdout.close()
            kernel.stdin.close()


# ---- what a child has ----------------------------------------------------------------------------

CHILD = """
    import faulthandler, os, sys, threading, time
    from ipyavatar import AvatarSession, sessions, stop_all
    from ipyavatar.errors import AvatarError, HostError
    avatar = AvatarSession(host={host!r}, quality="low")
    avatar.start().wait(60)
    done = avatar.speak("Hello.").wait(60)
    speech = avatar.speak("This goes on for a good while, in the process that asked for it.")

    def in_child(work):
        "Fork, and work there; the parent returns with its exit code."
        sys.stdout.flush()
        child = os.fork()
        if child:
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        faulthandler.dump_traceback_later(20, exit=True)
        work()
        {leave}

    def refuses(call):
        try:
            call()
        except HostError as error:
            assert "forked" in error.what, error
            assert error.fix
        else:
            raise AssertionError(call)

    {rest}
"""

VERBS = """
    import asyncio
    def verbs():
        for verb in (
            avatar.start, avatar.stop, avatar.close, avatar.keep_alive, avatar.interrupt,
            lambda: avatar.speak("Here?"), lambda: avatar.observe(print), avatar.expect_page,
            lambda: avatar.change_quality("low"), speech.wait, speech.interrupt,
            lambda: speech.wait(5), lambda: asyncio.run(speech),
        ):
            refuses(verb)
        assert done.wait() is done and done.done and done.error is None
        assert asyncio.run(done) is done
        assert not speech.done and avatar.inherited
        repr(avatar), avatar.status, avatar.transcript, repr(speech)
    assert in_child(verbs) == 0
    assert not avatar.inherited
    assert speech.wait(60).state == "said"
    assert avatar.speak("I am still here.").wait(60).state == "said"
    print("passed", flush=True)
"""

OWN = """
    def own():
        with AvatarSession(host="process", quality="low") as mine:
            assert mine.host_pid != avatar.host_pid
            assert mine.speak("I am new.").wait(60).state == "said"
    assert in_child(own) == 0
    assert speech.wait(60).state == "said"
    print("passed", flush=True)
"""

LOCKS = """
    # A thread holds every lock of ours when the process is forked.
    import contextlib
    from ipyavatar.client import host_client
    held, go = threading.Event(), threading.Event()
    def hold():
        registry = host_client._registry
        with contextlib.ExitStack() as locks:
            session, host, callbacks = avatar._lock, avatar._host._lock, avatar.callbacks._changed
            for lock in (session, host, registry.lock, callbacks):
                locks.enter_context(getattr(lock, "_lock", lock))  # an OwnLock is no plain one
            held.set()
            go.wait()
    threading.Thread(target=hold, daemon=True).start()
    held.wait()
    def work():
        refuses(lambda: avatar.speak("Here?"))
        refuses(lambda: avatar.observe(print))
        refuses(speech.wait)
        assert done.done and done.wait() is done
        with AvatarSession(host="process", quality="low") as mine:
            assert mine.speak("I am new.").wait(60).state == "said"
    code = in_child(work)
    go.set()
    assert code == 0
    assert speech.wait(60).state == "said"
    print("passed", flush=True)
"""

LISTS = """
    def listed():
        assert len(sessions()) == 0
        assert not stop_all().left
    assert in_child(listed) == 0
    print("passed", flush=True)
"""

WITH = """
    def leave_block():
        with avatar:
            pass
        import gc
        globals().pop("avatar"), gc.collect()
    assert in_child(leave_block) == 0
    assert avatar.status == "live"
    assert speech.wait(60).state == "said"
    print("passed", flush=True)
"""


@pytest.mark.parametrize(
    # By `sys.exit` C++ libraries that the thread host has loaded wait for threads that a child does
    # not have; `multiprocessing` leaves by `os._exit`.
    ("host", "leave"),
    [("process", "sys.exit(0)"), ("process", "os._exit(0)"), ("thread", "os._exit(0)")],
)
@pytest.mark.parametrize(
    "rest", [VERBS, OWN, LOCKS, LISTS, WITH], ids=["verbs", "own", "locks", "lists", "with"]
)
def test_a_child_has_avatars_of_its_own_and_never_hangs(rest, leave, host, tmp_path, monkeypatch):
    """Its parent's refuse, with what to do; its end is nobody else's."""
    monkeypatch.setenv("IPYAVATAR_STATE_DIR", str(tmp_path))
    kernel = script(CHILD.format(host=host, leave=leave, rest=rest))
    printed, _ = kernel.communicate(timeout=SOON_S)
    assert printed == "passed\n"
    assert kernel.returncode == 0


EARLY = """
    import os, time
    from ipyavatar import AvatarSession
    avatar = AvatarSession(host="thread", quality="low")
    avatar.start()
    time.sleep({after_s})
    child = os.fork()
    if not child:
        other = AvatarSession(host="thread", quality="low")
        assert other.speak("Hi.").wait(60).state == "said"
        os._exit(7)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    os._exit(0)
"""


@pytest.mark.parametrize("after_s", [0.1, 0.4, 0.9])
def test_a_child_of_a_program_that_still_loads_its_voice_speaks(after_s):
    """Locks of modules that are being imported would be held there for ever."""
    printed, _ = script(EARLY.format(after_s=after_s)).communicate(timeout=2 * SOON_S)
    assert printed == "7\n"


def test_this_suite_forks_for_real():
    """A fork that failed would pass as a child that ended well."""
    done = script("import os; os.write(1, b'%d ' % (os.fork() == 0)); os._exit(0)", sys.executable)
    printed, _ = done.communicate(timeout=SOON_S)
    assert sorted(printed.split()) == ["0", "1"]
