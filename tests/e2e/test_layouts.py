"""The avatar in the boxes of ipywidgets: it takes the room that is left, and a face needs some."""

from __future__ import annotations

import pathlib
from typing import Any

from tests.support.lab import Notebook
from tests.support.page_avatar import View

from .conftest import Open

SHOTS = pathlib.Path(__file__).parents[2] / "shots" / "layouts"
MAKE = (
    "import ipywidgets as w\n"
    "from ipyavatar import Avatar\n"
    "avatar = Avatar(quality='low')\n"
    "slider = w.IntSlider(description='Rate')\n"
    "text = w.Textarea('Notes')\n"
)
LEAST = 240
MOST = 720
BOXES = {
    "HBox": "w.HBox([avatar, slider])",
    "HBox, last": "w.HBox([slider, avatar])",
    "HBox of two avatars": "w.HBox([avatar, Avatar(quality='low', character='leo')])",
    "HBox of many": "w.HBox([avatar, *(w.Button(description=str(n)) for n in range(6))])",
    "HBox beside a wide table": (
        "w.HBox([avatar, w.HTML('<div style=\"width:1500px\">wide</div>')])"
    ),
    "VBox in HBox": "w.HBox([w.VBox([avatar, slider]), text])",
    "VBox, centred": "w.VBox([avatar, slider], layout=w.Layout(align_items='center'))",
    "GridBox, auto columns": (
        "w.GridBox([avatar, slider], layout=w.Layout(grid_template_columns='auto auto'))"
    ),
    "GridBox, equal columns": (
        "w.GridBox([avatar, slider], layout=w.Layout(grid_template_columns='repeat(2, 1fr)'))"
    ),
    "AppLayout": "w.AppLayout(left_sidebar=avatar, center=text)",
    "Tab": "w.Tab([avatar, slider], titles=['Avatar', 'More'])",
    "Accordion": "w.Accordion([avatar], titles=['Avatar'], selected_index=0)",
    "Output": "out = w.Output()\nwith out:\n    display(avatar)\nw.HBox([out, slider])",
}
SHAPE = """(() => {
  const box = root.querySelector('.ipyavatar-card').getBoundingClientRect();
  const place = root.parentElement.getBoundingClientRect();
  const cell = root.closest('.jp-OutputArea-output').getBoundingClientRect();
  const stage = root.querySelector('.ipyavatar-stage').getBoundingClientRect();
  return {
    width: box.width, left: box.left - cell.left, over: box.right - place.right,
    ratio: stage.width / stage.height, cell: cell.width,
  };
})()"""


def shape(view: View) -> dict[str, float]:
    """Where it is, once it is somewhere."""
    view.until("root.querySelector('.ipyavatar-card').getClientRects().length > 0", "the card")
    found: dict[str, Any] = view.js(SHAPE)
    return found


def shoot(view: View, name: str) -> None:
    """For people to look at; test_looks.py does so in both themes, whose change costs seconds."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    cell = view.root.locator("xpath=ancestor::*[contains(@class,'jp-OutputArea-output')]").last
    cell.screenshot(path=SHOTS / f"{name}.png".replace(", ", "-").replace(" ", "-"))


def open_wide(open_notebook: Open, *cells: str) -> Notebook:
    """A notebook in a page of its own, without JupyterLab's sidebar."""
    notebook = open_notebook(cells, own=True)
    notebook.page.evaluate("() => jupyterapp.shell.collapseLeft()")
    return notebook


def test_it_takes_the_room_that_is_left_and_plays(open_notebook: Open) -> None:
    """In each box, one after the other in the same cell."""
    notebook = open_wide(open_notebook, "")
    for box, code in BOXES.items():
        notebook.replace(0, MAKE + code)
        notebook.run(0)
        view = notebook.view()
        view.plays()
        at = shape(view)
        assert LEAST <= at["width"] <= MOST, (box, at)
        assert at["over"] <= 1, f"{box}: it sticks out of its place: {at}"
        assert abs(at["ratio"] - 16 / 9) < 0.02, (box, at)
        shoot(view, box)


def test_the_other_widgets_keep_their_width(open_notebook: Open) -> None:
    notebook = open_notebook([MAKE + "w.HBox([avatar, slider])", "slider"])
    notebook.run(0)
    notebook.run(1)
    view = notebook.view()
    widths = "[...document.querySelectorAll('.jp-Notebook .widget-slider')].map(e => e.clientWidth)"
    view.until(f"{widths}.length === 2", "two sliders")
    beside, alone = view.js(widths)
    assert beside == alone


def test_a_closed_accordion_opens_on_a_playing_avatar(open_notebook: Open) -> None:
    notebook = open_notebook(
        [
            MAKE + "box = w.Accordion([avatar], titles=['Avatar'])\nbox",
            "box.selected_index = 0",
            "box.selected_index = None",
        ]
    )
    notebook.run(0)
    for _ in range(2):
        notebook.run(1)
        view = notebook.view()
        view.plays()
        assert shape(view)["width"] > LEAST
        notebook.run(2)


def test_in_a_narrow_panel_nothing_sticks_out_or_overlaps(open_notebook: Open) -> None:
    notebook = open_wide(
        open_notebook,
        MAKE + "box = w.VBox([avatar])\nbox",
        "avatar.speak('Incomprehensibilities are said at length in a narrow panel.')",
    )
    notebook.run(0)
    view = notebook.view()
    view.plays()
    for width in (320, 240, 200, 150):
        notebook.value(f"setattr(box.layout, 'width', '{width}px')")
        view.until("root.getBoundingClientRect().width <= arg", "the width", arg=width)
        at = shape(view)
        assert at["over"] <= 1, (width, at)
        notebook.run(1)
        view.caption_comes("narrow")
        view.root.locator(".ipyavatar-stage").hover()
        assert view.js("__probe.crowded(root)") == [], width
        shoot(view, f"panel {width}")
        notebook.value("avatar.interrupt()")
        view.is_quiet()


def test_width_and_the_layout_of_the_user_are_kept(open_notebook: Open) -> None:
    notebook = open_wide(
        open_notebook,
        MAKE + "avatar",
        "avatar.width = 400",
        "avatar.width = 5000",
        "avatar.width = 0\navatar.layout.width = '50%'",
        "avatar.layout = w.Layout(width='300px')\nw.HBox([avatar, slider])",
    )
    notebook.run(0)
    view = notebook.view()
    width = "Math.round(root.querySelector('.ipyavatar-card').getBoundingClientRect().width)"
    room = "root.parentElement.getBoundingClientRect().width"
    view.until(f"{width} === 720", "720 pixels, as there is room")
    notebook.run(1)
    view.until(f"{width} === 400", "the width that was set")
    notebook.run(2)
    view.until(f"{width} > 720 && {width} <= {room} + 1", "all the room, and not more")
    notebook.run(3)
    cell = "root.closest('.jp-OutputArea-output').getBoundingClientRect().width"
    view.until(f"Math.abs({width} - {cell} / 2) < 8", "half the cell")
    notebook.run(4)
    beside = notebook.view(1)
    beside.until(f"Math.abs({width} - 300) < 8", "the layout's width, in a row")
