"""Jupyter's other pages and kernels: Notebook 7, and ipykernel 6, which has no subshells."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.front_ends import NOTEBOOK, PYTHON, find_command, serves_its_notebook
from tests.support.lab import Notebook, Server
from tests.support.sdk import wait_until

from .conftest import VIEWPORT, Open


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    find_command("jupyter-notebook")
    server = Server(tmp_path_factory.mktemp("notebook"), PYTHON, "notebook")
    yield server
    server.close()


def test_notebook_7_shows_it_and_obeys_while_a_cell_runs(browser: Browser, server: Server) -> None:
    """Shown, spoken and waited for in one cell; a cell run again replaces its avatar."""
    context = browser.new_context(viewport=VIEWPORT)
    name = server.write("n.ipynb", list(NOTEBOOK))
    serves_its_notebook(Notebook(context.new_page(), server, name), "notebook-7")
    server.end_kernels()
    wait_until(lambda: not server.hosts(), 10, "the companion process to end")
    context.close()


def test_with_ipykernel_6_it_is_heard_in_one_cell(open_notebook: Open, lab: Server) -> None:
    """The page's messages wait for the cell there, but for those that `wait()` lets in."""
    name = lab.write("old-kernel.ipynb", list(NOTEBOOK), lab.add_old_kernel())
    notebook = open_notebook(name=name, own=True)  # a page that is open knows no new kernel
    assert notebook.value("__import__('ipykernel').__version__").startswith("6.")
    serves_its_notebook(notebook, "ipykernel-6")
