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


NO_THREADS = """
import os, sys, threading
from ipyavatar import AvatarSession, errors
start, count, limit = threading.Thread.start, 0, int(sys.argv[2])
def few(thread):
    global count
    count += thread.name.startswith("ipyavatar-")
    if count > limit:
        raise RuntimeError("can't start new thread")
    start(thread)
threading.Thread.start = few
try:
    AvatarSession(host=sys.argv[1], quality="low")
except errors.HostError as error:
    print("refused", "can't start new thread" in error.what, flush=True)
threading.Thread.start = start
try:
    print("left", os.waitpid(-1, os.WNOHANG)[0], flush=True)
except ChildProcessError:
    print("nothing left", flush=True)
with AvatarSession(host=sys.argv[1], quality="low") as session:
    print(session.speak("Hi.").wait(60).state, flush=True)
"""


@pytest.mark.parametrize(("host", "limit"), [("process", 3), ("process", 4), ("thread", 2)])
def test_a_program_that_has_no_more_threads_is_told_so_and_can_go_on(tmp_path, host, limit):
    """What was started by then is ended: the companion went on, and its threads, with nobody."""
    done = run(tmp_path, NO_THREADS, host, str(limit))
    assert done.stdout.splitlines() == ["refused True", "nothing left", "said"], done.stderr


LITTLE_ADDRESS_SPACE = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (640 << 20, 640 << 20))
from ipyavatar import AvatarSession, errors
with AvatarSession(host=sys.argv[1], quality="low") as session:
    try:
        session.start().wait(60)
    except errors.MediaError as error:
        print(error, flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing tells what is left")
@pytest.mark.parametrize("host", ["process", "thread"])
def test_a_program_that_may_map_little_is_told_so(tmp_path, host):
    """Libraries that are loaded then crash: the program ended, or four companions one by one."""
    done = run(tmp_path, LITTLE_ADDRESS_SPACE, host)
    assert "MB more of address space" in done.stdout, done.stderr[-2000:]
    assert done.returncode == 0


SHADOWED = "Struct = None  # no such thing here\ndel Struct\n"


def test_a_file_of_the_users_that_hides_a_library_is_named(tmp_path):
    """It read as if ipyavatar had no such name, and said nothing of the file."""
    (tmp_path / "msgspec.py").write_text(SHADOWED)
    done = run(tmp_path, "from ipyavatar import AvatarSession")
    error = done.stderr.splitlines()[-1]
    assert error.startswith("ImportError: ipyavatar cannot be loaded: module 'msgspec' has no")
    assert f"It is {tmp_path / 'msgspec.py'}: if that file is yours, give it another name." in error


BROKEN_LIBRARY = """
import sys
sys.path.insert(1, "installed")
from ipyavatar import AvatarSession, errors
with AvatarSession(host=sys.argv[1], quality="low") as session:
    for _ in range(2):
        try:
            session.start().wait(60)
        except errors.AvatarError as error:
            print(error, flush=True)
"""


@pytest.mark.parametrize("host", ["process", "thread"])
def test_a_library_that_cannot_be_loaded_is_named(tmp_path, host):
    """As OpenCV without one of the system's: once it was the reason, once a name of ours."""
    (tmp_path / "installed" / "cv2").mkdir(parents=True)
    (tmp_path / "installed" / "opencv.dist-info").mkdir()
    lacks = "raise ImportError('libGL.so.1: cannot open shared object file')"
    (tmp_path / "installed" / "cv2" / "__init__.py").write_text(lacks)
    done = run(tmp_path, BROKEN_LIBRARY, host)
    told = done.stdout.splitlines()
    assert len(told) == 2, done.stderr
    for error in told:
        assert error.startswith("cv2 cannot be loaded: ImportError: libGL.so.1"), error
        assert "pip install --force-reinstall" in error
    assert "Traceback" not in done.stderr


SITE = """
import os, sys
sys.path.insert(1, "installed")
from ipyavatar import AvatarSession
with AvatarSession("heygen", host="process", api_key="k", base_url="http://127.0.0.1:9") as session:
    try:
        session.start().wait(60)
    except Exception as error:
        print(error, flush=True)
"""


@pytest.mark.parametrize(
    "code",
    ["print('Welcome', flush=True)", "import os; os.close(0)"],
    ids=["prints", "closes"],
)
def test_what_an_environment_runs_in_every_python_is_not_in_the_way(tmp_path, code):
    """What it printed was taken for a message of the companion, which was ended; and so on."""
    (tmp_path / "installed" / "site.dist-info").mkdir(parents=True)
    (tmp_path / "installed" / "sitecustomize.py").write_text(code)
    done = run(tmp_path, SITE)
    assert "refuses connections at port 9" in done.stdout, done.stderr[-2000:]
