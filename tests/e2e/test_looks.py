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


BESIDE = """(() => {
    const line = root.querySelector(".ipyavatar-line");
    const [dot, words] = line.children;
    const range = document.createRange();
    range.selectNodeContents(words);
    const ends = [...range.getClientRects()].map(r => r.right);
    return dot.getBoundingClientRect().left - Math.max(...ends);
})()"""
"""How far the words of the status line end before their dot."""

TEN_WORDS = "A line of ten words that takes two of them"


def test_on_paper_there_is_the_picture_with_its_caption_and_nothing_to_press(
    open_notebook: Open,
) -> None:
    """The last one after the end, too, undimmed."""
    notebook = open_notebook([CELL, f"avatar.speak({LONG!r})", "avatar.stop().wait(5)"], own=True)
    notebook.run(0)
    view = notebook.view()
    view.plays()
    notebook.run(1)
    view.caption_comes("lighthouse")
    SHOTS.mkdir(parents=True, exist_ok=True)
    for name in ("speaking", "stopped"):
        notebook.page.emulate_media(media="print")
        view.page.screenshot(path=SHOTS / f"print-{name}.png")
        buttons = view.root.locator("button, input, .ipyavatar-lamp, .ipyavatar-status")
        assert not any(button.is_visible() for button in buttons.all())
        assert bool(view.caption()) == (name == "speaking")
        poster = view.root.locator(".ipyavatar-poster")
        assert poster.is_hidden() or poster.get_attribute("data-stage") == "picture"
        notebook.page.emulate_media(media="screen")
        if name == "speaking":
            notebook.run(2)
            view.shows("[Ss]topped")
            view.until("!root.querySelector('canvas').hidden", "the last picture")


def test_in_a_page_from_right_to_left_and_in_narrow_cells_all_stands_where_it_belongs(
    open_notebook: Open,
) -> None:
    """Long words of the other direction stand beside their dot, and the numbers in their cell."""
    notebook = open_notebook([CELL], own=True)
    notebook.run(0)
    view = notebook.view()
    view.plays()
    view.js("root.parentElement.dir = 'rtl'")
    for width in (300, 180):
        view.js(f"root.parentElement.style.width = '{width}px'")
        view.js(f"root.querySelector('.ipyavatar-words').textContent = {TEN_WORDS!r}")
        assert 0 < view.js(BESIDE) < 20, width
        view.until("!root.querySelector('.ipyavatar-numbers').hidden", "numbers")
        inside = (
            "(() => { const [box, card] = ['.ipyavatar-numbers', '.ipyavatar-card']"
            ".map(name => root.querySelector(name).getBoundingClientRect());"
            " return box.left >= card.left && box.right <= card.right; })()"
        )
        assert view.js(inside), width
