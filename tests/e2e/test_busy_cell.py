"""While a cell runs the avatar goes on, and the page's own controls work at once."""

from __future__ import annotations

import pytest

from tests.support.behaviour import goes_on_while_a_cell_runs

from .conftest import CELL, LONG, Open

BUSY = "n = 0\nwhile True:\n    n += 1"


@pytest.mark.alone
def test_it_goes_on_while_a_cell_runs(open_notebook: Open) -> None:
    """With the machine to itself, so that frames and milliseconds count."""
    notebook = open_notebook([CELL, f"speech = avatar.speak({LONG!r})", BUSY])
    notebook.run(0)
    view = notebook.view()
    view.plays()
    goes_on_while_a_cell_runs(notebook, view, least_fps=20, silent_ms=300, soon_s=5)


def test_what_is_shown_in_a_busy_cell_comes_up_while_it_runs(open_notebook: Open) -> None:
    show = "from ipyavatar import Avatar\navatar = Avatar(quality='low')\ndisplay(avatar)\n"
    notebook = open_notebook([show + BUSY])
    notebook.start(0)
    view = notebook.view()
    view.plays()
    view.say("Hello from a busy kernel.")
    view.has_sounded(0.3)
    assert not notebook.is_done(0)
    notebook.command("notebook:interrupt-kernel")
    notebook.page.wait_for_function("() => window.__done[0]", timeout=15_000)
