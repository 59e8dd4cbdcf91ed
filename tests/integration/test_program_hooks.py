"""A program that has replaced what Python brings speaks all the same: hooks, policies, clocks."""

import subprocess
import sys

import pytest

PROGRAM = """
import asyncio, threading
class Policy(asyncio.DefaultEventLoopPolicy):
    def new_event_loop(self):
        raise RuntimeError("no loops here")
asyncio.set_event_loop_policy(Policy())
threading.setprofile(lambda *a: 1 / 0)
threading.settrace(lambda *a: 1 / 0)
from ipyavatar import AvatarSession
async def answer(text):
    return "Yes."
with AvatarSession(responder=answer) as avatar:
    speech = avatar.speak("Hi.", mode="talk")
    speech.wait(60)
    print(speech.answer, speech.state, flush=True)
"""

CLOCKS = """
import sys, time
from ipyavatar import AvatarSession
def broken(*_):
    raise RuntimeError("this clock is the program's")
time.monotonic, time.sleep = {"frozen": lambda: 5.0, "broken": broken}[sys.argv[2]], broken
with AvatarSession(host=sys.argv[1], quality="low") as session:
    try:
        session.speak("Hi. " * 50).wait(0.01)
    except TimeoutError:
        session.interrupt()
    print(session.speak("Hi.").wait(60).state, flush=True)
"""


def run(tmp_path, program, *arguments):
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=tmp_path,
    )


@pytest.mark.parametrize("host", ["process", "thread"])
@pytest.mark.parametrize("clock", ["frozen", "broken"])
def test_its_clocks_are_its_own(tmp_path, host, clock):
    """Deadlines of ours come where time is frozen, and its end is no error of the program's."""
    done = run(tmp_path, CLOCKS, host, clock)
    assert (done.stdout.strip(), done.stderr) == ("said", "")


def test_it_speaks_and_ends(tmp_path):
    """Hooks for threads and the policy for loops raise."""
    done = run(tmp_path, PROGRAM)
    assert done.stdout.strip() == "Yes. said", done.stderr[-2000:]
