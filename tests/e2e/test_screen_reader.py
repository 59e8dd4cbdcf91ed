"""What somebody hears who cannot see the page: one voice at a time."""

from __future__ import annotations

from typing import Any

from tests.support.lab import Notebook
from tests.support.page_avatar import View

from .conftest import CELL, Open

SENTENCES = ["First comes this.", "Then comes that.", "And this is the end."]
SPEAK = f"avatar.speak({' '.join(SENTENCES)!r}).wait(30)"


def opened(open_notebook: Open, *cells: str) -> tuple[Notebook, View]:
    notebook = open_notebook([CELL, *cells])
    notebook.run(0)
    view = notebook.view()
    view.plays()
    view.shows("Ready|Live")
    view.js("__probe.listenToReader(root) && 1")
    return notebook, view


def said(view: View) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = view.js("root.__said")
    return found


def test_while_the_avatar_is_heard_nothing_of_its_text_is_read(open_notebook: Open) -> None:
    notebook, view = opened(open_notebook, SPEAK, "avatar.stop().wait(10)")
    notebook.start(1)
    view.is_audible()
    notebook.wait(1)
    notebook.run(2)
    view.shows("[Ss]topped")
    told = [one["text"] for one in said(view)]
    assert not any(sentence in text for text in told for sentence in SENTENCES), told
    assert "Speaking" not in told, told
    assert any("topped" in text for text in told), f"the end is not told: {told}"


def test_where_the_sound_is_off_it_is_read_sentence_by_sentence(open_notebook: Open) -> None:
    notebook, view = opened(open_notebook, "avatar.muted = True", SPEAK)
    notebook.run(1)
    view.until("root.__ipyavatar.state().muted", "the mute")
    notebook.run(2)
    view.shows("Ready|Live")
    told = [one for one in said(view) if one["text"] in SENTENCES]
    assert [one["text"] for one in told] == SENTENCES
    assert not any(one["heard"] for one in told)
    spread_ms = told[-1]["at"] - told[0]["at"]
    assert spread_ms > 1000, f"all at once, within {spread_ms:.0f} ms"


def test_two_views_of_one_avatar_are_read_once(open_notebook: Open) -> None:
    notebook, first = opened(open_notebook, "avatar.muted = True\navatar", SPEAK)
    notebook.run(1)
    second = notebook.view(1)
    second.plays()
    second.js("__probe.listenToReader(root) && 1")
    notebook.run(2)
    first.shows("Ready|Live")
    assert [one["text"] for one in said(first) if one["text"] in SENTENCES] == SENTENCES
    assert said(second) == []


def test_escape_interrupts_from_wherever_the_focus_is(open_notebook: Open) -> None:
    notebook, view = opened(open_notebook, SPEAK.removesuffix(".wait(30)"))
    for place in (view.field, view.button("Mute"), view.button("Interrupt")):
        notebook.run(1)
        view.is_audible()
        place.focus()
        notebook.page.keyboard.press("Escape")
        notebook.becomes("avatar.transcript[-1]['state']", "interrupted")
        view.is_quiet()
    assert notebook.page.evaluate("jupyterapp.shell.currentWidget.content.mode") is not None
