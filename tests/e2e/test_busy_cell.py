"""While a cell runs the avatar goes on, and the page's own controls work at once."""

from __future__ import annotations

import pytest

from .conftest import CELL, LONG, Open

BUSY = {
    "sleep": "import time\nwhile True:\n    time.sleep(60)",
    "python": "n = 0\nwhile True:\n    n += 1",
}


@pytest.mark.alone
@pytest.mark.parametrize("kind", BUSY)
def test_it_goes_on_while_a_cell_runs(open_notebook: Open, kind: str) -> None:
    notebook = open_notebook([CELL, f"speech = avatar.speak({LONG!r})", BUSY[kind]])
    notebook.run(0)
    view = notebook.view()
    view.plays()
    notebook.run(1)
    view.is_audible()
    notebook.start(2)
    notebook.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel"
        ".status === 'busy'"
    )
    fps = view.best_fps(20)
    assert fps >= 20, f"{fps:.1f} frames a second while a cell runs"
    view.sounds(3)

    view.press("Interrupt")
    silent_ms = view.silent_after_ms()
    assert silent_ms < 300, f"silent {silent_ms:.0f} ms after the click"
    view.shows("Ready|Live", 3)

    view.say("This was typed while the cell is running.")
    view.caption_comes("typed", 5)
    view.is_audible(5)
    view.press("Mute")
    view.until("!__probe.audible(root)", "the sound to be off", 2)

    assert not notebook.is_done(2), "the cell should still be running"
    notebook.command("notebook:interrupt-kernel")
    notebook.page.wait_for_function("() => window.__done[2]", timeout=15_000)
    assert notebook.value("(speech.state, avatar.muted)") == "('interrupted', True)"
    assert notebook.value("avatar.transcript[-1]['text']") == (
        "This was typed while the cell is running."
    )


def test_what_is_shown_in_a_busy_cell_comes_up_while_it_runs(open_notebook: Open) -> None:
    show = "from ipyavatar import Avatar\navatar = Avatar(quality='low')\ndisplay(avatar)\n"
    notebook = open_notebook([show + BUSY["python"]])
    notebook.start(0)
    view = notebook.view()
    view.plays()
    view.say("Hello from a busy kernel.")
    view.is_audible()
    assert not notebook.is_done(0)
    notebook.command("notebook:interrupt-kernel")
    notebook.page.wait_for_function("() => window.__done[0]", timeout=15_000)
