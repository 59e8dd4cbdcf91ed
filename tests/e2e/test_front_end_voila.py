"""Voila: its page comes when the whole notebook has run, and each visitor has a kernel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.front_ends import (
    HELLO,
    App,
    find_command,
    lies_well,
    obeys_its_page,
    running,
    says_what_was_kept,
    shoot,
)
from tests.support.lab import PROBE, write_notebook
from tests.support.page_avatar import View
from tests.support.sdk import KEY, TwinProcess, open_sessions, wait_until

from .conftest import VIEWPORT

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
    environment = {"TWIN_URL": twin_server.url, "HEYGEN_API_KEY": KEY}
    with running(App(root, command, environment=environment)) as app:
        yield app


def test_what_is_said_while_the_notebook_runs_is_kept_for_the_page(
    browser: Browser, voila: App, twin: TwinProcess
) -> None:
    """`wait()` does not hold up the page; a visitor who leaves leaves no session open."""
    context = browser.new_context(viewport=VIEWPORT)
    page = context.new_page()
    page.add_init_script(path=PROBE)
    page.goto(voila.url)
    view = View(page)
    says_what_was_kept(view)
    page.get_by_text("queued").wait_for()
    page.get_by_role("button", name="Say").click()
    view.caption_comes("button")
    page.locator(".widget-label", has_text="said").wait_for()  # where there is a page, it waits
    obeys_its_page(view)
    lies_well(view)
    shoot(view, "voila")

    assert len(open_sessions(twin)) == 1
    page.close(run_before_unload=True)
    wait_until(lambda: open_sessions(twin) == [], 45, "the paid session to be stopped")
    context.close()
