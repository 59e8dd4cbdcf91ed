"""Several avatars, cells that run again; for several views of one see test_carriers.py."""

from __future__ import annotations

from tests.support.page_avatar import MOVES_FPS

from .conftest import CELL, LONG, Open


def test_two_avatars_speak_at_once(open_notebook: Open) -> None:
    notebook = open_notebook(
        [
            CELL,
            "other = Avatar(quality='low', character='leo')\nother",
            f"speeches = [who.speak({LONG!r}) for who in (avatar, other)]",
            "avatar.interrupt()",
        ]
    )
    notebook.run(0)
    notebook.run(1)
    views = [notebook.view(0), notebook.view(1)]
    for view in views:
        view.plays()
    notebook.run(2)
    notebook.page.wait_for_function(
        "[...document.querySelectorAll('.jp-Notebook .ipyavatar-root')]"
        ".every(root => __probe.sounding(root, 300, 0.01) > 0.3)",
        timeout=20_000,
    )
    for view in views:
        view.shows("Speaking")
        view.caption_comes("lighthouse")
        assert view.best_fps(MOVES_FPS) >= MOVES_FPS
    assert notebook.page.evaluate("__probe.connected().length") == 2
    assert len(notebook.server.hosts()) == 1

    notebook.run(3)
    views[0].is_quiet()
    views[1].sounds()
    assert notebook.value("[s.state for s in speeches]") == "['interrupted', 'speaking']"


def test_running_the_cell_again_replaces_the_avatar(open_notebook: Open) -> None:
    keep = "try:\n    before = avatar\nexcept NameError:\n    before = None\n"
    notebook = open_notebook([keep + CELL, f"speech = avatar.speak({LONG!r})"])
    notebook.run(0)
    view = notebook.view()
    view.plays()
    notebook.run(1)
    view.sounds()
    notebook.run(0)
    view.plays()
    notebook.becomes("before.status", "ended")
    assert notebook.value("speech.state") == "interrupted"
    assert notebook.page.evaluate("__probe.connected().length") == 1
    notebook.run(1)
    view.is_audible()
    assert len(notebook.server.hosts()) == 1
