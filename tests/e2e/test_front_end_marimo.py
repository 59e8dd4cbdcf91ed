"""marimo: outputs come when their cell has run; as an app, each visitor has a kernel."""

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
from tests.support.lab import PROBE
from tests.support.page_avatar import View
from tests.support.sdk import KEY, TwinProcess, open_sessions, wait_until

from .conftest import VIEWPORT

NOTEBOOK = f"""
import marimo
app = marimo.App()

@app.cell
def _():
    import marimo as mo
    again = mo.ui.button(label="Again")
    again
    return again, mo

@app.cell
def _(again):
    import os
    from ipyavatar import Avatar
    again.value
    paid = Avatar("heygen", quality="low", base_url=os.environ["TWIN_URL"])
    paid.start().wait(60)
    avatar = Avatar(quality="low")
    avatar
    return avatar, paid

@app.cell
def _(avatar):
    state = avatar.speak({HELLO!r}).wait(60).state
    "It is " + state
    return
"""


@pytest.fixture(scope="module")
def marimo(
    tmp_path_factory: pytest.TempPathFactory,
    twin_server: TwinProcess,
) -> Iterator[App]:
    root = tmp_path_factory.mktemp("marimo")
    (root / "app.py").write_text(NOTEBOOK)
    command = [find_command("marimo"), "run", "app.py", "--headless", "--no-token"]
    command += ["--port={port}"]
    environment = {"TWIN_URL": twin_server.url, "HEYGEN_API_KEY": KEY}
    with running(App(root, command, environment=environment)) as app:
        yield app


def test_it_is_replaced_when_its_cell_runs_again_and_gone_when_its_visitor_is(
    browser: Browser, marimo: App, twin: TwinProcess
) -> None:
    """`wait()` does not hold up the page; paid sessions are stopped each time."""
    context = browser.new_context(viewport=VIEWPORT)
    page = context.new_page()
    page.add_init_script(path=PROBE)
    page.goto(marimo.url)
    view = View(page)
    says_what_was_kept(view)
    page.get_by_text("It is queued").first.wait_for()
    obeys_its_page(view)
    lies_well(view)
    shoot(view, "marimo")
    (first,) = open_sessions(twin)

    page.get_by_role("button", name="Again").click()
    wait_until(lambda: first not in open_sessions(twin), 20, "the old paid session to be stopped")
    view.plays(60)
    wait_until(lambda: len(open_sessions(twin)) == 1, 20, "the new one alone to be open")

    context.close()
    wait_until(lambda: open_sessions(twin) == [], 45, "the last paid session to be stopped")
