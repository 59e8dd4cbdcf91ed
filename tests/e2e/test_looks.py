"""Pictures of the widget in JupyterLab for people to look at, and what a machine sees in them."""

from __future__ import annotations

import pathlib

from tests.support.page_avatar import View

from .conftest import CELL, LONG, VIEWPORT, Open

SHOTS = pathlib.Path(__file__).parents[2] / "shots" / "lab"


NARROW = {"width": 480, "height": 800}


def shoot(view: View, name: str) -> None:
    """One picture in each theme, and one in a narrow cell; each is looked over."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    for kind, theme, size in (
        ("light", "JupyterLab Light", VIEWPORT),
        ("dark", "JupyterLab Dark", VIEWPORT),
        ("narrow", "JupyterLab Dark", NARROW),
    ):
        view.page.set_viewport_size(size)
        view.page.evaluate(
            "theme => jupyterapp.commands.execute('apputils:change-theme', {theme}).then(() => 1)",
            theme,
        )
        view.page.wait_for_timeout(400)  # themes load, transitions end
        view.page.screenshot(path=SHOTS / f"{kind}-{name}.png")
        assert view.js("__probe.crowded(root)") == [], f"{name}, {kind}"


def test_the_widget_in_its_states(open_notebook: Open) -> None:
    notebook = open_notebook([CELL, f"avatar.speak({LONG!r})", "avatar.stop().wait(5)"], own=True)
    notebook.page.evaluate("() => jupyterapp.shell.collapseLeft()")
    notebook.run(0)
    view = notebook.view()
    view.plays()
    view.shows("Ready|Live")
    shoot(view, "live")

    notebook.run(1)
    view.caption_comes("lighthouse")
    shoot(view, "speaking")
    view.button("Mute").focus()
    shoot(view, "controls")
    view.root.locator(".ipyavatar-line").focus()
    shoot(view, "numbers")

    notebook.run(2)
    view.shows("[Ss]topped")
    shoot(view, "stopped")

    notebook.page.evaluate(
        "async () => { await jupyterapp.shell.currentWidget.context.sessionContext.shutdown(); }"
    )
    view.button("Start the avatar").click()
    view.shows("kernel", 20)
    shoot(view, "no-kernel")
