"""Where nothing passes between browser and kernel but what a real TURN server relays."""

from __future__ import annotations

import json
import pathlib

import pytest

from tests.support.lab import Server
from tests.support.turn_server import turn_server

from .conftest import Open

RELAY_ONLY = r"""
const Native = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Native {
  constructor(configuration) {
    super({ ...configuration, iceTransportPolicy: "relay" });
  }
  setRemoteDescription({ type, sdp }) {
    const relayed = sdp.replace(/^a=candidate:(?!.* typ relay).*\r\n/gm, "");
    return super.setRemoteDescription({ type, sdp: relayed });
  }
};
"""
"""Neither side has another address than that of its relay."""


SPEAK = "speech = avatar.speak('Can you hear me, although there is a firewall between us?')"


def cell(path: pathlib.Path, *servers: object) -> str:
    """An avatar with these servers, which the cell reads: a notebook must not hold a password."""
    path.write_text(json.dumps(servers))
    return (
        "import os, pathlib\nfrom ipyavatar import Avatar\n"
        f"os.environ['IPYAVATAR_ICE_SERVERS'] = pathlib.Path({str(path)!r}).read_text()\n"
        "avatar = Avatar(quality='low', transport='webrtc')\navatar"
    )


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_picture_and_sound_come_through_a_turn_server(
    open_notebook: Open, tmp_path: pathlib.Path, transport: str
) -> None:
    """By a relay on either side, and the numbers say so."""
    with turn_server(transport) as server:
        servers = cell(tmp_path / "servers.json", server.entry(transport))
        notebook = open_notebook([servers, SPEAK], script=RELAY_ONLY)
        notebook.run(0)
        view = notebook.view()
        view.plays()
        notebook.run(1)
        view.is_audible()
        notebook.becomes("avatar.stats.get('local_candidate')", "relay")
        notebook.becomes("avatar.stats.get('remote_candidate')", "relay")
        notebook.becomes("avatar.stats.get('relay_protocol')", transport)


def test_no_password_stands_in_the_notebook_or_the_page(
    open_notebook: Open, lab: Server, tmp_path: pathlib.Path
) -> None:
    """Not in what is saved, widgets included; not in a trait; not in what the page shows."""
    with turn_server("udp") as server, lab.widgets_saved():
        servers = cell(tmp_path / "servers.json", server.entry("udp"))
        notebook = open_notebook([servers], script=RELAY_ONLY, own=True)
        notebook.run(0)
        view = notebook.view()
        view.plays()
        saved = (lab.notebooks / notebook.save()).read_text()
        traits = notebook.value("[avatar, avatar.get_state(), avatar.session, avatar.notices]")
        shown = json.dumps(view.state()) + notebook.page.content() + "".join(notebook.console)
    assert "ipyavatar" in saved
    assert "IPY_MODEL" in saved or "widget-state" in saved
    for secret in (server.username, server.credential):
        assert secret not in saved
        assert secret not in traits
        assert secret not in shown


def test_a_wrong_password_is_said_with_what_to_do(
    open_notebook: Open, tmp_path: pathlib.Path
) -> None:
    """In the widget and to Python, in seconds."""
    with turn_server("udp", "tcp") as server:
        wrong = [server.entry(one, credential="wr0ng") for one in ("udp", "tcp")]
        notebook = open_notebook([cell(tmp_path / "servers.json", *wrong)], script=RELAY_ONLY)
        notebook.run(0)
        view = notebook.view()
        view.shows("TURN server does not accept", 15)
        assert "IPYAVATAR_ICE_SERVERS" in view.panel()
        notebook.becomes("avatar.playback", "failed")
        notebook.becomes("'TURN' in avatar.error.get('what', '')", "True")
        assert server.logged("credentials are incorrect") > 0


def test_a_turn_server_that_is_not_needed_is_not_asked(
    open_notebook: Open, tmp_path: pathlib.Path
) -> None:
    """Where page and kernel reach each other directly, nothing of theirs passes through it."""
    with turn_server("udp") as server:
        notebook = open_notebook([cell(tmp_path / "servers.json", server.entry("udp"))])
        notebook.run(0)
        view = notebook.view()
        view.plays()
        view.until("root.__ipyavatar.state().measured !== null", "numbers")
        assert view.state()["measured"]["localCandidate"] != "relay"
        assert view.state()["connection"]["attempts"] == 1
        assert server.logged("session") == 0
