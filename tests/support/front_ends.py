"""Servers of other front ends, run from an environment of their own.

`make ready-e2e` makes it, with what `pyproject.toml` names in the group `frontends`; `make
frontends` adds those of `more-frontends`.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import subprocess
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Sequence

import psutil
from playwright.sync_api import Browser, Page

from .behaviour import goes_on_while_a_cell_runs
from .lab import PROBE, Notebook, bears, environment_in, free_port, hosts_of, is_host
from .page_avatar import View
from .sdk import KEY, TwinProcess, open_sessions, wait_until

ROOT = pathlib.Path(__file__).parents[2]
BIN = ROOT / ".venv-frontends" / "bin"
PYTHON = str(BIN / "python")
PROXY = ROOT / "tests" / "hub" / "node_modules" / ".bin" / "configurable-http-proxy"

READY_S = 90.0
SHOTS = ROOT / "shots" / "front-ends"

HELLO = "Hello from this page, where I have something to say."
"""What is said before there is a page."""

AGAIN = "The second thing is a little longer, so that there is time enough to cut it off. " * 4


LONG = AGAIN * 3

NOTEBOOK = (
    "from ipyavatar import Avatar\navatar = Avatar(quality='low')\ndisplay(avatar)\n"
    "speech = avatar.speak('This is said to somebody.').wait(60)\n"
    "print(speech.state, 'to somebody' if speech.heard else speech.reason)",
    f"speech = avatar.speak({LONG!r})",
    "import time\nwhile True:\n    time.sleep(60)",
)
"""The cells of `serves_its_notebook`."""


def find_command(name: str) -> str:
    """One of the environment's commands, or an error with what makes it."""
    path = BIN / name
    if not path.exists():
        raise RuntimeError(f"{name} is not installed: run `make ready-e2e`, or `make frontends`.")
    return str(path)


class App:
    """One server of a front end.

    Args:
        root: Where its files are.
        command: Its command line; `{port}` is where it is to listen.
        path: What of it is opened, and answers once it is ready.
        environment: What is different there.
        port: Where it listens, if that is not in the command.
    """

    def __init__(
        self,
        root: pathlib.Path,
        command: Sequence[str],
        path: str = "/",
        environment: dict[str, str] | None = None,
        port: int = 0,
    ) -> None:
        self.mark = uuid.uuid4().hex
        port = port or free_port()
        self.origin = f"http://127.0.0.1:{port}"
        self.url = self.origin + path
        self._log = root / "server.log"
        home = root / "home"
        home.mkdir(exist_ok=True)
        paths = os.pathsep.join([str(BIN), os.environ["PATH"]])
        own = {"HOME": str(home), "PATH": paths} | (environment or {})
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [part.format(port=port) for part in command],
                env=environment_in(root, self.mark) | own,
                cwd=root,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_ready()

    def _wait_ready(self) -> None:
        """Until its port is open: to ask for its page would start a kernel."""
        port = int(self.origin.rpartition(":")[2])
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline and self._process.poll() is None:
            listening = {
                one.laddr.port for process in self._processes() for one in self._listening(process)
            }
            if port in listening:
                return
            time.sleep(0.1)
        raise RuntimeError(f"It did not start:\n{self.log()[-3000:]}")

    def _processes(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.Error):
            first = psutil.Process(self._process.pid)
            return [first, *first.children(recursive=True)]
        return []

    @staticmethod
    def _listening(process: psutil.Process) -> list[psutil._common.pconn]:
        with contextlib.suppress(psutil.Error):
            return [one for one in process.net_connections("tcp") if one.status == "LISTEN"]
        return []

    def log(self) -> str:
        """What it has written."""
        return self._log.read_text(errors="replace")

    def hosts(self) -> list[psutil.Process]:
        """The companion processes of its kernels, living or orphaned."""
        return hosts_of(self.mark)

    def call(self, path: str, method: str = "GET", headers: dict[str, str] | None = None) -> bytes:
        """One call of its API."""
        request = urllib.request.Request(self.origin + path, method=method, headers=headers or {})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return bytes(answer.read())

    def close(self) -> None:
        """End it, and of what it started all but the companion processes: these end by themselves.

        A hub gives up a user's server that does not hear it, and leaves it running.
        """
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(15)
        for process in psutil.process_iter():
            if bears(self.mark, process) and not is_host(process):
                with contextlib.suppress(psutil.Error):
                    process.kill()
        self._process.wait(15)


@contextlib.contextmanager
def running(app: App) -> Iterator[App]:
    """It runs as long as the block; whatever it has left behind fails."""
    try:
        yield app
    finally:
        app.close()
        deadline = time.monotonic() + 10
        while app.hosts() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not app.hosts(), "a companion process has outlived its server"


# ---- what an avatar does in each of them ---------------------------------------------------------


def paid_at(twin: TwinProcess) -> dict[str, str]:
    """The environment of an app whose paid avatars are the twin's."""
    return {"TWIN_URL": twin.url, "HEYGEN_API_KEY": KEY}


def visit(
    browser: Browser, app: App, prepare: Callable[[Page], object] = lambda page: None
) -> View:
    """Come with a browser profile of one's own; `prepare` does something with the page before."""
    page = browser.new_context(viewport={"width": 1100, "height": 1100}).new_page()
    page.add_init_script(path=PROBE)
    prepare(page)
    page.goto(app.url)
    return View(page)


def leave(view: View, twin: TwinProcess) -> None:
    """Close the tab: what was paid for there ends, though the server goes on."""
    assert len(open_sessions(twin)) == 1
    view.page.close(run_before_unload=True)
    wait_until(lambda: open_sessions(twin) == [], 45, "the paid session to be stopped")
    view.page.context.close()


def serves_its_visitor(view: View, name: str) -> None:
    """Heard, obeyed and looked at, where the page comes after the code."""
    says_what_was_kept(view)
    view.page.get_by_text("queued").first.wait_for()
    obeys_its_page(view)
    lies_well(view)
    shoot(view, name)


def shoot(view: View, name: str) -> None:
    """For people to look at."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    view.page.screenshot(path=SHOTS / f"{name}.png")


def lies_well(view: View) -> None:
    """It is as wide as a face needs, nothing is cut off, and it has no scroll bar of its own."""
    at = view.js(
        "(() => { const card = root.querySelector('.ipyavatar-card').getBoundingClientRect();"
        " const scrolls = []; for (let e = root; e && e !== document.body;"
        " e = e.parentElement ?? e.getRootNode().host) {"
        " const how = getComputedStyle(e); const over = e.scrollHeight > e.clientHeight + 1;"
        " if (over && ['auto', 'scroll'].includes(how.overflowY) && e.clientHeight < card.height)"
        " scrolls.push(e.className || e.tagName); }"
        " return {width: card.width, height: card.height, right: card.right,"
        " page: innerWidth, scrolls}; })()"
    )
    assert 240 <= at["width"] <= 722, at
    assert at["right"] <= at["page"], at
    assert at["scrolls"] == [], at


def says_what_was_kept(view: View, caption: str = "something to say") -> None:
    """What was said before there was a page is heard from its beginning."""
    view.plays(60)
    view.has_captioned("Hello", 60)
    view.has_captioned(caption)
    view.has_sounded(1.5)
    view.shows("Ready|Live")


def obeys_its_page(view: View) -> None:
    """Text box, sound, Interrupt and Mute."""
    view.say(AGAIN)
    view.caption_comes("second thing", 30)
    view.is_audible()
    view.press("Mute")
    view.until("!__probe.audible(root)", "the sound to be off", 5)
    view.press("Unmute")
    view.press("Interrupt")
    view.is_quiet()
    view.shows("Ready|Live")


def serves_its_notebook(notebook: Notebook, name: str) -> None:
    """Shown, spoken and waited for in one cell; it obeys while a cell runs, and is replaced."""
    notebook.start(0)
    view = notebook.view()
    view.plays(60)
    view.has_captioned("somebody")
    view.has_sounded(0.5)
    assert (told := notebook.wait(0)).endswith("said to somebody\n"), told
    lies_well(view)
    shoot(view, name)
    goes_on_while_a_cell_runs(notebook, view, least_fps=3, silent_ms=1500, soon_s=20)

    notebook.value("globals().update(before=avatar)")
    notebook.run(0)
    notebook.becomes("before.status", "ended")
    notebook.view().plays()
    assert len(notebook.server.hosts()) == 1
