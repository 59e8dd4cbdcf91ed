"""Ctrl-C, and the end of a program: nothing talks on, nothing waits for ever, nothing is shown."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from tests.support.processes import alive, until

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


SIGNALS = """
    import random, signal
    from ipyavatar import AvatarSession
    from ipyavatar.errors import AvatarError, SessionClosed
    avatar = AvatarSession(host="thread", quality="low")
    avatar.start().wait(60)
    chance = random.Random(1)
    handles, came = [], 0

    def use():
        try:
            handles.append(avatar.speak("Hello."))
        except SessionClosed:  # the signal came between stop() and start()
            handles.append(avatar.start())
        avatar.interrupt()
        handles.append(avatar.keep_alive())
        list(avatar.transcript)
        if not chance.randrange(9):
            handles.append(avatar.stop())
            handles.append(avatar.start())

    def handle(number, frame):
        global came
        came += 1
        if came <= 300:
            {}

    signal.signal(signal.SIGALRM, handle)
    while came < 300:
        try:
            before = came
            signal.setitimer(signal.ITIMER_REAL, 0.0005 + 0.003 * chance.random())
            while came == before:
                use()
                try:
                    handles[-1].wait(0.0005)
                except (TimeoutError, AvatarError):
                    pass
        except (KeyboardInterrupt, TimeoutError):
            pass
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    avatar.start().wait(60)
    avatar.interrupt()
    print(avatar.speak("Good.").wait(60).state, flush=True)
    for handle in handles:
        try:
            handle.wait(30)
        except AvatarError:
            pass  # answered, too
    left = [entry for entry in avatar.transcript if entry["state"] in ("queued", "speaking")]
    avatar.close().wait(30)
    print(came, len(left), avatar.phase.value, flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="a timer's signal")
@pytest.mark.parametrize(
    "handler",
    ["raise KeyboardInterrupt", "raise TimeoutError", "use()"],
    ids=["Ctrl-C", "a timer", "verbs"],
)
def test_no_verb_is_left_half_done_whatever_a_signal_does(handler):
    """Ctrl-C, a timer that raises, a handler that calls verbs itself: 300 times, anywhere."""
    done = run(SIGNALS.replace("{}", handler))
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["said", "300", "0", "closed"]


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


def test_what_was_logged_is_handled_before_the_end_which_a_handler_cannot_put_off():
    """In a forked child, too, whose parent's thread for that is not there."""
    done = run("""
        import logging, os, sys, time
        from ipyavatar.core.log import get_logger

        class Slow(logging.Handler):
            def handle(self, record):  # by `emit` it would hold what Python's own end waits for
                time.sleep(0.3 if record.levelno == logging.WARNING else 1000)
                print(record.getMessage(), flush=True)

        logging.getLogger().addHandler(Slow())
        log = get_logger("ipyavatar.test")
        log.warning("parent")
        if child := os.fork():
            os.waitpid(child, 0)
        else:
            log.warning("child")
            sys.exit()
        log.warning("end")
        log.error("hangs")
    """)
    assert sorted(done.stdout.splitlines()) == ["child", "end", "parent"]


def test_a_recording_that_was_not_waited_for_is_told(tmp_path):
    """The file is named, and what to do; of one that is complete nothing is said."""
    done = run(f"""
        from pathlib import Path
        from ipyavatar import AvatarSession

        folder = Path({str(tmp_path)!r})
        session = AvatarSession(quality="low")
        with session.record(folder / "whole.wav"):
            session.speak("Hi.").wait(60)
        movie = session.record(folder / "forgotten.wav")
    """)
    assert "forgotten.wav was still being recorded when the program ended" in done.stderr
    assert "with avatar.record(...)" in done.stderr
    assert "whole.wav" not in done.stderr


AGAIN = """
import atexit, os, signal
atexit.register(lambda: print("ended", pressed, flush=True))
pressed = 0
from ipyavatar import AvatarSession
from ipyavatar.client.host_client import shared_host
def press(*_):
    global pressed
    pressed += 1
    raise KeyboardInterrupt
signal.signal(signal.SIGALRM, press)
session = AvatarSession(host="process", quality="low")
companion = shared_host("process").pid
@atexit.register
def impatient():
    os.kill(companion, signal.SIGSTOP)  # it takes long to end
    signal.setitimer(signal.ITIMER_REAL, 1.0)  # it is waited for a little longer
print(companion, flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="a signal to one process")
def test_ctrl_c_while_the_program_ends_is_no_error():
    """The companion is not waited for any more, and ends all the same."""
    done = run(AGAIN)
    companion, *ended = done.stdout.split()
    os.kill(int(companion), signal.SIGCONT)
    until(lambda: not alive(int(companion)), SOON_S, "the companion ends")
    assert (ended, done.stderr) == (["ended", "1"], "")
