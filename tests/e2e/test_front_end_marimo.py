"""marimo: outputs come when their cell has run; as an app, each visitor has a kernel."""

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
from tests.support.sdk import TwinProcess, open_sessions, wait_until

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
    with running(App(root, command, environment=paid_at(twin_server))) as app:
        yield app


def test_it_is_replaced_when_its_cell_runs_again_and_gone_when_its_visitor_is(
    browser: Browser, marimo: App, twin: TwinProcess
) -> None:
    """`wait()` does not hold up the page; paid sessions are stopped each time."""
    view = visit(browser, marimo)
    serves_its_visitor(view, "marimo")
    (first,) = open_sessions(twin)

    view.page.get_by_role("button", name="Again").click()
    wait_until(lambda: first not in open_sessions(twin), 20, "the old paid session to be stopped")
    view.plays(60)
    wait_until(lambda: len(open_sessions(twin)) == 1, 20, "the new one alone to be open")
    leave(view, twin)
