"""Notebook 7: as JupyterLab, by another page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.behaviour import goes_on_while_a_cell_runs
from tests.support.front_ends import PYTHON, find_command, lies_well, shoot
from tests.support.lab import Notebook, Server
from tests.support.sdk import wait_until

from .conftest import LONG, VIEWPORT

TOGETHER = (
    "from ipyavatar import Avatar\navatar = Avatar(quality='low')\ndisplay(avatar)\n"
    "print(avatar.speak('This is said to somebody.').wait(60).state)"
)
SLEEP = "import time\nwhile True:\n    time.sleep(60)"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    find_command("jupyter-notebook")
    server = Server(tmp_path_factory.mktemp("notebook"), PYTHON, "notebook")
    yield server
    server.close()


def test_notebook_7_shows_it_and_obeys_while_a_cell_runs(browser: Browser, server: Server) -> None:
    """Shown, spoken and waited for in one cell; a cell run again replaces its avatar."""
    name = server.write("n.ipynb", [TOGETHER, f"speech = avatar.speak({LONG!r})", SLEEP])
    context = browser.new_context(viewport=VIEWPORT)
    notebook = Notebook(context.new_page(), server, name)
    notebook.start(0)
    view = notebook.view()
    view.plays()
    view.caption_comes("somebody")
    view.has_sounded(0.5)
    assert notebook.wait(0).endswith("said\n")
    lies_well(view)
    shoot(view, "notebook-7")
    goes_on_while_a_cell_runs(notebook, view, least_fps=3, silent_ms=1500, soon_s=20)

    notebook.value("globals().update(before=avatar)")
    notebook.run(0)
    notebook.becomes("before.status", "ended")
    notebook.view().plays()
    assert len(server.hosts()) == 1
    server.end_kernels()
    wait_until(lambda: not server.hosts(), 10, "the companion process to end")
    context.close()
