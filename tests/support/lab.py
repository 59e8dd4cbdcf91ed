"""A real JupyterLab, or another of Jupyter's servers, and a real Chromium, driven by Playwright."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import nbformat
import psutil
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Playwright

from .page_avatar import View
from .patience import patient

READY_S = 60.0

PROBE = pathlib.Path(__file__).with_name("page_probe.js")

OLD_KERNEL = pathlib.Path(__file__).parents[2] / ".ipykernel-6"
"""ipykernel 6, which `make ready-e2e` puts there."""

MARK = "IPYAVATAR_TEST_MARK"
"""Environment variable by which the processes of one server are told from those of others."""

CHROMIUM_FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    """The browser to use, or an error with the command that installs one."""
    named = os.environ.get("IPYAVATAR_CHROMIUM")
    names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    mac = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    for path in (named, *map(shutil.which, names), mac):
        if path and os.access(path, os.X_OK):
            return path
    raise RuntimeError("No Chromium here: run `make browser`, or set IPYAVATAR_CHROMIUM.")


def launch(
    playwright: Playwright, *, autoplay: bool = True, flags: Sequence[str] = (), program: str = ""
) -> Browser:
    """A headless Chromium; with `autoplay` it plays sound without being asked twice.

    `program` starts one, with the arguments that it gets.
    """
    policy = "no-user-gesture-required" if autoplay else "document-user-activation-required"
    return playwright.chromium.launch(
        executable_path=program or chromium(),
        args=[*CHROMIUM_FLAGS, f"--autoplay-policy={policy}", *flags],
        # Playwright's own default; without it there is no sound to measure.
        ignore_default_args=["--mute-audio"],
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment_in(root: pathlib.Path, mark: str) -> dict[str, str]:
    """The environment of a server whose files are below `root`, and whose processes bear `mark`."""
    own = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    lab = ("SETTINGS_DIR", "WORKSPACES_DIR")
    names = [*(f"JUPYTER_{name}" for name in own), *(f"JUPYTERLAB_{name}" for name in lab)]
    return os.environ | {
        MARK: mark,
        "JUPYTER_PLATFORM_DIRS": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "IPYAVATAR_STATE_DIR": str(root / "ipyavatar"),
        **{name: str(root / name.lower()) for name in (*names, "IPYTHONDIR")},
    }


def hosts_of(mark: str) -> list[psutil.Process]:
    """The companion processes of a server's kernels, living or orphaned."""
    return [
        process for process in psutil.process_iter() if is_host(process) and bears(mark, process)
    ]


def is_host(process: psutil.Process) -> bool:
    """Whether it is a companion process."""
    with contextlib.suppress(psutil.Error):
        return "ipyavatar.host" in process.cmdline()
    return False


def bears(mark: str, process: psutil.Process) -> bool:
    """Whether it was started by the server of this mark, or by one of its processes."""
    with contextlib.suppress(psutil.Error):
        return process.environ().get(MARK) == mark
    return False


def write_notebook(path: pathlib.Path, cells: Sequence[str], kernel: str = "python3") -> None:
    """A notebook of these code cells."""
    book = nbformat.v4.new_notebook()
    book.metadata["kernelspec"] = {"name": kernel, "display_name": kernel}
    book.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(book, path)


class Place(Protocol):
    """Where a server runs: see `Here`."""

    @property
    def address(self) -> str:
        """Where it is reached."""

    def command(self, command: Sequence[str]) -> list[str]:
        """The command that runs `command` there."""

    def entered(self) -> contextlib.AbstractContextManager[None]:
        """In the block what is there can be reached from here."""


class Here:
    """In the same network as the tests."""

    address = "127.0.0.1"

    def command(self, command: Sequence[str]) -> list[str]:
        return list(command)

    def entered(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()


class Server:
    """A JupyterLab of its own: own port, settings, workspaces and notebooks.

    Args:
        root: Where its files are.
        python: What runs it.
        app: Or another of Jupyter's servers: `notebook`, `nbclassic`.
        place: Where it runs, with its kernels.
        known_as: Another name of its machine, by which pages may ask for it.
    """

    def __init__(
        self,
        root: pathlib.Path,
        python: str = sys.executable,
        app: str = "lab",
        place: Place | None = None,
        known_as: str = "",
    ) -> None:
        self.app = app
        self._place = place = place or Here()
        self.notebooks = root / "notebooks"
        self.notebooks.mkdir(parents=True, exist_ok=True)
        self._log = root / "server.log"
        self.settings = root / "jupyterlab_settings_dir"
        settings = self.settings / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True, exist_ok=True)
        # Else a question about news lies over the page.
        (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
        self.mark = uuid.uuid4().hex
        self.port = port = free_port()
        self.url = f"http://{place.address}:{port}"
        environment = environment_in(root, self.mark)
        command = [python, "-m", "jupyter", app, "--no-browser", "--allow-root"]
        command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
        command += [f"--ServerApp.ip={place.address}", "--IdentityProvider.token="]
        command += [f"--ServerApp.root_dir={self.notebooks}", "--ServerApp.disable_check_xsrf=True"]
        if known_as:
            command += [f"--ServerApp.local_hostnames={known_as}"]
        if app != "nbclassic":
            command += ["--expose-app-in-browser"]
        if app == "lab":
            command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
            command += ["--LabApp.news_url="]
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                place.command(command),
                env=environment,
                cwd=root,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        with place.entered():
            self._wait_ready()

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/api/status"):
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"Jupyter did not start:\n{self._log.read_text()[-3000:]}")

    def address(self, name: str) -> str:
        """Where a notebook is opened."""
        if self.app == "lab":
            return f"{self.url}/lab/tree/{name}?reset"
        # Beside Notebook 7, nbclassic has a path of its own.
        own = "/nbclassic" if self.app == "nbclassic" else ""
        return f"{self.url}{own}/notebooks/{name}"

    def api(self, path: str, method: str = "GET") -> Any:
        request = urllib.request.Request(self.url + path, method=method)
        with self._place.entered(), urllib.request.urlopen(request, timeout=20) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def end_kernels(self) -> None:
        """Shut every kernel down, politely."""
        for session in self.api("/api/sessions"):
            with contextlib.suppress(OSError):
                self.api(f"/api/sessions/{session['id']}", "DELETE")

    def hosts(self) -> list[psutil.Process]:
        """The companion processes of this server's kernels, living or orphaned."""
        return hosts_of(self.mark)

    def write(self, name: str, cells: list[str], kernel: str = "python3") -> str:
        """A notebook of these code cells."""
        write_notebook(self.notebooks / name, cells, kernel)
        return name

    def add_kernel(self, *paths: pathlib.Path) -> str:
        """A kernel of the tests' own environment, where modules are looked for in `paths` first."""
        name = "-".join(["ours", *(path.name.lstrip(".") for path in paths)])
        folder = self.settings.parent / "jupyter_data_dir" / "kernels" / name
        folder.mkdir(parents=True, exist_ok=True)
        found = [*map(str, paths), *filter(None, [os.environ.get("PYTHONPATH")])]
        spec = {
            "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": name,
            "language": "python",
            "env": {"PYTHONPATH": os.pathsep.join(found)},
        }
        (folder / "kernel.json").write_text(json.dumps(spec))
        return name

    def add_old_kernel(self) -> str:
        """One without subshells, which hears no page while a cell runs."""
        if not (OLD_KERNEL / "ipykernel").exists():
            raise RuntimeError("ipykernel 6 is not installed: run `make ready-e2e`.")
        return self.add_kernel(OLD_KERNEL)

    def copy(self, notebook: pathlib.Path) -> str:
        """Put a copy of a notebook file among the server's."""
        shutil.copy(notebook, self.notebooks / notebook.name)
        return notebook.name

    @contextlib.contextmanager
    def widgets_saved(self) -> Iterator[None]:
        """While it is open, notebooks are saved with the state of their widgets."""
        folder = self.settings / "@jupyter-widgets" / "jupyterlab-manager"
        folder.mkdir(parents=True, exist_ok=True)
        setting = folder / "plugin.jupyterlab-settings"
        setting.write_text('{"saveState": true}')
        try:
            yield
        finally:
            setting.unlink()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.end_kernels()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(5)


NOTEBOOK = "window.jupyterapp.shell.currentWidget"
CELL = f"{NOTEBOOK}.content.widgets[i]"


class Serves(Protocol):
    """What a notebook is opened from."""

    url: str

    def address(self, name: str) -> str:
        """Where a notebook is opened."""

    def hosts(self) -> list[psutil.Process]:
        """The companion processes of its kernels."""


class Notebook:
    """One notebook open in one tab."""

    def __init__(self, page: Page, server: Serves, name: str, *, kernel: bool = True) -> None:
        self.page = page
        self.server = server
        self.console: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", self._failed)
        if page.url.startswith(server.url):
            # JupyterLab is there already; to load it anew costs seconds.
            page.evaluate(
                "path => { __probe.reset();"
                " return window.jupyterapp.commands.execute('docmanager:open', {path})"
                ".then(() => true); }",
                name,
            )
        else:
            page.add_init_script(path=PROBE)
            page.goto(server.address(name))
        self.wait_ready(kernel=kernel)

    def close(self) -> None:
        """Close the notebook; the tab stays. Its kernel goes on."""
        self.page.remove_listener("console", self._heard)
        self.page.remove_listener("pageerror", self._failed)
        self.page.evaluate("() => { __probe.reset(); " + NOTEBOOK + "?.dispose(); }")

    def _failed(self, error: Error) -> None:
        self.console.append(f"pageerror: {error}")

    def _heard(self, message: ConsoleMessage) -> None:
        self.console.append(f"{message.type}: {message.text}")

    def wait_ready(self, *, kernel: bool = True) -> None:
        """Wait until cells are shown and, unless there is to be none, the kernel is idle."""
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        if kernel:
            self.page.wait_for_function(
                "() => window.jupyterapp?.shell.currentWidget?.context?.sessionContext?.session"
                "?.kernel?.status === 'idle'",
                timeout=60_000,
            )

    def reload(self) -> None:
        """Load the tab anew."""
        self.page.reload()
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)

    def save(self) -> str:
        """Save it; its path among the server's notebooks."""
        self.page.evaluate("() => jupyterapp.commands.execute('docmanager:save').then(() => 1)")
        return str(self.page.evaluate("jupyterapp.shell.currentWidget.context.path"))

    def view(self, index: int = 0) -> View:
        """The `index`-th avatar shown, from the top."""
        return View(self.page, ".jp-Notebook", index)

    def command(self, name: str) -> None:
        """Carry out one of JupyterLab's commands; do not wait for it."""
        self.page.evaluate("name => void window.jupyterapp.commands.execute(name)", name)

    def select(self, i: int) -> None:
        """Make cell `i` the active one."""
        self.page.evaluate(
            "i => { const c = " + NOTEBOOK + ".content; c.activeCellIndex = i; c.deselectAll(); }",
            i,
        )

    def start(self, i: int) -> None:
        """Run cell `i`; do not wait for it."""
        self.select(i)
        self.page.evaluate(
            "i => { const done = (window.__done ??= {}); done[i] = false;"
            " window.__ran = performance.now();"
            " window.jupyterapp.commands.execute('notebook:run-cell')"
            ".finally(() => { done[i] = true; }); }",
            i,
        )

    def replace(self, i: int, code: str) -> None:
        """Write other code into cell `i`."""
        self.page.evaluate(
            "([i, code]) => { " + CELL + ".model.sharedModel.setSource(code); }", [i, code]
        )

    def is_done(self, i: int) -> bool:
        """Whether the last run of cell `i` has ended."""
        return bool(self.page.evaluate("i => window.__done?.[i] === true", i))

    def wait(self, i: int, timeout: float = 60) -> str:
        """Wait for the end of cell `i`; its output as text. Fails when the cell failed."""
        self.page.wait_for_function(
            "i => window.__done?.[i] === true", arg=i, timeout=patient(timeout) * 1000
        )
        text = self.output(i)
        if "Traceback" in text:
            raise AssertionError(f"Cell {i} failed:\n{text}")
        return text

    def run(self, i: int, timeout: float = 60) -> str:
        """Run cell `i` to its end; its output as text. Fails when the cell failed."""
        self.start(i)
        return self.wait(i, timeout)

    def output(self, i: int) -> str:
        """What cell `i` has put out, as text."""
        return str(
            self.page.evaluate(
                "i => (" + CELL + ".model.outputs?.toJSON() ?? []).map(o =>"
                " o.text ? [o.text].flat().join('')"
                " : o.ename ? 'Traceback ' + o.ename + ': ' + o.evalue"
                " : [o.data?.['text/plain'] ?? ''].flat().join('')).join('')",
                i,
            )
        )

    def value(self, expression: str) -> str:
        """`str()` of a Python expression in the kernel, without a cell; needs an idle kernel."""
        answer = self.page.evaluate(
            "async code => { const k = " + NOTEBOOK + ".context.sessionContext.session.kernel;"
            " const r = await k.requestExecute({code: '', silent: true,"
            " user_expressions: {value: code}}).done; return r.content.user_expressions.value; }",
            f"__import__('json').dumps(str({expression}))",
        )
        if answer["status"] != "ok":
            raise AssertionError(f"{expression}: {answer}")
        return str(json.loads(ast.literal_eval(answer["data"]["text/plain"])))

    def becomes(self, expression: str, expected: str, timeout: float = 20) -> None:
        """Wait until a Python expression in the kernel has this value, as `str()`."""
        begin = time.monotonic()
        while (value := self.value(expression)) != expected:
            if time.monotonic() - begin > patient(timeout):
                raise AssertionError(f"{expression} is {value!r}, not {expected!r}")
            self.page.wait_for_timeout(100)

    def kernel_pid(self) -> int:
        """The kernel's process id."""
        return int(self.value("__import__('os').getpid()"))


@contextlib.contextmanager
def server_in(root: pathlib.Path, place: Place | None = None) -> Iterator[Server]:
    """A server for as long as the block runs."""
    server = Server(root, place=place)
    try:
        yield server
    finally:
        server.close()
