"""What the traits promise of the page, and the page of the traits; full screen."""

from __future__ import annotations

import pathlib

from .conftest import CELL, LONG, Open

SHOTS = pathlib.Path(__file__).parents[2] / "shots" / "lab"
TALK = f"first, second = avatar.speak({LONG!r}), avatar.speak('Then this is said.')"


def test_full_screen_shows_picture_captions_and_controls_alone(open_notebook: Open) -> None:
    notebook = open_notebook([CELL, TALK])
    notebook.run(0)
    view = notebook.view()
    view.plays()
    notebook.run(1)
    view.press("Full screen")
    view.until(
        "document.fullscreenElement === root.querySelector('.ipyavatar-stage')", "full screen"
    )
    view.caption_comes("lighthouse|story")
    video = "root.querySelector('video').getBoundingClientRect()"
    view.until(f"{video}.width >= innerWidth && {video}.height >= innerHeight", "a large picture")
    assert view.js("getComputedStyle(root.querySelector('video')).objectFit") == "contain"
    size = "parseFloat(getComputedStyle(root.querySelector('.ipyavatar-captions')).fontSize)"
    assert view.js(size) >= 18, "captions grow with the picture"
    SHOTS.mkdir(parents=True, exist_ok=True)
    view.page.screenshot(path=SHOTS / "full-screen.png")
    view.press("Interrupt")
    notebook.becomes("first.state", "interrupted")
    view.press("Leave full screen")
    view.until("document.fullscreenElement === null", "the page again")
    view.until("root.querySelector('[aria-label=\"Full screen\"]')", "the button's name")
    view.plays()


def test_badge_and_captions_follow_python_and_the_page(open_notebook: Open) -> None:
    notebook = open_notebook(
        [
            CELL.replace("quality='low'", "quality='low', badge=False, captions_on=False"),
            TALK,
            "avatar.badge = True\navatar.captions_on = True",
            "avatar.badge = False",
        ]
    )
    notebook.run(0)
    view = notebook.view()
    view.plays()
    badge = view.root.locator(".ipyavatar-badge")
    captions = view.button("Captions")
    assert not badge.is_visible()
    assert captions.get_attribute("aria-pressed") == "false"
    notebook.run(1)
    view.is_audible()
    view.shows("Speaking")
    assert view.caption() == ""
    notebook.run(2)
    view.caption_comes("[a-z]")
    assert badge.is_visible()
    view.press("Captions")
    view.until("root.querySelector('.ipyavatar-captions').textContent === ''", "no captions")
    notebook.becomes("avatar.captions_on", "False")
    notebook.run(3)
    view.until("root.querySelector('.ipyavatar-badge').hidden", "no badge")


def test_what_is_set_in_the_page_arrives_in_the_traits(open_notebook: Open) -> None:
    notebook = open_notebook([CELL, "seen = []\navatar.observe(lambda c: seen.append(c.name))"])
    notebook.run(0)
    notebook.run(1)
    view = notebook.view()
    view.plays()
    slider = view.root.locator(".ipyavatar-volume")
    slider.fill("0.3")
    notebook.becomes("(avatar.volume, avatar.muted)", "(0.3, False)")
    slider.fill("0")
    notebook.becomes("(avatar.volume, avatar.muted)", "(0.0, True)")
    view.press("Unmute")
    notebook.becomes("(avatar.volume, avatar.muted)", "(0.5, False)")
    view.press("Mute")
    notebook.becomes("(avatar.volume, avatar.muted)", "(0.5, True)")
    notebook.becomes("{'volume', 'muted'} <= set(seen)", "True")
    assert view.js("[root.__ipyavatar.audio.muted, root.__ipyavatar.audio.volume]") == [True, 0.5]


def test_a_value_that_means_nothing_is_refused(open_notebook: Open) -> None:
    values = ["width='50%'", "width=-1", "volume=2", "badge='x'"]
    attempt = "try:\n    avatar.{}\nexcept Exception as error:\n    print(str(error))"
    notebook = open_notebook([CELL, *map(attempt.format, values)])
    notebook.run(0)
    for number, value in enumerate(values, 1):
        name = value.split("=", maxsplit=1)[0]
        before = notebook.value(f"avatar.{name}")
        assert name in notebook.run(number)
        assert notebook.value(f"avatar.{name}") == before
    notebook.view().plays()


def test_one_speech_is_interrupted_and_the_next_is_said(open_notebook: Open) -> None:
    notebook = open_notebook([CELL, TALK, "first.interrupt()", "second.wait(30)", TALK])
    notebook.run(0)
    view = notebook.view()
    view.plays()
    notebook.run(1)
    view.is_audible()
    notebook.run(2)
    view.has_captioned("Then")
    notebook.run(3)
    assert notebook.value("(first.state, second.state)") == "('interrupted', 'said')"
    notebook.run(4)
    view.is_audible()
    notebook.value("second.interrupt() and None")
    notebook.becomes("second.state", "interrupted")
    assert notebook.value("first.state") == "speaking"
    view.sounds()
