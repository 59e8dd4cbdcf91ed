"""Pages that cannot play, or may not, or cannot reach us: a message with what to do, at once."""

from __future__ import annotations

import time

from tests.support.patience import patient

from .conftest import CELL, Open

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
    assert shown < patient(5000)
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


def test_blocked_udp_is_said_within_8_seconds(open_notebook: Open) -> None:
    notebook = open_notebook([ONLY_WEBRTC, SPEAK], script=NO_UDP)
    notebook.run(0)
    view = notebook.view()
    view.until("root.__ipyavatar.state().connection.stream.phase === 'connecting'", "an answer")
    answered = time.monotonic()
    view.shows("UDP", 15)
    assert time.monotonic() - answered < patient(8.5)
    assert "Let UDP through" in view.panel()
    notebook.becomes("avatar.playback", "failed")
    notebook.becomes("'UDP' in avatar.error.get('what', '')", "True")
    assert notebook.run(1, 30) == "said\n"  # nothing hangs
    view.button("Retry").click()
    view.until("root.__ipyavatar.state().connection.stream.phase === 'connecting'", "another try")
