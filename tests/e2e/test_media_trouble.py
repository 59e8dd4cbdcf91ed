"""Pages that cannot play, or may not, or cannot reach us: a message with what to do, at once."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright

from tests.support.lab import launch

from .conftest import CELL, LONG, Open

ONLY_WEBRTC = CELL.replace("quality='low'", "quality='low', transport='webrtc'")
"""Without it widget messages would take over; see test_messages.py."""

SPEAK = "print(avatar.speak('Does anybody hear me?').wait(30).state)"


def test_a_page_without_webrtc_says_so_at_once(open_notebook: Open) -> None:
    notebook = open_notebook([ONLY_WEBRTC, SPEAK], script="delete window.RTCPeerConnection;")
    notebook.start(0)
    view = notebook.view()
    view.shows("no WebRTC", 10)
    shown = notebook.page.evaluate("performance.now() - window.__ran")
    assert "Use a current Chrome" in view.panel()
    assert shown < 5000
    notebook.wait(0)
    notebook.becomes("avatar.playback", "failed")
    notebook.becomes("'WebRTC' in avatar.error.get('what', '')", "True")
    assert notebook.run(1, 30) == "said\n"  # nothing hangs


# The page is told a port where nobody listens, so its packets come to nothing. The host only
# answers packets, since the page's offer holds no addresses.
NO_UDP = r"""
const set = RTCPeerConnection.prototype.setRemoteDescription;
RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
  const nowhere = sdp.replace(/^(a=candidate:\S+ 1 udp \d+) \S+ \d+/gim, "$1 127.0.0.1 9");
  return set.call(this, { type, sdp: nowhere });
};
"""


@pytest.mark.alone
def test_blocked_udp_is_said_within_8_seconds(open_notebook: Open) -> None:
    notebook = open_notebook([ONLY_WEBRTC, SPEAK], script=NO_UDP)
    notebook.run(0)
    view = notebook.view()
    view.until("root.__ipyavatar.state().connection.stream.phase === 'connecting'", "an answer")
    answered = time.monotonic()
    view.shows("UDP", 15)
    assert time.monotonic() - answered < 8.5
    assert "Let UDP through" in view.panel()
    notebook.becomes("avatar.playback", "failed")
    assert "UDP" in notebook.value("avatar.error['what']")
    assert notebook.run(1, 30) == "said\n"  # nothing hangs
    view.button("Retry").click()
    view.until("root.__ipyavatar.state().connection.stream.phase === 'connecting'", "another try")


class Quietly:
    """Looks into a page without giving it a user's gesture, as Playwright's own calls do."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._session = page.context.new_cdp_session(page)

    def js(self, expression: str) -> Any:
        answer = self._session.send(
            "Runtime.evaluate",
            {"expression": expression, "awaitPromise": True, "returnByValue": True},
        )
        return answer["result"].get("value")

    def until(self, expression: str, timeout: float = 60.0) -> None:
        deadline = time.monotonic() + timeout
        while not self.js(f"Boolean({expression})"):
            assert time.monotonic() < deadline, f"not within {timeout} s: {expression}"
            time.sleep(0.05)


def test_refused_sound_waits_for_a_click(open_notebook: Open, playwright: Playwright) -> None:
    browser = launch(playwright, autoplay=False)
    notebook = open_notebook([CELL, f"speech = avatar.speak({LONG!r})"], other=browser)
    notebook.run(0)
    view = notebook.view()
    view.plays()
    notebook.save()
    # Who runs a cell has clicked; a tab that is loaded anew plays with no click at all.
    quietly = Quietly(notebook.page)
    notebook.page.reload(wait_until="commit")
    root = "document.querySelector('.jp-Notebook .ipyavatar-root')"
    quietly.until(f"{root}?.__ipyavatar?.state().playing")
    quietly.until(f"{root}.querySelector('video').currentTime > 0")
    quietly.until(f"!{root}.querySelector('.ipyavatar-unlock').hidden")
    assert quietly.js("navigator.userActivation.hasBeenActive") is False
    assert quietly.js(f"__probe.audible({root})") is False
    kernel = "window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel"
    quietly.until(f"{kernel}?.status === 'idle'")
    playback = quietly.js(
        f"{kernel}.requestExecute({{code: {json.dumps(f'speech = avatar.speak({LONG!r})')},"
        " user_expressions: {value: 'avatar.playback'}}).done"
        ".then(r => r.content.user_expressions.value.data['text/plain'])"
    )
    assert playback == "'sound-blocked'"
    quietly.until(f"{root}.__ipyavatar.state().sounding !== null")

    view.button("Click for sound").click()
    view.is_audible()
    view.until("root.querySelector('.ipyavatar-unlock').hidden", "the button to go")
    notebook.becomes("avatar.playback", "playing")
    browser.close()
