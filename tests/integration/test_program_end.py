"""Ctrl-C, and the end of a program: nothing talks on, nothing waits for ever, nothing is shown."""

import os
import subprocess
import sys
import textwrap

import pytest

SOON_S = 60.0
LONG = "This is said for a good while, so that there is something left to interrupt. " * 20

# A program that was started in the background ignores Ctrl-C, and so do those that it starts.
SIGINT = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"


def run(code):
    done = subprocess.run(
        [sys.executable, "-c", SIGINT + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=SOON_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.skipif(os.name == "nt", reason="a signal to one process")
@pytest.mark.parametrize("host", ["process", "thread"])
def test_ctrl_c_in_wait_silences_that_speech_and_is_raised(host):
    """A real signal; what was queued behind it is said."""
    done = run(f"""
        import os, signal, threading, time
        from ipyavatar import AvatarSession
        with AvatarSession(host={host!r}, quality="low") as avatar:
            avatar.speak("Hello.").wait(60)
            speech, after = avatar.speak({LONG!r}), avatar.speak("Afterwards.")
            while speech.state != "speaking":
                time.sleep(0.01)
            threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
            try:
                speech.wait()
            except KeyboardInterrupt:
                print("KeyboardInterrupt", flush=True)
            print(speech.wait(5).state, after.wait(60).state, flush=True)
    """)
    assert done.stdout.split() == ["KeyboardInterrupt", "interrupted", "said"]


@pytest.mark.skipif(os.name == "nt", reason="a signal to one process")
def test_ctrl_c_in_another_wait_only_ends_the_waiting():
    """What was asked for goes on."""
    done = run("""
        import os, signal, threading
        from ipyavatar import AvatarSession
        from ipyavatar.core.handle import Handle
        with AvatarSession(host="process", quality="low") as avatar:
            speech = avatar.speak("Hello there, this is being said.")
            threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
            try:
                Handle().wait()
            except KeyboardInterrupt:
                print("KeyboardInterrupt", flush=True)
            print(speech.wait(60).state, flush=True)
    """)
    assert done.stdout.split() == ["KeyboardInterrupt", "said"]


@pytest.mark.skipif(os.name == "nt", reason="a timer's signal")
def test_ctrl_c_in_a_verb_leaves_no_lock_taken():
    """None of ours, wherever it comes: 300 times in a loop of verbs."""
    done = run("""
        import os, random, signal, threading
        from ipyavatar import AvatarSession
        avatar = AvatarSession(host="thread", quality="low")
        avatar.start().wait(60)
        chance = random.Random(1)

        def free(lock):
            taken = lock.acquire(timeout=5)
            return taken and (lock.release() or True)

        locks = (avatar._lock._lock, avatar._host._lock._lock)
        stuck = interrupted = 0
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        while interrupted < 300 and not stuck:
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.0005 + 0.003 * chance.random())
                while True:
                    avatar.speak("Hello.")
                    avatar.interrupt()
            except KeyboardInterrupt:
                interrupted += 1
            other = threading.Thread(target=lambda: [free(lock) or 1 / 0 for lock in locks])
            other.start()
            other.join()
            stuck = sum(lock._is_owned() for lock in locks)
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        print(interrupted, stuck, flush=True)
        # Our own locks are free. That of a Future is taken by methods of Python's, in the standard
        # library: one in some hundred times it is not, and whoever asks for it would wait here.
        os._exit(0)
    """)
    assert done.stdout.split() == ["300", "0"]
    assert "ZeroDivisionError" not in done.stderr


@pytest.mark.parametrize("host", ["process", "thread"])
def test_an_observer_that_wants_more_at_the_end_is_not_shown_an_error(host):
    """The program ends; whatever it asks for by then cannot be had."""
    done = run(f"""
        import atexit
        from ipyavatar import AvatarSession
        from ipyavatar.client import host_client
        avatar = AvatarSession(host={host!r}, quality="low")
        avatar.start().wait(60)
        avatar.observe(lambda report: avatar.start() if avatar.status == "ended" else None)
        avatar.observe(lambda report: avatar.speak("Once more."))
        print("ends", flush=True)
    """)
    assert done.stdout == "ends\n"
    assert "HostError" not in done.stderr
    assert "A callback of yours failed" not in done.stderr


def test_every_handle_is_answered_when_the_host_is_lost_as_the_program_ends():
    """By an error, for nothing will come after it."""
    done = run("""
        import os, signal, threading
        from ipyavatar import AvatarSession
        from ipyavatar.client import host_client
        from ipyavatar.errors import AvatarError
        avatar = AvatarSession(host="process", quality="low")
        avatar.start().wait(60)
        speech, keep = avatar.speak("Words. " * 100), avatar.keep_alive()
        os.kill(avatar.host_pid, signal.SIGSTOP)  # it will say nothing more
        stop = avatar.stop()
        pid = avatar.host_pid
        host_client.close_all()
        os.kill(pid, signal.SIGKILL)
        for handle in (speech, keep, stop):
            try:
                handle.wait(5)
            except TimeoutError:
                raise
            except AvatarError as error:
                print(type(error).__name__, flush=True)
            else:
                print("done", flush=True)
        print(avatar.status)
    """)
    assert len(done.stdout.split()) == 4
    assert done.stdout.split()[-1] in ("failed", "ended")


def test_a_crash_of_the_thread_host_is_told_and_another_one_goes_on():
    """It is a loss like that of a process."""
    done = run("""
        import asyncio, logging, time
        logging.disable(logging.CRITICAL)
        from ipyavatar import AvatarSession
        avatar = AvatarSession(host="thread", quality="low")
        avatar.start().wait(60)
        transport = avatar._host._transport
        async def crash():
            raise MemoryError
        def end():
            raise SystemExit("a library ends the program")
        transport._loop.call_soon_threadsafe(end)
        speech = None
        deadline = time.monotonic() + 30
        while avatar._host._transport is transport and time.monotonic() < deadline:
            time.sleep(0.01)
        assert avatar._host._transport is not transport
        print(avatar.speak("I am back.").wait(60).state, flush=True)
        avatar.close().wait(30)
    """)
    assert done.stdout == "said\n"


def test_a_thread_host_that_cannot_start_is_an_error_of_every_handle():
    """At once, and it is not tried for ever."""
    done = run("""
        import logging
        logging.disable(logging.CRITICAL)
        from ipyavatar.host import host
        def fail(*_):
            raise MemoryError("no memory for a host")
        host.Host = fail
        from ipyavatar import AvatarSession
        from ipyavatar.errors import AvatarError
        avatar = AvatarSession(host="thread", quality="low")
        for ask in (avatar.start, lambda: avatar.speak("Hello.")):
            try:
                ask().wait(20)
            except AvatarError as error:
                assert "no memory for a host" in str(error), error
                print("told", flush=True)
    """)
    assert done.stdout == "told\ntold\n"
