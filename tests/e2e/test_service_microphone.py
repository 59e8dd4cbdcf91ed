"""The user talks to a service's avatar: its own recognition hears the page's microphone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Playwright

from tests.support import microphone
from tests.support.lab import Notebook, Server, launch
from tests.support.page_avatar import View
from tests.support.sdk import KEY, TwinProcess, open_sessions, twin_process, wait_until

from .conftest import Open

SAID = "What is a derivative?"
"""What the twin takes for what was said: it hears that somebody speaks, and no more."""

AVATARS = {
    "heygen": "'heygen', quality='low'",
    "liveavatar": "'liveavatar', quality='low', avatar_id='64b1f0c2a1b2c3d4e5f60718', lite=False, "
    "context_id='c', push_to_talk=True",
}
CELL = """
import os
from ipyavatar import Avatar
os.environ.update(HEYGEN_API_KEY={key!r}, LIVEAVATAR_API_KEY={key!r})
avatar = Avatar({avatar}, base_url={url!r})
listening = avatar.listen()
avatar
"""
LONG = "This goes on for long. " * 30
PAUSE_S = 1.6
"""Between one question and the next: longer than a pause that belongs to a sentence."""


@pytest.fixture(scope="module")
def twin() -> Iterator[TwinProcess]:
    with twin_process("--hears", SAID, "--responder", "json:dumps") as process:
        yield process


@pytest.fixture(scope="module")
def speaking_browser(
    playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    pause = np.zeros(int(PAUSE_S * microphone.RATE), np.float32)
    question = np.concatenate([microphone.spoken(SAID), pause])
    wav = microphone.write_wav(tmp_path_factory.mktemp("microphone") / "question.wav", question)
    browser = launch(playwright, flags=microphone.flags(wav))
    yield browser
    browser.close()


def shown(
    open_notebook: Open, twin: TwinProcess, browser: Browser, name: str
) -> tuple[Notebook, View]:
    cell = CELL.format(key=KEY, avatar=AVATARS[name], url=twin.url)
    notebook = open_notebook([cell], other=browser)
    notebook.run(0)
    view = notebook.view()
    view.plays()
    view.until("root.querySelector('.ipyavatar-microphone')", "the microphone's button")
    return notebook, view


def is_lit(view: View) -> bool:
    return bool(view.js("!root.querySelector('.ipyavatar-lamp').hidden"))


def test_what_is_said_to_heygen_is_heard_and_answered_and_silences_the_avatar(
    open_notebook: Open, twin: TwinProcess, speaking_browser: Browser, lab: Server
) -> None:
    """Nothing is sent before the button is pressed; what is understood is told as with our own."""
    notebook, view = shown(open_notebook, twin, speaking_browser, "heygen")
    assert not is_lit(view)
    assert notebook.value("(listening.state, listening.texts)") == "('waiting', [])"
    notebook.value(f"(speech := avatar.speak({LONG!r}))")
    view.is_audible()

    view.root.locator(".ipyavatar-microphone").click()
    notebook.becomes("listening.texts[:1]", repr([SAID]), 30)
    assert is_lit(view)
    assert notebook.value("speech.done") == "True"
    assert SAID in view.root.locator(".ipyavatar-heard").inner_text()
    heard = "[(one['text'], one['state']) for one in avatar.transcript if one.get('role')][:1]"
    notebook.becomes(heard, repr([(SAID, "heard")]))
    view.caption_comes(SAID)  # the responder of the twin repeats it

    view.root.locator(".ipyavatar-microphone").click()
    notebook.becomes("listening.state", "waiting")
    assert not is_lit(view)
    notebook.value("avatar.stop().wait(20)")
    calls = [one["call"] for one in twin.state()["calls"]]
    assert calls.count("start_listening") == calls.count("stop_listening") == 1
    wait_until(lambda: not open_sessions(twin), 10, "every session to be stopped")


def test_a_button_that_is_held_is_heard_by_liveavatar(
    open_notebook: Open, twin: TwinProcess, speaking_browser: Browser, lab: Server
) -> None:
    """Twice: held again it is heard again, over the connection that is there."""
    notebook, view = shown(open_notebook, twin, speaking_browser, "liveavatar")
    button = view.root.locator(".ipyavatar-microphone")
    notebook.value(f"(speech := avatar.speak({LONG!r}))")
    view.is_audible()
    for number in (1, 2):
        button.focus()
        view.page.keyboard.down("Space")
        notebook.becomes("listening.state", "hearing", 30)
        assert is_lit(view)
        view.page.keyboard.up("Space")
        notebook.becomes(f"listening.texts[{number - 1}:{number}]", repr([SAID]), 30)
        assert not is_lit(view)
    assert notebook.value("(speech.state, [*avatar.notices])") == "('interrupted', [])"
    notebook.value("avatar.stop().wait(20)")
    wait_until(lambda: not open_sessions(twin), 10, "every session to be stopped")
