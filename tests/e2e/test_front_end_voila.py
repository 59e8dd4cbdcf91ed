"""Voila: its page comes when the whole notebook has run, and each visitor has a kernel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.front_ends import (
    HELLO,
    App,
    find_command,
    leave,
    paid_at,
    running,
    serves_its_visitor,
    visit,
)
from tests.support.lab import write_notebook
from tests.support.sdk import TwinProcess

CELLS = (
    "import os\n"
    "from ipyavatar import Avatar\n"
    "url = os.environ['TWIN_URL']\n"
    "paid = Avatar('heygen', quality='low', base_url=url)\n"
    "paid.start().wait(60)\n"
    "avatar = Avatar(quality='low')\n"
    "display(avatar)\n"
    f"print(avatar.speak({HELLO!r}).wait(60).state)",
    "import ipywidgets as w\n"
    "button, told = w.Button(description='Say'), w.Label()\n"
    "def say(_):\n"
    "    told.value = avatar.speak('Said by a button.').wait(60).state\n"
    "button.on_click(say)\n"
    "w.VBox([button, told])",
)


@pytest.fixture(scope="module")
def voila(tmp_path_factory: pytest.TempPathFactory, twin_server: TwinProcess) -> Iterator[App]:
    root = tmp_path_factory.mktemp("voila")
    write_notebook(root / "app.ipynb", CELLS)
    command = [find_command("voila"), "app.ipynb", "--no-browser", "--port={port}"]
    with running(App(root, command, environment=paid_at(twin_server))) as app:
        yield app


def test_what_is_said_while_the_notebook_runs_is_kept_for_the_page(
    browser: Browser, voila: App, twin: TwinProcess
) -> None:
    """`wait()` does not hold up the page; a visitor who leaves leaves no session open."""
    view = visit(browser, voila)
    serves_its_visitor(view, "voila")
    view.page.get_by_role("button", name="Say").click()
    view.has_captioned("button")
    # Where there is a page, it waits.
    view.page.locator(".widget-label", has_text="said").wait_for()
    leave(view, twin)
