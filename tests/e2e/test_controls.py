"""Interrupt, stop, start: from Python and from the page, with the mouse and with keys."""

from __future__ import annotations

import re

import pytest

from tests.support.patience import patient

from .conftest import CELL, LONG, Open

TALK = f"speech, queued = avatar.speak({LONG!r}), avatar.speak('Not said.')"


def test_interrupt_from_python_silences_and_drops_the_queue(open_notebook: Open) -> None:
    notebook = open_notebook([CELL, TALK, "avatar.interrupt()"])
    notebook.run(0)
    view = notebook.view()
    view.plays()
    notebook.run(1)
    view.is_audible()
    notebook.run(2)
    view.is_quiet(3)
    assert view.caption() == ""
    notebook.becomes("(speech.state, queued.state)", "('interrupted', 'interrupted')")
    view.shows("Ready|Live")


@pytest.mark.alone
def test_interrupt_in_the_page_silences_at_once(open_notebook: Open) -> None:
    notebook = open_notebook([CELL, TALK])
    notebook.run(0)
    view = notebook.view()
    view.plays()
    notebook.run(1)
    view.is_audible()
    view.press("Interrupt")
    assert view.silent_after_ms() < patient(300)
    notebook.becomes("(speech.state, queued.state)", "('interrupted', 'interrupted')")


def test_stop_and_start_from_python(open_notebook: Open) -> None:
    stop = (
        "avatar.stop().wait(5); avatar.stop().wait(5)\n"
        "try:\n    avatar.speak('Hello')\nexcept Exception as error:\n"
        "    print(type(error).__name__, error)"
    )
    notebook = open_notebook([CELL, TALK, stop, "avatar.start().wait(10)\nprint(avatar.status)"])
    notebook.run(0)
    view = notebook.view()
    view.plays()
    notebook.run(1)
    view.sounds()
    refused = notebook.run(2)
    assert refused.startswith("SessionClosed The avatar was stopped.")
    assert "start()" in refused
    assert notebook.value("(avatar.status, speech.state, queued.state)") == str(
        ("ended", "interrupted", "interrupted")
    )
    view.is_quiet()
    view.shows("[Ss]topped")
    assert notebook.run(3) == "live\n"
    view.plays()
    notebook.run(1)
    view.is_audible()


def test_stop_and_start_in_the_page(open_notebook: Open) -> None:
    notebook = open_notebook([CELL, TALK])
    notebook.run(0)
    view = notebook.view()
    view.plays()
    view.press("Stop the session")
    view.shows("[Ss]topped")
    notebook.becomes("avatar.status", "ended")
    view.button("Start the avatar").click()
    view.plays()
    notebook.becomes("avatar.status", "live")
    notebook.run(1)
    view.is_audible()


def test_mute_and_volume_go_both_ways(open_notebook: Open) -> None:
    notebook = open_notebook([CELL, TALK, "avatar.muted = False\navatar.volume = 0.25"])
    notebook.run(0)
    view = notebook.view()
    view.plays()
    notebook.run(1)
    view.is_audible()
    view.press("Mute")
    view.until("!__probe.audible(root)", "the sound to be off")
    notebook.becomes("avatar.muted", "True")
    notebook.run(2)
    view.is_audible()
    view.until("root.querySelector('.ipyavatar-volume').valueAsNumber === 0.25", "the volume")


def test_everything_is_reached_and_pressed_with_keys(open_notebook: Open) -> None:
    notebook = open_notebook([CELL, TALK])
    notebook.run(0)
    view = notebook.view()
    view.plays()
    notebook.run(1)
    view.is_audible()
    keyboard = notebook.page.keyboard
    cells = notebook.page.locator(".jp-Notebook .jp-Cell").count()

    names, since = [], 0.0
    focused = "document.activeElement"
    view.button("Stop the session").focus()
    for _ in range(12):
        names.append(view.js(f"{focused}.ariaLabel ?? {focused}.className"))
        if names[-1] == "Interrupt":
            keyboard.press("Space")
            view.is_quiet()
        if names[-1] == "Captions":
            keyboard.press("Enter")
            view.until("root.__ipyavatar.state().captionsOn === false", "captions off")
            keyboard.press("Space")
            view.until("root.__ipyavatar.state().captionsOn === true", "captions on")
        if str(names[-1]).startswith("Tell Ava"):
            since = view.now()
            # These letters delete cells and change their kind where shortcuts get through.
            keyboard.type("a b dd m Hello from the keys, and not all at once")
            keyboard.press("Enter")
            break
        keyboard.press("Tab")
    assert names[:4] == ["Stop the session", "Interrupt", "Mute", "Volume"]
    assert "Captions" in names
    view.has_captioned("keys")
    view.has_sounded(0.3, since=since)
    assert notebook.page.locator(".jp-Notebook .jp-Cell").count() == cells
    assert notebook.page.locator(".jp-Notebook .jp-CodeCell").count() == cells
    assert view.js("document.activeElement === root.querySelector('.ipyavatar-field')")


def test_a_screen_reader_finds_names_and_roles(open_notebook: Open) -> None:
    notebook = open_notebook()
    notebook.run(0)
    view = notebook.view()
    view.plays()
    tree = view.root.aria_snapshot()
    for line in (
        r'region "Avatar Ava"',
        r'group "Avatar controls"',
        r'button "Stop the session"',
        r'button "Interrupt" \[disabled\]',
        r'button "Mute"',
        r'slider "Volume"',
        r'button "Captions" \[pressed\]',
        r'textbox "Tell Ava what to say"',
        r'button "Send"',
        r"status: ",
        r"- log",
    ):
        assert re.search(line, tree), f"no {line} in\n{tree}"
    unnamed = view.js(
        "[...root.querySelectorAll('button, input')]"
        ".filter(e => !e.hidden && !(e.ariaLabel || e.textContent.trim())).map(e => e.className)"
    )
    assert unnamed == []


def test_what_was_said_is_saved_from_the_page(open_notebook: Open) -> None:
    """As text and as captions, by the browser's own menu; where nothing was, that is told."""
    notebook = open_notebook([CELL, "avatar.speak('Bread & wine.').wait(60)"])
    notebook.run(0)
    view = notebook.view()
    view.plays()
    menu = view.root.get_by_label("Save what was said")
    view.root.hover()
    menu.select_option("txt")
    view.shows("Nothing was said yet")
    notebook.run(1)
    saved = {}
    for kind in ("txt", "vtt"):
        with view.page.expect_download() as download:
            view.root.hover()
            menu.select_option(kind)
        assert download.value.suggested_filename == f"transcript.{kind}"
        saved[kind] = download.value.path().read_text(encoding="utf-8")
    assert saved["txt"].strip() == "Bread & wine."
    assert saved["vtt"].startswith("WEBVTT")
    assert "Bread &amp; wine." in saved["vtt"]
