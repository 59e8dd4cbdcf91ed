"""A program whose hooks for threads and whose policy for loops raise speaks all the same."""

import subprocess
import sys

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


def test_it_speaks_and_ends(tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=tmp_path,
    )
    assert done.stdout.strip() == "Yes. said", done.stderr[-2000:]
