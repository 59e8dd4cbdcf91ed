"""The user talks to the avatar: what the microphone hears reaches the recognizer, by either way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Playwright

from tests.support import microphone
from tests.support.lab import Notebook, launch
from tests.support.page_avatar import View

from .conftest import Open

QUESTION = "Tell me something about the number seven."
PAUSE_S = 2.4
"""The question comes again after this: within the answer, which it cuts off."""

CELL = """
import numpy as np
from ipyavatar import Avatar
heard = []
def recognizer(samples):
    heard.append(samples)
    return "Tell me something about seven."
def tutor(text):
    return "Seven is a prime number. " + "It is three and four, and much more could be said. " * 5
avatar = Avatar(quality="low", responder=tutor, transport={transport!r})
listening = avatar.listen(recognizer, push_to_talk={push_to_talk})
avatar
"""
BUSY = """
import time
end = time.monotonic() + 60
while not heard and time.monotonic() < end:
    time.sleep(0.01)
len(heard)
"""
"""A cell that ends once something was heard: it is, while a cell runs."""

ASKED = """
window.__asked = 0;
const devices = navigator.mediaDevices;
if (devices) {
  const ask = devices.getUserMedia.bind(devices);
  devices.getUserMedia = (wanted) => { window.__asked += 1; return ask(wanted); };
}
"""

PACKETS_SENT = """(async () => {
  let sent = 0;
  for (const row of (await root.__ipyavatar.pc()?.getStats() ?? new Map()).values())
    if (row.type === "outbound-rtp") sent += row.packetsSent;
  return sent;
})()"""


@pytest.fixture(scope="module")
def question() -> np.ndarray:
    return microphone.spoken(QUESTION)


@pytest.fixture(scope="module")
def wav(tmp_path_factory: pytest.TempPathFactory, question: np.ndarray) -> Path:
    pause = np.zeros(int(PAUSE_S * microphone.RATE), np.float32)
    path = tmp_path_factory.mktemp("microphone") / "question.wav"
    return microphone.write_wav(path, np.concatenate([question, pause]))


@pytest.fixture(scope="module")
def speaking_browser(playwright: Playwright, wav: Path) -> Iterator[Browser]:
    """Its microphone hears the question again and again."""
    browser = launch(playwright, flags=microphone.flags(wav))
    yield browser
    browser.close()


def microphone_is(view: View, state: str) -> None:
    view.until(
        "root.querySelector('.ipyavatar-microphone')?.dataset.microphone === arg",
        f"a microphone that is {state}",
        arg=state,
    )


def lamp_is_lit(view: View) -> bool:
    return bool(view.js("!root.querySelector('.ipyavatar-lamp').hidden"))


def shown_view(notebook: Notebook) -> View:
    notebook.run(0)
    view = notebook.view()
    view.plays()
    microphone_is(view, "off")
    return view


@pytest.mark.parametrize("transport", ["webrtc", "messages"])
def test_what_is_asked_aloud_is_heard_answered_and_interrupts(
    open_notebook: Open,
    speaking_browser: Browser,
    question: np.ndarray,
    transport: str,
    tmp_path: Path,
) -> None:
    cell = CELL.format(transport=transport, push_to_talk=False)
    notebook = open_notebook([cell, BUSY], other=speaking_browser, script=ASKED)
    view = shown_view(notebook)
    assert view.js("root.__ipyavatar.kind()") == {"webrtc": "host"}.get(transport, transport)
    # Nothing is asked of the browser, and nothing heard, before the user has pressed the button.
    assert view.js("window.__asked") == 0
    assert view.js(PACKETS_SENT) == 0
    assert not lamp_is_lit(view)
    assert notebook.value("(listening.state, heard)") == "('waiting', [])"

    view.root.locator(".ipyavatar-microphone").click()
    microphone_is(view, "on")
    assert lamp_is_lit(view)
    assert notebook.run(1) == "1"
    notebook.value(f"np.save({str(tmp_path / 'heard.npy')!r}, heard[0])")
    assert microphone.likeness(np.load(tmp_path / "heard.npy"), 16_000, question) > 0.7

    view.caption_comes("prime number")
    view.has_sounded(0.5)
    interrupted = "any(one['state'] == 'interrupted' for one in avatar.transcript)"
    notebook.becomes(interrupted, "True", 40)
    assert "Tell me something about seven." in view.root.locator(".ipyavatar-heard").inner_text()

    view.root.locator(".ipyavatar-microphone").click()
    microphone_is(view, "off")
    assert not lamp_is_lit(view)
    assert view.js("window.__asked") == 1
    notebook.becomes("listening.state", "waiting")

    view.root.locator(".ipyavatar-microphone").click()
    microphone_is(view, "on")
    notebook.value("listening.stop()")
    microphone_is(view, "off")
    assert not lamp_is_lit(view)
    assert not view.root.locator(".ipyavatar-microphone").is_visible()


def test_a_browser_that_refuses_is_told_of_in_the_page_and_in_python(
    open_notebook: Open, playwright: Playwright, wav: Path
) -> None:
    browser = launch(playwright, flags=microphone.flags(wav, allowed=False))
    try:
        cell = CELL.format(transport="auto", push_to_talk=True)
        notebook = open_notebook([cell], other=browser, script=ASKED)
        view = shown_view(notebook)
        button = view.root.locator(".ipyavatar-microphone")
        assert "Space" in button.get_attribute("aria-label")
        button.focus()
        view.page.keyboard.down("Space")
        microphone_is(view, "failed")
        view.page.keyboard.up("Space")
        words = view.root.locator(".ipyavatar-hearing").inner_text()
        assert "not allowed to use the microphone" in words
        assert "beside the page's address" in words
        assert not lamp_is_lit(view)
        notebook.becomes("'not allowed' in ' '.join(avatar.notices)", "True")
        assert notebook.value("heard") == "[]"
    finally:
        browser.close()
