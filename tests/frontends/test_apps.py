"""Solara, Panel and Shiny: one process for all visitors, each with an avatar of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.support.front_ends import (
    BIN,
    App,
    find_command,
    lies_well,
    obeys_its_page,
    paid_at,
    running,
    shoot,
    visit,
)
from tests.support.sdk import TwinProcess, open_sessions, wait_until

ANYWIDGET = BIN.parent / "share" / "jupyter" / "nbextensions" / "anywidget" / "index.js"
MAKE = """
import os
from ipyavatar import Avatar

def make():
    paid = Avatar("heygen", quality="low", base_url=os.environ["TWIN_URL"])
    paid.start()
    return Avatar(quality="low"), paid
"""
SOLARA = """
import solara

@solara.component
def Page():
    avatar, paid = solara.use_memo(make, [])
    clicks, count = solara.use_state(0)
    def say():
        count(clicks + 1)  # draws all anew
        avatar.speak("Said by a button of this page.")
    solara.Button("Say", on_click=say)
    solara.display(avatar)
"""
PANEL = """
import panel as pn
pn.extension("ipywidgets")
avatar, paid = make()
button = pn.widgets.Button(name="Say")
button.on_click(lambda _: avatar.speak("Said by a button of this page."))
pn.Column(button, avatar).servable()
"""
SHINY = """
from shiny import App, reactive, ui
from shinywidgets import output_widget, render_widget

app_ui = ui.page_fluid(ui.input_action_button("say", "Say"), output_widget("face", height="500px"))

def server(input, output, session):
    @render_widget
    def face():
        avatar, face.paid = make()
        return avatar

    @reactive.effect
    @reactive.event(input.say)
    def _():
        face.widget.speak("Said by a button of this page.")

app = App(app_ui, server)
"""


@dataclass(frozen=True)
class Case:
    """A front end, its app, and how it is run."""

    command: str
    arguments: tuple[str, ...]
    code: str
    path: str = "/"


CASES = {
    "solara": Case(
        "solara", ("run", "app.py", "--port={port}", "--no-open", "--production"), SOLARA
    ),
    "panel": Case("panel", ("serve", "app.py", "--port={port}"), PANEL, "/app"),
    "shiny": Case("shiny", ("run", "app.py", "--port={port}"), SHINY),
}


@pytest.fixture(scope="module", params=CASES)
def app(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    twin_server: TwinProcess,
) -> Iterator[App]:
    case = CASES[request.param]
    root = tmp_path_factory.mktemp(request.param)
    (root / "app.py").write_text(MAKE + case.code)
    command = [find_command(case.command), *case.arguments]
    with running(App(root, command, case.path, paid_at(twin_server))) as app:
        yield app


def serve_cdn(page: Page) -> None:
    """What would come from a CDN comes from here, or not at all."""

    def fulfil(route: Route) -> None:
        if "anywidget" in route.request.url:
            headers = {"Access-Control-Allow-Origin": "*"}
            route.fulfill(path=ANYWIDGET, content_type="text/javascript", headers=headers)
        else:
            route.abort()

    page.route(re.compile("^https://"), fulfil)


def test_each_visitor_has_an_avatar_that_goes_when_they_go(
    browser: Browser, app: App, twin: TwinProcess, request: pytest.FixtureRequest
) -> None:
    """The second is not disturbed by the first, who leaves; paid sessions are stopped."""
    first, other = visit(browser, app, serve_cdn), visit(browser, app, serve_cdn)
    for view in (first, other):
        view.plays(60)
        view.page.get_by_text("Say", exact=True).click()
        view.caption_comes("button")
        view.has_sounded(0.5)
    lies_well(first)
    shoot(first, request.node.callspec.params["app"])
    wait_until(lambda: len(open_sessions(twin)) == 2, 30, "two paid sessions to be open")
    first.page.close(run_before_unload=True)
    wait_until(lambda: len(open_sessions(twin)) == 1, 60, "the first visitor's to be stopped")
    obeys_its_page(other)
    other.page.close(run_before_unload=True)
    wait_until(lambda: open_sessions(twin) == [], 60, "the other visitor's to be stopped")
    assert "Traceback" not in app.log(), app.log()[-3000:]
