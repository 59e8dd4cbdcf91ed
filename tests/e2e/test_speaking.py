"""The main job: a face appears in the cell's output, and says what it is told."""

from __future__ import annotations

import pathlib

import nbformat

from tests.support.lab import CELL as LAB_CELL
from tests.support.lab import Server
from tests.support.page_avatar import MOVES_FPS

from .conftest import CELL, LONG, Open

QUICKSTART = pathlib.Path(__file__).parents[2] / "notebooks" / "01_quickstart.ipynb"


def test_the_quickstart_runs(open_notebook: Open, lab: Server) -> None:
    notebook = open_notebook(name=lab.copy(QUICKSTART))
    cells = nbformat.read(QUICKSTART, as_version=4).cells
    code = [i for i, cell in enumerate(cells) if cell.cell_type == "code"]
    notebook.run(code[0])
    view = notebook.view()
    view.plays()
    notebook.select(code[1])
    notebook.command("notebook:run-all-below")
    view.has_captioned("live in this notebook cell")
    view.is_audible()
    # Frames are painted, lips move and captions run while the kernel adds up numbers.
    view.has_captioned("your kernel is busy", 40)
    assert view.best_fps(MOVES_FPS) >= MOVES_FPS
    view.has_captioned("cket", 40)
    leo = notebook.view(1)
    leo.plays(40)
    leo.has_captioned("quite at home", 40)
    leo.is_audible()
    view.shows("[Ss]topped", 40)
    notebook.page.wait_for_function(
        f"i => {LAB_CELL}.model.executionCount !== null", arg=code[-1], timeout=40_000
    )
    outputs = "".join(notebook.output(i) for i in code)
    assert "Traceback" not in outputs
    assert "('interrupted', 'said')" in outputs
    assert "('ended', 'ended')" in outputs


SHOW = "from ipyavatar import Avatar\navatar = Avatar(quality='low')\ndisplay(avatar)\n"


ONE_CELL = "It is shown while the cell is running, and waiting for the end of this."


def test_showing_and_waiting_in_one_cell_works(open_notebook: Open) -> None:
    # The page's offer is answered while the cell waits: it comes on a subshell of the kernel.
    notebook = open_notebook([SHOW + f"print(avatar.speak({ONE_CELL!r}).wait(60).state)"])
    notebook.start(0)
    view = notebook.view()
    view.plays()
    view.caption_comes("cell|waiting")
    assert notebook.wait(0).endswith("said\n")
    view.has_sounded(1.0)


def test_awaiting_works_and_speeches_queue_in_order(open_notebook: Open) -> None:
    cell = (
        "one, two = avatar.speak('The first one.'), avatar.speak('The second one.')\n"
        "print(two.state, (await two).state, one.state, one.finished_at <= two.first_audio_at)"
    )
    notebook = open_notebook([SHOW + cell])
    notebook.start(0)
    view = notebook.view()
    view.has_captioned("The first one")
    view.has_captioned("The second one")
    assert notebook.wait(0).endswith("queued said said True\n")


def test_what_cuts_in_is_said_at_once(open_notebook: Open) -> None:
    notebook = open_notebook(
        [
            CELL,
            f"long, next_one = avatar.speak({LONG!r}), avatar.speak('Never said.')",
            "urgent = avatar.speak('Excuse me.', interrupt=True).wait(10)",
        ]
    )
    notebook.run(0)
    view = notebook.view()
    notebook.run(1)
    view.is_audible()
    notebook.start(2)
    view.has_captioned("Excuse me")
    notebook.wait(2)
    assert notebook.value("(long.state, next_one.state)") == "('interrupted', 'interrupted')"


def test_mixed_up_text_is_read_and_empty_text_is_said(open_notebook: Open) -> None:
    cells = [
        CELL,
        "print(avatar.speak(' \\x00 ').wait(1).state)",
        "print(avatar.speak('At 3:30 pm, **bold** 😀 see https://example.org').wait(20).state)",
    ]
    notebook = open_notebook(cells)
    notebook.run(0)
    assert notebook.run(1) == "said\n"
    notebook.view().plays()
    assert notebook.run(2) == "said\n"
