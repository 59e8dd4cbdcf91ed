"""Pictures of the widget in JupyterLab for people to look at, and what a machine sees in them."""

from __future__ import annotations

import pathlib

import pytest

from tests.support.page_avatar import View

from .conftest import CELL, LONG, Open

SHOTS = pathlib.Path(__file__).parents[2] / "shots" / "lab"


def shoot(view: View, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    view.page.wait_for_timeout(300)  # transitions end
    view.page.screenshot(path=SHOTS / f"{name}.png")


def check_layout(view: View) -> None:
    """Nothing sticks out of the widget or its cell, and no two controls lie on each other."""
    assert view.js("__probe.crowded(root)") == []


@pytest.mark.parametrize(
    ("theme", "width"),
    [("JupyterLab Light", 1100), ("JupyterLab Dark", 1100), ("JupyterLab Dark", 480)],
    ids=["light", "dark", "narrow"],
)
def test_the_widget_in_its_states(
    open_notebook: Open, theme: str, width: int, request: pytest.FixtureRequest
) -> None:
    kind = request.node.callspec.id
    notebook = open_notebook(
        [CELL, f"avatar.speak({LONG!r})", "avatar.stop().wait(5)"],
        own=True,
        viewport={"width": width, "height": 800},
    )
    notebook.page.evaluate(
        "async theme => { await jupyterapp.commands.execute('apputils:change-theme', {theme});"
        " if (innerWidth < 800) jupyterapp.shell.collapseLeft(); }",
        theme,
    )
    notebook.run(0)
    view = notebook.view()
    view.plays()
    view.shows("Ready|Live")
    shoot(view, f"{kind}-live")
    check_layout(view)

    notebook.run(1)
    view.caption_comes("lighthouse")
    shoot(view, f"{kind}-speaking")
    view.root.locator(".ipyavatar-stage").hover()
    shoot(view, f"{kind}-controls")
    check_layout(view)
    view.root.locator(".ipyavatar-line").hover()
    shoot(view, f"{kind}-numbers")

    notebook.run(2)
    view.shows("[Ss]topped")
    shoot(view, f"{kind}-stopped")
    check_layout(view)

    notebook.page.evaluate(
        "async () => { await jupyterapp.shell.currentWidget.context.sessionContext.shutdown(); }"
    )
    view.button("Start the avatar").click()
    view.shows("kernel", 20)
    shoot(view, f"{kind}-no-kernel")
    check_layout(view)
