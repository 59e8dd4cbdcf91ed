"""An avatar whose output is cleared, moved, deleted, put aside or opened again while it speaks."""

from __future__ import annotations

from tests.support.lab import Notebook

from .conftest import CELL, LONG, Open

AVATAR, SPEAK, SHOW, ASK = range(4)
CELLS = [
    CELL,
    f"speech = avatar.speak({LONG!r})",
    "avatar",
    "asked = avatar.speak('Who is there?')",
]


def sounding(notebook: Notebook) -> bool:
    """Whether the page lets anything out of its speakers."""
    playing = "__probe.audios.some(a => a.srcObject && !a.paused && !a.muted)"
    return bool(notebook.page.evaluate(playing))


def nobody_hears(notebook: Notebook) -> None:
    """Nothing sounds in the page; what is said is said to nobody, and the speech tells."""
    notebook.page.wait_for_function("() => __probe.audios.every(a => a.paused)")
    notebook.value("avatar.interrupt()")
    notebook.run(ASK)
    notebook.becomes("asked.state", "said")
    assert notebook.value("(asked.heard, asked.reason)") == (
        "('', 'Nobody was watching: no page showed the avatar.')"
    )


def speaks(notebook: Notebook) -> None:
    """It is seen and heard."""
    notebook.view().plays()
    notebook.run(SPEAK)
    notebook.view().is_audible()


def test_what_takes_its_view_away_silences_it_and_it_comes_back(open_notebook: Open) -> None:
    """Cleared, moved and deleted; the user is told once that nobody hears."""
    notebook = open_notebook(CELLS)
    notebook.run(AVATAR)
    speaks(notebook)
    notebook.select(AVATAR)
    notebook.command("notebook:clear-cell-output")
    nobody_hears(notebook)
    assert notebook.value("len(avatar.notices)") == "1"

    notebook.run(SHOW)
    speaks(notebook)
    notebook.select(SHOW)
    notebook.command("notebook:move-cell-down")
    notebook.page.wait_for_function(
        "() => jupyterapp.shell.currentWidget.content.activeCellIndex === 3"
    )
    notebook.view().plays()
    notebook.view().is_audible()
    assert notebook.value("speech.state") == "speaking"

    notebook.command("notebook:delete-cell")
    notebook.page.wait_for_function("() => !document.querySelector('.jp-Notebook .ipyavatar-root')")
    notebook.page.wait_for_function("() => __probe.audios.every(a => a.paused)")
    notebook.command("notebook:undo-cell-action")
    notebook.view().plays()
    notebook.view().is_audible()
    assert notebook.value("speech.state") == "speaking"


def test_a_notebook_behind_another_floats_and_closed_and_opened_it_goes_on(
    open_notebook: Open,
) -> None:
    """Behind another tab it is heard and seen in the corner; closed, nobody hears."""
    notebook = open_notebook(CELLS, own=True)
    notebook.run(AVATAR)
    speaks(notebook)
    page = notebook.page
    page.evaluate("() => jupyterapp.commands.execute('launcher:create').then(() => 1)")
    page.locator(".ipyavatar-float").wait_for()
    assert sounding(notebook)
    page.evaluate(
        "() => { const all = [...jupyterapp.shell.widgets('main')];"
        " jupyterapp.shell.activateById(all.find(one => one.context).id); }"
    )
    page.locator(".ipyavatar-float").wait_for(state="detached")
    notebook.view().plays()

    path = notebook.save()
    page.evaluate("() => jupyterapp.shell.currentWidget.close()")
    page.wait_for_function("() => __probe.audios.every(a => a.paused)")
    page.evaluate(
        "path => jupyterapp.commands.execute('docmanager:open', {path}).then(() => 1)", path
    )
    notebook.wait_ready()
    speaks(notebook)
    assert len(notebook.server.hosts()) == 1


def test_an_output_cleared_in_mid_speech_was_heard_until_then(open_notebook: Open) -> None:
    """And Python is told, by the speech and once for the user."""
    text = "This much is heard by somebody. What follows, and it takes a while, is said to nobody."
    notebook = open_notebook([CELL, f"speech = avatar.speak({text!r})"])
    notebook.run(0)
    view = notebook.view()
    view.plays()
    notebook.run(1)
    view.caption_comes("somebody")
    view.has_sounded(0.5)
    notebook.select(0)
    notebook.command("notebook:clear-cell-output")
    notebook.becomes("speech.done", "True", 30)
    assert notebook.value("speech.state") == "said"
    assert "Only its beginning was heard" in notebook.value("speech.reason")
    assert "Only its beginning was heard" in notebook.value("avatar.notices[-1]")
    heard = notebook.value("speech.heard")
    assert heard
    assert text.startswith(heard)
    assert heard != text
