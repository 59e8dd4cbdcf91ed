"""What happens to an avatar that nobody sees, or that two tabs show."""

from __future__ import annotations

from tests.support.lab import Notebook, Server
from tests.support.page_avatar import View

from .conftest import CELL, LONG, Open

TALL = "for number in range(150):\n    print(number)"
SPEAK = f"speech = avatar.speak({LONG!r})"

PICTURES = "avatar.stats['pictures']"
"""Pictures that the host has sent; it tells once a second while something is said."""


def pictures_stand_still(notebook: Notebook) -> None:
    """Wait until no more are drawn."""
    for _ in range(10):
        before = notebook.value(PICTURES)
        notebook.page.wait_for_timeout(2_500)
        if notebook.value(PICTURES) == before:
            return
    raise AssertionError("pictures are drawn for nobody")


def test_scrolled_away_it_follows_while_it_speaks_and_closed_it_goes_on_unseen(
    open_notebook: Open,
) -> None:
    """Closed, nothing is drawn and the voice goes on; back in sight, the cell has the picture."""
    notebook = open_notebook([CELL, TALL, SPEAK])
    notebook.run(0)
    notebook.view().plays()
    notebook.run(1)
    notebook.run(2)  # which scrolls to it
    float_ = notebook.page.locator(".ipyavatar-float")
    float_.wait_for()
    view = notebook.view()
    view.is_audible()
    box, window = float_.bounding_box(), notebook.page.viewport_size
    assert box is not None
    assert window is not None
    assert window["width"] - 60 < box["x"] + box["width"] <= window["width"]
    assert window["height"] - 60 < box["y"] + box["height"] <= window["height"]
    moves = "v => new Promise(done => v.requestVideoFrameCallback(() => done(1)))"
    assert float_.locator("video").evaluate(moves) == 1
    notebook.becomes("avatar.playback", "playing")
    notebook.page.mouse.move(box["x"] + 60, box["y"] + 60)
    notebook.page.mouse.down()
    notebook.page.mouse.move(box["x"] - 140, box["y"] - 40)
    notebook.page.mouse.up()
    moved = float_.bounding_box()
    assert moved is not None
    assert abs(moved["x"] - (box["x"] - 200)) < 3
    assert abs(moved["y"] - (box["y"] - 100)) < 3

    float_.get_by_role("button", name="Close", exact=True).focus()
    notebook.page.keyboard.press("Escape")
    assert float_.count() == 0
    notebook.becomes("avatar.playback", "paused")
    pictures_stand_still(notebook)
    view.is_audible()
    assert notebook.value("speech.state") == "speaking"

    view.root.scroll_into_view_if_needed()
    view.plays()
    notebook.becomes("avatar.playback", "playing")
    assert float_.count() == 0


HIDDEN = ("opacity: 0", "visibility: hidden", "display: none", "height: 0; overflow: hidden")
"""How pages hide a part of them: the last is how outputs and panels fold."""


def test_where_its_page_hides_it_nothing_is_drawn_and_the_voice_goes_on(
    open_notebook: Open,
) -> None:
    """In whatever way that is done, at the view or around it; and shown again, it is drawn."""
    still = CELL.replace("quality='low'", "quality='low', floating=False")
    notebook = open_notebook([still, SPEAK])
    notebook.run(0)
    view = notebook.view()
    view.plays()
    notebook.run(1)
    for number, style in enumerate(HIDDEN):
        around = "root.closest('.jp-OutputArea')" if number % 2 else "root.parentElement"
        view.js(f"{around}.style.cssText = {style!r}")
        notebook.becomes("avatar.playback", "paused")
        view.is_audible()
        if number == 0:
            pictures_stand_still(notebook)
        view.js(f"{around}.style.cssText = ''")
        notebook.becomes("avatar.playback", "playing")
    view.plays()


def sounding(view: View, on: bool) -> None:
    """Wait until its page lets the stream out of its speakers, or does not."""
    audible = "root.__ipyavatar.audio.muted === false"
    view.until(audible if on else f"!({audible})", "sound" if on else "no sound")


def test_of_two_tabs_one_sounds_and_mute_is_of_the_page(open_notebook: Open, lab: Server) -> None:
    """The one that is used, the other one when that is closed."""
    notebook = open_notebook([CELL, SPEAK], own=True)
    notebook.run(0)
    view = notebook.view()
    view.plays()
    name = notebook.save()
    other = Notebook(notebook.page.context.new_page(), lab, name)
    second = other.view()
    second.plays(60)
    sounding(second, on=True)
    sounding(view, on=False)
    view.press("Captions")
    sounding(view, on=True)
    sounding(second, on=False)
    view.press("Mute")
    notebook.becomes("avatar.muted", "True")
    second.press("Captions")
    sounding(second, on=True)
    assert second.state()["muted"] is False
    notebook.value("setattr(avatar, 'muted', True)")
    sounding(second, on=False)
    notebook.value("setattr(avatar, 'muted', False)")
    other.page.close()
    sounding(view, on=True)


def test_after_the_session_the_last_picture_stays(open_notebook: Open) -> None:
    """Also while it is started again."""
    notebook = open_notebook([CELL, "avatar.stop().wait(20)"])
    notebook.run(0)
    view = notebook.view()
    view.plays()
    notebook.run(1)
    view.shows("stopped")
    brightness = (
        "(() => { const c = root.querySelector('canvas'); if (c.hidden) return 0;"
        " const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
        " let sum = 0; for (let i = 0; i < d.length; i += 401) sum += d[i];"
        " return sum / (d.length / 401); })()"
    )
    assert view.js(brightness) > 40, "it is no black picture"
    view.root.locator(".ipyavatar-start").click()
    view.plays()
    view.until("root.querySelector('canvas').hidden", "the live picture")
