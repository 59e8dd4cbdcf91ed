"""Older JupyterLabs, nbclassic, `marimo edit`; a notebook that two people share."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.test_front_end_marimo import NOTEBOOK as MARIMO
from tests.support.front_ends import (
    NOTEBOOK,
    ROOT,
    App,
    find_command,
    lies_well,
    obeys_its_page,
    paid_at,
    running,
    serves_its_notebook,
    serves_its_visitor,
    shoot,
    visit,
)
from tests.support.lab import PROBE, Notebook, Server
from tests.support.page_avatar import View
from tests.support.sdk import TwinProcess, open_sessions, wait_until

SIZE = {"width": 1100, "height": 1100}
SHOWS, SPEAKS, BUSY, READY = range(4)

StartServer = Callable[..., Server]


@pytest.fixture
def start_server(tmp_path: pathlib.Path) -> Iterator[StartServer]:
    """Starts one from an environment of that name."""
    servers: list[Server] = []

    def start(environment: str, app: str = "lab") -> Server:
        python = ROOT / f".venv-{environment}" / "bin" / "python"
        if not python.exists():
            raise RuntimeError(f"{python} is missing: run `make frontends`.")
        servers.append(Server(tmp_path, str(python), app))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.mark.parametrize("old_kernel", [False, True])
@pytest.mark.parametrize("release", ["jupyterlab-42", "jupyterlab-44"])
def test_older_jupyterlabs_show_it_and_obey_while_a_cell_runs(
    browser: Browser, start_server: StartServer, release: str, old_kernel: bool
) -> None:
    """Shown, spoken and waited for in one cell, though 4.2 chooses no subshell."""
    server = start_server(release)
    kernel = server.add_old_kernel() if old_kernel else server.add_kernel()
    name = server.write("n.ipynb", list(NOTEBOOK), kernel)
    context = browser.new_context(viewport=SIZE)
    serves_its_notebook(Notebook(context.new_page(), server, name), f"{release}-{kernel}")
    context.close()


class Classic:
    """A notebook in nbclassic."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        page.add_init_script(path=PROBE)
        page.goto(address)
        page.wait_for_function("() => window.Jupyter?.notebook?.kernel?.is_connected()")
        # Until its widget manager has asked the kernel what there is, it takes away what is shown.
        self.start(READY)
        self.prints(READY, "ready\n")

    def start(self, i: int) -> None:
        """Run a cell."""
        self.page.evaluate("i => Jupyter.notebook.execute_cells([i])", i)

    def prints(self, i: int, text: str) -> None:
        """Wait until a cell has printed this."""
        self.page.wait_for_function(
            "([i, text]) => Jupyter.notebook.get_cell(i).output_area.toJSON()"
            ".some(output => [output.text].flat().join('') === text)",
            arg=[i, text],
            timeout=60_000,
        )


def test_nbclassic_shows_it_and_obeys_while_a_cell_runs(
    browser: Browser, start_server: StartServer
) -> None:
    """It chooses no subshell: what its page says is let in by `wait()`."""
    server = start_server("frontends", "nbclassic")
    context = browser.new_context(viewport=SIZE)
    name = server.write("n.ipynb", [*NOTEBOOK, "print('ready')"])
    notebook = Classic(context.new_page(), server.address(name))
    notebook.start(SHOWS)
    view = View(notebook.page)
    view.plays(60)
    view.has_sounded(0.5)
    notebook.prints(SHOWS, "said to somebody\n")
    lies_well(view)
    shoot(view, "nbclassic")
    obeys_its_page(view)
    notebook.start(SPEAKS)
    notebook.start(BUSY)
    view.is_audible()
    view.press("Interrupt")
    view.is_quiet()
    view.say("This was typed while the cell is running.")
    view.caption_comes("typed")
    context.close()


def test_marimo_edit_closes_what_its_cell_made_before(
    browser: Browser, tmp_path: pathlib.Path, twin: TwinProcess
) -> None:
    """As in an app, but that the kernel stays when the tab is closed."""
    (tmp_path / "app.py").write_text(MARIMO)
    command = [find_command("marimo"), "edit", "app.py", "--headless", "--no-token"]
    command += ["--skip-update-check", "--port={port}"]
    with running(App(tmp_path, command, environment=paid_at(twin))) as app:
        view = visit(browser, app)
        view.page.locator(".cm-content").first.wait_for()
        view.page.keyboard.press("Control+Shift+R")
        serves_its_visitor(view, "marimo-edit")
        (first,) = open_sessions(twin)
        view.page.get_by_role("button", name="Again").click()
        wait_until(lambda: first not in open_sessions(twin), 20, "the old one to be stopped")
        view.plays(60)
        wait_until(lambda: len(open_sessions(twin)) == 1, 20, "the new one alone to be open")
        view.page.context.close()
    wait_until(lambda: open_sessions(twin) == [], 20, "the last one to end with its kernel")


def test_two_people_on_one_notebook_see_and_hear_it(
    browser: Browser, start_server: StartServer
) -> None:
    """Who was there before is told to reload; mute is of the page, an interrupt is for both."""
    server = start_server("collaboration")
    name = server.write("n.ipynb", list(NOTEBOOK), server.add_kernel())
    contexts = [browser.new_context(viewport=SIZE) for _ in range(2)]
    one, other = (Notebook(context.new_page(), server, name) for context in contexts)
    one.run(SHOWS)
    # JupyterLab trusts no output of somebody else's: it shows the saved picture, which says so.
    picture = other.page.locator(".jp-OutputArea-output img[src^='data:image/png']")
    picture.wait_for()
    other.page.screenshot(path=ROOT / "shots" / "front-ends" / "two-people-before.png")
    one.save()
    other.page.reload()
    other.wait_ready()
    views = [one.view(), other.view()]
    views[1].plays(60)
    one.run(SPEAKS)
    for view in views:
        view.is_audible()
    shoot(views[1], "two-people")
    views[1].press("Mute")
    views[1].until("!__probe.audible(root)", "the sound to be off there")
    views[0].is_audible()
    views[1].press("Interrupt")
    views[0].is_quiet()
    one.becomes("speech.state", "interrupted")
    for context in contexts:
        context.close()
